//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// EfficientNet, compiled: photos to classes, tensors to logits, architectures to text.
#[derive(Debug, Parser)]
#[command(name = "efficientnet", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Classify photos; the default model and its weights are built in.
    Classify(Classify),
    /// Run a tensor through a variant: .npy in, logits as .npy out.
    Run(Run),
    /// Print one level of a variant: layers, blocks, kernels or plan.
    Summary(Summary),
}

/// A spec and a variant of it.
#[derive(Args, Debug)]
pub(crate) struct Variant {
    /// Variant, such as b0 or lite0.
    pub(crate) variant: String,
    /// Spec: a YAML file or the name of a bundled one [default: the bundled spec that has the variant].
    #[arg(long, value_name = "FILE")]
    pub(crate) spec: Option<String>,
}

/// How strided convolutions pad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Padding {
    /// kernel / 2 on every side: torchvision, timm's efficientnet_*.
    Symmetric,
    /// TensorFlow's SAME: Keras, timm's tf_efficientnet_*.
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

/// Options of `classify`.
#[derive(Args, Debug)]
pub(crate) struct Classify {
    /// Photos: JPEG, PNG or WebP.
    #[arg(required = true, value_name = "IMAGE")]
    pub(crate) images: Vec<PathBuf>,
    /// Variant of a bundled spec; any but lite0 needs --weights.
    #[arg(long, default_value = "lite0", value_name = "VARIANT")]
    pub(crate) model: String,
    /// Checkpoint: .safetensors in timm's naming.
    #[arg(long, value_name = "FILE")]
    pub(crate) weights: Option<PathBuf>,
    /// Padding that --weights were trained with [default: symmetric; built-in weights know theirs].
    #[arg(long, value_enum, requires = "weights")]
    pub(crate) padding: Option<Padding>,
    /// Class names, one a line [default: ImageNet's 1000].
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
    /// Classes to show per photo.
    #[arg(long, default_value_t = NonZeroUsize::new(5).unwrap_or(NonZeroUsize::MIN), value_name = "N")]
    pub(crate) top: NonZeroUsize,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Order of a tensor's dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    /// Batch, channels, height, width.
    Nchw,
    /// Batch, height, width, channels.
    Nhwc,
}

/// Options of `run`.
#[derive(Args, Debug)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) variant: Variant,
    /// Checkpoint: .safetensors in timm's naming.
    #[arg(long, value_name = "FILE")]
    pub(crate) weights: PathBuf,
    /// Tensor: .npy of shape [batch, ...] or without batch, any height and width.
    #[arg(long, value_name = "X.npy")]
    pub(crate) input: PathBuf,
    /// Where the logits go: .npy, float32, [batch, classes].
    #[arg(long, value_name = "Y.npy")]
    pub(crate) output: PathBuf,
    /// Order of the input's dimensions.
    #[arg(long, value_enum, default_value_t = Layout::Nchw)]
    pub(crate) layout: Layout,
    /// Padding that the weights were trained with.
    #[arg(long, value_enum, default_value_t = Padding::Symmetric)]
    pub(crate) padding: Padding,
    /// Batch-norm epsilon [default: 1e-5 with symmetric padding, 1e-3 with same].
    #[arg(long, value_name = "X", value_parser = epsilon)]
    pub(crate) bn_eps: Option<f64>,
    /// Classes [default: what the checkpoint holds].
    #[arg(long, value_name = "N")]
    pub(crate) classes: Option<NonZeroUsize>,
    /// Input channels [default: what the checkpoint holds].
    #[arg(long, value_name = "N")]
    pub(crate) in_channels: Option<NonZeroUsize>,
}

/// Levels of the compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum View {
    /// What a framework's summary would show.
    Layers,
    /// Stem, blocks and head.
    Blocks,
    /// The kernel graph after all passes.
    Kernels,
    /// Kernel calls with tiles and arena addresses.
    Plan,
}

/// Options of `summary`.
#[derive(Args, Debug)]
pub(crate) struct Summary {
    #[command(flatten)]
    pub(crate) variant: Variant,
    /// Level to show.
    #[arg(long, value_enum, default_value_t = View::Layers)]
    pub(crate) view: View,
    /// Padding; same is Keras's graph.
    #[arg(long, value_enum, default_value_t = Padding::Same)]
    pub(crate) padding: Padding,
    /// Leave out pooling, dropout and classifier.
    #[arg(long)]
    pub(crate) no_top: bool,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

fn epsilon(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        Ok(_) | Err(_) => Err("expected a number of at least 0, such as 1e-3".to_owned()),
    }
}
