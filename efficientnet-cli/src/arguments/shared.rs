//! What several commands take.

use std::num::NonZeroUsize;

use clap::{Args, ValueEnum, ValueHint};
use efficientnet::spec::Resolution;

/// A spec and a variant of it.
#[derive(Args, Debug)]
pub(crate) struct Variant {
    /// Variant of a bundled spec (such as b0, lite0, v2_s) or of --spec.
    #[arg(value_hint = ValueHint::Other)]
    pub(crate) variant: String,
    /// YAML file, or name of a bundled spec [default: the one of these with the variant].
    #[arg(long, value_name = "SPEC", value_hint = ValueHint::FilePath)]
    pub(crate) spec: Option<String>,
}

/// How strided convolutions pad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Padding {
    /// Kernel / 2 on every side: torchvision, timm's efficientnet_*.
    Symmetric,
    /// SAME of TensorFlow, more at the end: Keras, timm's tf_efficientnet_*.
    Same,
}

impl From<Padding> for efficientnet::spec::Padding {
    fn from(padding: Padding) -> Self {
        match padding {
            Padding::Symmetric => Self::Symmetric,
            Padding::Same => Self::Same,
        }
    }
}

/// What maps and matrices are made of; sums are float32 always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Precision {
    /// float32.
    #[default]
    F32,
    /// bfloat16: faster where the processor multiplies it, half the memory everywhere.
    Bf16,
    /// 8 bits, of a quantised checkpoint: fastest, a quarter of the memory, less accurate.
    Int8,
}

impl From<Precision> for efficientnet::codegen::plan::Precision {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::F32 => Self::F32,
            Precision::Bf16 => Self::Bf16,
            Precision::Int8 => Self::Int8,
        }
    }
}

/// How a checkpoint was trained, where its file does not say, or says wrongly.
#[derive(Args, Debug)]
pub(crate) struct Training {
    /// Padding [default: that of the library whose names the tensors have; timm's: symmetric].
    ///
    /// timm's names do not say: give --padding same for tf_efficientnet_* (and copies of the
    /// built-in weights), or results are wrong.
    #[arg(long, value_enum, verbatim_doc_comment)]
    pub(crate) padding: Option<Padding>,
    /// Epsilon of batch norms [default: as in the file or of its library; timm's: 1e-5 with
    /// symmetric padding, 1e-3 with same].
    #[arg(long, value_name = "X", value_parser = epsilon, verbatim_doc_comment)]
    pub(crate) bn_eps: Option<f64>,
    /// Keras's second rescaling of the input, of its ImageNet weights [default: as the file says].
    #[arg(long, value_enum, value_name = "SWITCH")]
    pub(crate) keras_rescaling: Option<Switch>,
}

impl Training {
    /// Whether anything is said.
    pub(crate) fn is_given(&self) -> bool {
        self.padding.is_some() || self.bn_eps.is_some() || self.keras_rescaling.is_some()
    }
}

/// Whether a Keras network rescales its normalised input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// By 1 / sqrt(std), as networks of weights="imagenet" do.
    On,
    /// Not, as networks of weights=None.
    Off,
}

pub(super) fn resolution(text: &str) -> Result<Resolution, String> {
    let (height, width) = text.split_once('x').unwrap_or((text, text));
    match (height.parse(), width.parse()) {
        (Ok(height), Ok(width)) => Ok(Resolution { height, width }),
        _ => Err("expected pixels, such as 224, or height and width, such as 192x256".to_owned()),
    }
}

pub(super) fn count(text: &str) -> Result<NonZeroUsize, String> {
    let expected = |_| "expected a whole number of at least 1".to_owned();
    text.parse().map_err(expected)
}

pub(super) fn epsilon(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        Ok(_) | Err(_) => Err("expected a number of at least 0, such as 1e-3".to_owned()),
    }
}
