//! Packed weights: batch norm folded in, in the panels that this processor's kernels read.

mod fold;
mod layer;

use std::ops::Index;

pub use layer::{Affine, Expected, Layer};

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::kernels::{Isa, IsaError};
use crate::model::Padding;
use crate::workspace::AlignedBuffer;

/// What a caller may choose when weights are loaded.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadOptions {
    /// Batch-norm epsilon; what goes with the model's padding if `None`.
    pub batch_norm_epsilon: Option<f64>,
    /// Instruction set; the best one that this processor has, or the one that the environment
    /// variable `EFFICIENTNET_ISA` names, if `None`.
    pub isa: Option<Isa>,
}

/// Why weights could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read, or its tensors are not the model's.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The environment asks for an instruction set that is not there.
    #[error(transparent)]
    Isa(#[from] IsaError),
}

/// The weights of one kernel call.
#[derive(Clone, Debug)]
pub struct Packed {
    isa: Isa,
    values: AlignedBuffer,
}

impl Packed {
    /// The instruction set that it is packed for.
    #[inline]
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// The packed floats.
    #[inline]
    pub fn values(&self) -> &[f32] {
        &self.values
    }
}

/// The weights of one model, in the order of its calls.
#[derive(Clone, Debug)]
pub struct Weights {
    isa: Isa,
    layers: Vec<Packed>,
}

impl Weights {
    /// Reads, folds and packs the weights of `layers`.
    ///
    /// # Errors
    /// All tensors that are missing, unexpected or misshapen, together.
    pub fn pack(
        layers: &[Layer<'_>],
        checkpoint: &Checkpoint,
        padding: Padding,
        options: &LoadOptions,
    ) -> Result<Self, LoadError> {
        let isa = match options.isa {
            Some(isa) => isa,
            None => Isa::from_env_or_detect()?,
        };
        let epsilon = options
            .batch_norm_epsilon
            .unwrap_or(padding.batch_norm_epsilon());
        let expected: Vec<_> = layers.iter().flat_map(Layer::tensors).collect();
        checkpoint.check(&expected)?;
        let layers = layers
            .iter()
            .map(|layer| {
                Ok(Packed {
                    isa,
                    values: layer.pack(isa, epsilon, checkpoint)?,
                })
            })
            .collect::<Result<_, CheckpointError>>()?;
        Ok(Self { isa, layers })
    }

    /// The instruction set that the weights are packed for, and that `forward` uses.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// Size in memory, in bytes.
    pub fn bytes(&self) -> usize {
        self.layers
            .iter()
            .map(|layer| size_of_val(layer.values()))
            .sum()
    }
}

impl Index<usize> for Weights {
    type Output = Packed;

    #[inline]
    fn index(&self, index: usize) -> &Packed {
        &self.layers[index]
    }
}
