//! Whose names a checkpoint's tensors have, and what goes with them.

use crate::naming::{self, Naming};
use crate::network::{Parameter, Role, Site};
use crate::{Checkpoint, CheckpointError, InputTransform, Padding, TensorView, selection};

/// A library, by its naming convention of EfficientNet's tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// `conv_stem.weight`, `blocks.1.0.conv_pw.weight`.
    Timm,
    /// `features.0.0.weight`, `features.2.0.block.0.0.weight`.
    Torchvision,
    /// `_conv_stem.weight`, `_blocks.1._expand_conv.weight`: `efficientnet_pytorch`.
    Lukemelas,
    /// `efficientnet.embeddings.convolution.weight`: Hugging Face's transformers.
    Transformers,
    /// `stem_conv/kernel`, `block2a_expand_conv/kernel`, or `layers/conv2d_4/vars/0`.
    Keras,
}

/// Channels of a head from which on torchvision's epsilon is Keras's: B5's.
const TORCHVISION_B5_HEAD: usize = 2048;

impl Flavour {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Flavour::Timm,
        Flavour::Torchvision,
        Flavour::Lukemelas,
        Flavour::Transformers,
        Flavour::Keras,
    ];

    /// The library whose names these are.
    pub fn library(self) -> &'static str {
        match self {
            Flavour::Timm => "timm",
            Flavour::Torchvision => "torchvision",
            Flavour::Lukemelas => "efficientnet_pytorch (lukemelas)",
            Flavour::Transformers => "transformers (Hugging Face)",
            Flavour::Keras => "Keras",
        }
    }

    /// The padding of the library's networks; timm has both, of the same names.
    pub fn padding(self) -> Option<Padding> {
        match self {
            Flavour::Timm => None,
            Flavour::Torchvision => Some(Padding::Symmetric),
            Flavour::Lukemelas | Flavour::Transformers | Flavour::Keras => Some(Padding::Same),
        }
    }
}

impl Checkpoint {
    /// The library whose names most of the tensors have.
    pub fn flavour(&self) -> Option<Flavour> {
        naming::detect(&self.names().collect::<Vec<_>>())
    }

    pub(crate) fn naming(&self) -> Option<(Flavour, Naming)> {
        let names: Vec<_> = self.names().collect();
        let flavour = naming::detect(&names)?;
        Some((flavour, Naming::of(flavour, &names)))
    }

    /// Number of classes: rows of the classifier, if there is one.
    pub fn classes(&self) -> Option<usize> {
        self.extent(Role::Classifier, 0)
    }

    /// Channels of the input, which the stem reads.
    pub fn in_channels(&self) -> Option<usize> {
        self.extent(Role::Stem, 1)
    }

    /// One extent of a weight whose name does not depend on the network, by PyTorch's dimension. A
    /// tensor without elements has none: nothing in the file bounds its other extents.
    pub(crate) fn extent(&self, role: Role, dimension: usize) -> Option<usize> {
        let (_, naming) = self.naming()?;
        let tensor = self.tensor(&naming.tensor(&Site::fixed(role)))?;
        if tensor.count() == 0 {
            return None;
        }
        let axes = naming.axes(role, Parameter::Weight);
        let dimension = axes.map_or(dimension, |axes| axes[dimension]);
        tensor.shape().get(dimension).copied()
    }

    /// The batch-norm epsilon that the weights were trained with. The libraries' networks have 1e-3 as
    /// TensorFlow's do, but for torchvision's B0 to B4, which have PyTorch's 1e-5
    /// (torchvision/models/efficientnet.py: `norm_layer` of `efficientnet_b5` to `b7`); they are told
    /// apart by their heads' channels. Of timm's, both exist by the same names: the model's padding
    /// decides. A Keras network that says its epsilon has that one.
    pub fn batch_norm_epsilon(&self, padding: Padding) -> f64 {
        match self.flavour() {
            Some(Flavour::Torchvision) => {
                let large = self.torchvision_head() >= Some(TORCHVISION_B5_HEAD);
                let like = if large {
                    Padding::Same
                } else {
                    Padding::Symmetric
                };
                like.batch_norm_epsilon()
            }
            Some(Flavour::Keras) => self
                .keras_model()
                .and_then(|model| model.batch_norm_epsilon)
                .unwrap_or(Padding::Same.batch_norm_epsilon()),
            Some(Flavour::Lukemelas | Flavour::Transformers) => Padding::Same.batch_norm_epsilon(),
            Some(Flavour::Timm) | None => padding.batch_norm_epsilon(),
        }
    }

    /// Channels of the head of torchvision's names: of `features.{n}.1`, the batch norm of the last
    /// stage and of the first, which is the stem.
    fn torchvision_head(&self) -> Option<usize> {
        let stage = |name: &str| -> Option<usize> {
            let stage = name.strip_prefix("features.")?.strip_suffix(".1.weight")?;
            stage.parse().ok()
        };
        let norms = self.tensors().filter_map(|t| Some((stage(t.name())?, t)));
        let (_, last) = norms.max_by_key(|&(stage, _)| stage)?;
        last.shape().first().copied()
    }

    /// What a Keras network does with its input before the first convolution; `None` for other
    /// libraries. `second_rescaling` overrides whether there is a rescaling after the normalization. A
    /// network whose file has no normalization leaves the values as its rescaling makes them.
    ///
    /// # Errors
    /// If the file cannot be read, if a value is not finite or is a negative variance, or if a layer has
    /// neither one value nor one a channel.
    pub fn keras_input(
        &self,
        second_rescaling: Option<bool>,
    ) -> Result<Option<InputTransform>, CheckpointError> {
        let Some((Flavour::Keras, naming)) = self.naming() else {
            return Ok(None);
        };
        let channels = self.in_channels().unwrap_or_default();
        let statistic = |variable: &str, neutral: f32| {
            let is_it =
                |tensor: &TensorView<'_>| naming.normalization(tensor.name()) == Some(variable);
            match self.tensors().find(is_it) {
                Some(tensor) => selection::values(&tensor, variable == "variance"),
                None => Ok(vec![neutral; channels]),
            }
        };
        let (mean, variance) = (statistic("mean", 0.0)?, statistic("variance", 1.0)?);
        InputTransform::new(self.keras_model(), &mean, &variance, second_rescaling)
            .map(Some)
            .map_err(|error| CheckpointError::Keras {
                file: self.file.clone(),
                reason: error.to_string(),
            })
    }
}

#[cfg(test)]
mod tests;
