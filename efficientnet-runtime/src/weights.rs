//! Packed weights: batch norm folded in, in the panels that this processor's kernels read.

mod filter;
mod fold;
mod folded;
mod integers;
mod layer;
mod packed;

use std::collections::HashSet;
use std::ops::{Index, Range};
use std::path::Path;
use std::sync::Arc;

pub use filter::{Affine, NamedShape};
pub use folded::{FoldedFilter, folded};
pub use layer::Layer;
#[cfg(feature = "files")]
pub use packed::write_packed;
pub use packed::{PackedError, PackedFile, PackedHeader};

use filter::Reader;

use crate::checkpoint::{Checkpoint, CheckpointError, Expected, Padding, Selection};
use crate::kernels::{Isa, IsaError, MappedFile, Precision};
use crate::workspace::AlignedBuffer;

/// What weights have to be for one model.
#[derive(Clone, Copy, Debug)]
pub struct Network<'a> {
    /// Family and variant, such as `efficientnet-b0`.
    pub name: &'a str,
    /// What each kernel call's weights are packed from.
    pub layers: &'a [Layer<'a>],
    /// Layers that the model does not compute: a checkpoint may hold their tensors, in whatever
    /// shape, or not.
    pub unused: &'a [Layer<'a>],
    /// Padding, which the checkpoint's flavour has to match.
    pub padding: Padding,
    /// Batch-norm epsilon; the checkpoint's flavour decides if `None`.
    pub batch_norm_epsilon: Option<f64>,
}

impl Network<'_> {
    /// bfloat16, or int8, where any layer's weights are.
    fn precision(&self) -> Precision {
        let mut precisions = self.layers.iter().map(Layer::precision);
        let narrow = precisions.find(|&precision| precision != Precision::F32);
        narrow.unwrap_or(Precision::F32)
    }

    /// The tensors of all layers; needed are those of layers that are computed.
    fn expected(&self) -> Vec<Expected> {
        let expected = |layers: &[Layer<'_>], needed| -> Vec<_> {
            let tensors = layers.iter().flat_map(Layer::tensors);
            tensors
                .map(|(name, shape)| Expected {
                    name,
                    shape,
                    needed,
                })
                .collect()
        };
        let mut all = [expected(self.layers, true), expected(self.unused, false)].concat();
        // Several calls may need what the codes of one activation stand for.
        let mut known = HashSet::new();
        all.retain(|tensor| known.insert(tensor.name.clone()));
        all
    }

    /// Length of the logits, 0 without classifier.
    fn classes(&self) -> u64 {
        let dense = self.layers.iter().rev().find_map(Layer::classes);
        dense.unwrap_or_default() as u64
    }

    /// Channels of the input, which the first layer of weights reads.
    fn in_channels(&self) -> u64 {
        {
            let mut layers = self.layers.iter().map(Layer::in_channels);
            layers.find(|&channels| channels > 0).unwrap_or_default() as u64
        }
    }

    fn check_padding(&self, file: &str, selection: &Selection<'_>) -> Result<(), LoadError> {
        let flavour = selection.flavour();
        match flavour.padding() {
            Some(expected) if expected != self.padding => Err(LoadError::Padding {
                file: file.to_owned(),
                library: flavour.library(),
                expected,
                found: self.padding,
            }),
            _ => Ok(()),
        }
    }
}

impl<'a> Reader<'a> {
    fn new(
        network: &Network<'_>,
        checkpoint: &'a Checkpoint,
        options: &LoadOptions,
    ) -> Result<Self, LoadError> {
        let isa = options.isa()?;
        let selection = checkpoint.select(&network.expected())?;
        network.check_padding(checkpoint.file(), &selection)?;
        Ok(Self {
            isa,
            epsilon: options
                .batch_norm_epsilon
                .or(network.batch_norm_epsilon)
                .unwrap_or_else(|| checkpoint.batch_norm_epsilon(network.padding)),
            input: checkpoint.keras_input(options.keras_rescaling)?,
            selection,
        })
    }
}

/// What a caller may choose when weights are loaded.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadOptions {
    /// Batch-norm epsilon; the model's if `None`, and if it has none, that of the checkpoint's flavour.
    pub batch_norm_epsilon: Option<f64>,
    /// Instruction set; the best one that this processor has, or the one that the environment
    /// variable `EFFICIENTNET_ISA` names, if `None`.
    pub isa: Option<Isa>,
    /// Whether a Keras network divides its normalised input by the square root of ImageNet's standard
    /// deviations, as `weights="imagenet"` does; `None` reads it from the file.
    pub keras_rescaling: Option<bool>,
}

impl LoadOptions {
    /// The instruction set to pack for.
    fn isa(&self) -> Result<Isa, IsaError> {
        match self.isa {
            Some(isa) => Ok(isa),
            None => Isa::from_env_or_detect(),
        }
    }
}

/// Why weights could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read, or its tensors are not the model's.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A packed file cannot be used.
    #[error(transparent)]
    Packed(#[from] PackedError),
    /// The environment asks for an instruction set that is not there.
    #[error(transparent)]
    Isa(#[from] IsaError),
    /// The checkpoint was trained with another padding.
    #[error(
        "{file}: the checkpoint is of {library}, which pads `{}`, but the model pads `{}`: change the \
         model's `padding` to \"{}\"",
        expected.name(), found.name(), expected.name()
    )]
    Padding {
        /// The checkpoint.
        file: String,
        /// Whose names its tensors have.
        library: &'static str,
        /// Padding of that library's networks.
        expected: Padding,
        /// The model's.
        found: Padding,
    },
}

/// The weights of one kernel call.
#[derive(Clone, Debug)]
pub struct Packed {
    isa: Isa,
    precision: Precision,
    values: Values,
}

/// Packed floats.
#[derive(Clone, Debug)]
enum Values {
    Owned(AlignedBuffer),
    /// A part of a file, in bytes; its floats exist, which [`Values::mapped`] has checked.
    Mapped(Arc<MappedFile>, Range<usize>),
}

impl Values {
    /// `len` floats of a file, unless the range holds another number of them.
    fn mapped(file: &Arc<MappedFile>, range: Range<usize>, len: usize) -> Option<Self> {
        let fits = file.floats(range.clone())?.len() == len;
        fits.then(|| Self::Mapped(file.clone(), range))
    }
}

impl Packed {
    /// The instruction set that it is packed for.
    #[inline]
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// Precision of the weights; biases are f32.
    #[inline]
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The packed floats, of which those of bfloat16 weights hold two each.
    #[inline]
    pub fn values(&self) -> &[f32] {
        match &self.values {
            Values::Owned(values) => values,
            Values::Mapped(file, range) => file.floats(range.clone()).unwrap_or_default(),
        }
    }
}

/// The weights of one model, in the order of its calls.
#[derive(Clone, Debug)]
pub struct Weights {
    isa: Isa,
    /// Batch-norm epsilon that is folded in.
    epsilon: f64,
    layers: Vec<Packed>,
}

impl Weights {
    /// Reads a checkpoint and packs its weights, or maps a packed file.
    ///
    /// # Errors
    /// If the file cannot be read, or is not the network's: all differences together.
    pub fn load(
        network: &Network<'_>,
        path: impl AsRef<Path>,
        options: &LoadOptions,
    ) -> Result<Self, LoadError> {
        let path = path.as_ref();
        // What cannot be read is reported as a checkpoint that cannot.
        if PackedFile::detect(path).unwrap_or(false) {
            return Ok(PackedFile::open(path)?.weights(network, options, options.isa()?)?);
        }
        Self::pack(network, &Checkpoint::open(path)?, options)
    }

    /// Reads, folds and packs the weights of a checkpoint.
    ///
    /// # Errors
    /// All tensors that are missing, unexpected or misshapen, together; another padding.
    pub fn pack(
        network: &Network<'_>,
        checkpoint: &Checkpoint,
        options: &LoadOptions,
    ) -> Result<Self, LoadError> {
        let reader = Reader::new(network, checkpoint, options)?;
        let isa = reader.isa;
        let pack = |layer: &Layer<'_>| {
            let values = Values::Owned(layer.pack(&reader)?);
            Ok(Packed {
                isa,
                precision: layer.precision(),
                values,
            })
        };
        let layers = network.layers.iter().map(pack);
        let layers = layers.collect::<Result<_, CheckpointError>>()?;
        Ok(Self {
            isa,
            epsilon: reader.epsilon,
            layers,
        })
    }

    /// The instruction set that the weights are packed for, and that `forward` uses.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// The batch-norm epsilon that is folded into the weights.
    pub fn batch_norm_epsilon(&self) -> f64 {
        self.epsilon
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
