//! Options of `run`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::shared::{Precision, Training, Variant, count};
use super::source::Source;

/// Order of a tensor's dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    /// Batch, channels, height, width, as in PyTorch.
    Nchw,
    /// Batch, height, width, channels, as in TensorFlow.
    Nhwc,
}

/// Options of `run`.
#[derive(Args, Debug)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) variant: Variant,
    /// Checkpoint of timm, torchvision, transformers, efficientnet_pytorch or Keras, as
    /// .safetensors, .pth, .h5, .keras or .npz; or of the model hub, fetched once, as
    /// hub:OWNER/NAME[@REVISION][/FILE].
    #[arg(long, value_name = "FILE", verbatim_doc_comment, value_parser = Source::parser(),
        value_hint = ValueHint::FilePath)]
    pub(crate) weights: Source,
    /// Tensor: .npy of floats, one image or a batch, any height and width.
    #[arg(long, value_name = "X.npy")]
    pub(crate) input: PathBuf,
    /// File for the result: .npy of float32, [batch, classes] of logits.
    #[arg(long, value_name = "Y.npy")]
    pub(crate) output: PathBuf,
    /// What to compute: logits, features (pooled), or a map: stem, block1, ..., head.
    #[arg(long, value_name = "NAME", default_value = "logits")]
    pub(crate) outputs: String,
    /// Order of the dimensions of the input and of a map; the input's batch may be left out.
    #[arg(long, value_enum, default_value_t = Layout::Nchw)]
    pub(crate) layout: Layout,
    #[command(flatten)]
    pub(crate) training: Training,
    /// What maps and matrices are made of [default: as weights are packed or quantised, or f32].
    #[arg(long, value_enum)]
    pub(crate) precision: Option<Precision>,
    /// Classes [default: as many as the checkpoint has].
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) classes: Option<NonZeroUsize>,
    /// Channels of the input [default: as many as the checkpoint has].
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) in_channels: Option<NonZeroUsize>,
}
