//! The command line.

mod generate;
mod scale;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use efficientnet::spec::Resolution;

pub(crate) use generate::Generate;
pub(crate) use scale::Scale;

/// EfficientNet from the command line: classify photos, run tensors, look into architectures and
/// checkpoints.
///
/// The weights of lite0 are built in, so that `efficientnet classify photo.jpg` works as it is.
///
/// Exit codes: 0 success, 1 a check does not agree, the system failed (such as a full disk) or this
/// program has a fault, 2 a mistake in what was given, with the reason on stderr.
#[derive(Debug, Parser)]
#[command(name = "efficientnet", version, verbatim_doc_comment)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Classify photos with the built-in model or a checkpoint.
    ///
    /// Prints the most probable classes of each photo. A photo that cannot be read gets a line on
    /// stderr and the exit code 2; the others are classified all the same.
    #[command(verbatim_doc_comment)]
    Classify(Classify),
    /// Run a tensor through a variant: .npy in, logits or features as .npy out.
    ///
    /// The tensor is preprocessed already, of any size: np.save in Python, run, np.load, compare.
    #[command(verbatim_doc_comment)]
    Run(Run),
    /// Show a variant's layers, blocks, kernels or plan, with shapes and costs.
    #[command(verbatim_doc_comment)]
    Summary(Summary),
    /// Show all variants of a spec side by side: sizes per stage, layers, parameters, costs.
    Table(Table),
    /// Write the Rust source of variants, one file each, or check that it is up to date.
    ///
    /// The files need the crate efficientnet-runtime alone and are what the macro makes. All are
    /// generated before the first is written, and each is the old one or the new one at any moment.
    ///
    /// With --check, differences are printed instead, and the exit code is 1 if there are any.
    #[command(verbatim_doc_comment)]
    Generate(Generate),
    /// Scale a spec's baseline to a new variant, or search coefficients to scale it with.
    ///
    /// By compound scaling (Tan and Le, 2019, equation 3) with --phi, by sizes with --width, --depth
    /// and --resolution. Channels and repeats are rounded as those of published variants; the
    /// resolution of --phi is rounded to an even number of pixels from the baseline's.
    ///
    /// --search goes over the paper's grid (section 3.3): alpha, beta and gamma from 1 in steps of
    /// 0.05, alpha * beta^2 * gamma^2 within 0.1 of 2, phi = 1. It shows what is largest within the
    /// budget. Which of these is best only training tells: accuracy decides, and is not computed.
    #[command(verbatim_doc_comment, override_usage = scale::USAGE)]
    Scale(Scale),
    /// Look into checkpoints and convert them.
    #[command(subcommand)]
    Weights(Weights),
    /// Check a checkpoint: names, shapes, values, and what every instruction set computes with it.
    ///
    /// With --reference, logits are compared with another framework's; without, with a scalar
    /// computation in f64. Exit code 0 if all agrees, 1 if something does not.
    #[command(verbatim_doc_comment)]
    Verify(Verify),
    /// Time a variant on synthetic weights, and compare with what the processor can do at most.
    ///
    /// The bound is the time of the multiply-accumulates alone, at the rate of multiply-adds in
    /// registers that is measured in the same run. EFFICIENTNET_ISA chooses the instruction set.
    #[command(verbatim_doc_comment)]
    Bench(Bench),
    /// Time every kernel call of a variant on synthetic weights, and hold each against its bound.
    ///
    /// A call is bound by its multiply-accumulates (fma), at the rate of multiply-adds in registers,
    /// or by its weights (read), at the rate at which memory gives as much as all weights take;
    /// whichever takes longer. Both rates are measured first.
    #[command(verbatim_doc_comment)]
    Profile(Profile),
}

/// Commands about checkpoints.
#[derive(Debug, Subcommand)]
pub(crate) enum Weights {
    /// Say what a checkpoint holds: format, whose names, types, classes, which variant.
    Inspect(Inspect),
    /// Write a checkpoint in another format, without losing anything.
    ///
    /// Names, types and bits stay. A Keras network's own rescaling and normalization survive in
    /// .safetensors; .npz is refused where it would lose them.
    #[command(verbatim_doc_comment)]
    Convert(Convert),
    /// Write a variant's weights as this processor's kernels read them, to be mapped.
    ///
    /// The file is for one variant, padding and instruction set (EFFICIENTNET_ISA chooses another);
    /// for any other it is refused.
    #[command(verbatim_doc_comment)]
    Pack(Pack),
}

/// Options of `weights pack`.
#[derive(Args, Debug)]
pub(crate) struct Pack {
    #[command(flatten)]
    pub(crate) variant: Variant,
    /// Checkpoint: .safetensors, .pth, .h5, .keras or .npz.
    #[arg(long, value_name = "FILE")]
    pub(crate) weights: PathBuf,
    #[command(flatten)]
    pub(crate) training: Training,
    /// File to write.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

/// Options of `weights inspect`.
#[derive(Args, Debug)]
pub(crate) struct Inspect {
    /// Checkpoint: .safetensors, .pth, .h5, .keras or .npz.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// List all tensors.
    #[arg(long)]
    pub(crate) tensors: bool,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `weights convert`.
#[derive(Args, Debug)]
pub(crate) struct Convert {
    /// Checkpoint: .safetensors, .pth, .h5, .keras or .npz.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// File to write: .safetensors or .npz.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

/// Options of `verify`.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) variant: Variant,
    /// Checkpoint of timm, torchvision, transformers, efficientnet_pytorch or Keras, as
    /// .safetensors, .pth, .h5, .keras or .npz.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(crate) weights: PathBuf,
    /// Logits to agree with, within 1e-4 of the largest: JSON, cases of synthetic images.
    ///
    /// cases: [{image: {seed, height, width}, logits: [...], taps: [...]}], with padding and
    /// bn_eps beside them where they are not those of the checkpoint's library.
    #[arg(long, value_name = "R.json", verbatim_doc_comment)]
    pub(crate) reference: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) training: Training,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A spec and a variant of it.
#[derive(Args, Debug)]
pub(crate) struct Variant {
    /// Variant of a bundled spec (such as b0, lite0, v2_s) or of --spec.
    pub(crate) variant: String,
    /// YAML file, or name of a bundled spec [default: the one of these with the variant].
    #[arg(long, value_name = "SPEC")]
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

/// Options of `classify`.
#[derive(Args, Debug)]
pub(crate) struct Classify {
    /// Photos: JPEG, PNG or WebP.
    #[arg(required = true, value_name = "IMAGE")]
    pub(crate) images: Vec<PathBuf>,
    /// Variant, b0 to b8, l2 or lite0 to lite4; all but lite0 need --weights.
    #[arg(long, default_value = "lite0", value_name = "VARIANT")]
    pub(crate) model: String,
    /// Checkpoint of timm, torchvision, transformers, efficientnet_pytorch or Keras, as
    /// .safetensors, .pth, .h5, .keras or .npz [default: built in for lite0].
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(crate) weights: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) training: Training,
    /// Class names, one a line in order of their index [default: ImageNet's, if there are 1000].
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
    /// Classes to show per photo.
    #[arg(long, default_value = "5", value_name = "N", value_parser = count)]
    pub(crate) top: NonZeroUsize,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

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
    /// .safetensors, .pth, .h5, .keras or .npz.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(crate) weights: PathBuf,
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
    /// Classes [default: as many as the checkpoint has].
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) classes: Option<NonZeroUsize>,
    /// Channels of the input [default: as many as the checkpoint has].
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) in_channels: Option<NonZeroUsize>,
}

/// Levels of the compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum View {
    /// One line per layer with shape and parameters, as Keras's summary.
    Layers,
    /// Stem, blocks and head after scaling: the paper's table of the variant.
    Blocks,
    /// What is left of the layers after fusion.
    Kernels,
    /// Kernel calls in order, with tiles and places in the workspace.
    Plan,
}

/// Options of `summary`.
#[derive(Args, Debug)]
pub(crate) struct Summary {
    #[command(flatten)]
    pub(crate) variant: Variant,
    /// What to show.
    #[arg(long, value_enum, default_value_t = View::Layers)]
    pub(crate) view: View,
    /// Padding of strided convolutions; same is Keras's graph.
    #[arg(long, value_enum, default_value_t = Padding::Same)]
    pub(crate) padding: Padding,
    /// Leave out pooling, dropout and classifier (view of layers).
    #[arg(long)]
    pub(crate) no_top: bool,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `table`.
#[derive(Args, Debug)]
pub(crate) struct Table {
    /// YAML file, or name of a bundled spec.
    #[arg(long, value_name = "SPEC", default_value = "efficientnet")]
    pub(crate) spec: String,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is timed, and how.
#[derive(Args, Debug)]
pub(crate) struct Measured {
    #[command(flatten)]
    pub(crate) variant: Variant,
    /// Threads that compute together.
    #[arg(long, value_name = "N", default_value = "1", value_parser = threads)]
    pub(crate) threads: NonZeroUsize,
    /// Runs to time; those that warm up come before.
    #[arg(long, value_name = "N", default_value = "20", value_parser = count)]
    pub(crate) runs: NonZeroUsize,
    /// Size of the input in pixels, such as 224 or 192x256 [default: the variant's].
    #[arg(long, value_name = "SIZE", value_parser = resolution)]
    pub(crate) resolution: Option<Resolution>,
    /// Padding of strided convolutions.
    #[arg(long, value_enum, default_value_t = Padding::Symmetric)]
    pub(crate) padding: Padding,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `bench`.
#[derive(Args, Debug)]
pub(crate) struct Bench {
    #[command(flatten)]
    pub(crate) measured: Measured,
    /// Images of a run, which the threads share.
    #[arg(long, value_name = "N", default_value = "1", value_parser = images)]
    pub(crate) batch: NonZeroUsize,
}

/// Orders of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sort {
    /// As calls follow each other.
    Call,
    /// The slowest first.
    Time,
}

/// Options of `profile`.
#[derive(Args, Debug)]
pub(crate) struct Profile {
    #[command(flatten)]
    pub(crate) measured: Measured,
    /// Order of the calls.
    #[arg(long, value_enum, default_value_t = Sort::Call)]
    pub(crate) sort: Sort,
}

/// Threads at most: more than any machine has gains nothing.
const THREADS: usize = 1024;

fn threads(text: &str) -> Result<NonZeroUsize, String> {
    at_most(text, THREADS)
}

/// Images of a batch at most: they are in memory together.
const IMAGES: usize = 4096;

fn images(text: &str) -> Result<NonZeroUsize, String> {
    at_most(text, IMAGES)
}

fn at_most(text: &str, most: usize) -> Result<NonZeroUsize, String> {
    let number: Option<NonZeroUsize> = text.parse().ok();
    let number = number.filter(|number| number.get() <= most);
    number.ok_or_else(|| format!("expected a whole number from 1 to {most}"))
}

fn resolution(text: &str) -> Result<Resolution, String> {
    let (height, width) = text.split_once('x').unwrap_or((text, text));
    match (height.parse(), width.parse()) {
        (Ok(height), Ok(width)) => Ok(Resolution { height, width }),
        _ => Err("expected pixels, such as 224, or height and width, such as 192x256".to_owned()),
    }
}

fn count(text: &str) -> Result<NonZeroUsize, String> {
    let expected = |_| "expected a whole number of at least 1".to_owned();
    text.parse().map_err(expected)
}

fn epsilon(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        Ok(_) | Err(_) => Err("expected a number of at least 0, such as 1e-3".to_owned()),
    }
}
