//! Options of `classify`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::shared::{Precision, Training, count};
use super::source::Source;

/// What the rows of many photos are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A JSON object a line: path and top, or path and error.
    Jsonl,
    /// Columns path, error, class1, label1, probability1, class2, ...
    Csv,
    /// The rows of jsonl as columns path, error and top, a list; needs -o.
    #[cfg(feature = "parquet")]
    Parquet,
}

/// Options of `classify`.
#[derive(Args, Debug)]
pub(crate) struct Classify {
    /// Photos (JPEG, PNG or WebP), or folders of them.
    #[arg(required = true, value_name = "IMAGE")]
    pub(crate) images: Vec<PathBuf>,
    /// Variant of a bundled spec (such as b0, v2_s) or of --spec; all but lite0 need --weights.
    #[arg(long, default_value = "lite0", value_name = "VARIANT")]
    pub(crate) model: String,
    /// YAML file, or name of a bundled spec [default: the one of these with the variant].
    #[arg(long, value_name = "SPEC", requires = "weights")]
    pub(crate) spec: Option<String>,
    /// Checkpoint of timm, torchvision, transformers, efficientnet_pytorch or Keras, as
    /// .safetensors, .pth, .h5, .keras or .npz; or of the model hub, fetched once, as
    /// hub:OWNER/NAME[@REVISION][/FILE] [default: built in for lite0].
    #[arg(long, value_name = "FILE", verbatim_doc_comment, value_parser = Source::parser(),
        value_hint = ValueHint::FilePath)]
    pub(crate) weights: Option<Source>,
    #[command(flatten)]
    pub(crate) training: Training,
    /// What maps and matrices are made of [default: int8 of quantised weights, or f32].
    #[arg(long, value_enum)]
    pub(crate) precision: Option<Precision>,
    /// Class names, one a line in order of their index [default: ImageNet's, if there are 1000].
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
    /// Classes to show per photo.
    #[arg(long, default_value = "5", value_name = "N", value_parser = count)]
    pub(crate) top: NonZeroUsize,
    /// Draw what in the photo speaks for its class: a picture to write, for one IMAGE.
    ///
    /// A class activation map (Zhou et al., 2016): values over the photo whose mean, plus the
    /// bias, is the class's logit. What the network does not see is grey and dark.
    #[arg(long, value_name = "F.png", verbatim_doc_comment)]
    pub(crate) explain: Option<PathBuf>,
    /// Class to explain, by its name or number [default: the most probable].
    #[arg(long, value_name = "CLASS", requires = "explain")]
    pub(crate) explain_class: Option<String>,
    /// Print one JSON document instead of text.
    #[arg(long, conflicts_with_all = ["recursive", "jobs", "format", "output"])]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) rows: Rows,
}

/// Options for many photos, of which each becomes a row.
#[derive(Args, Debug)]
pub(crate) struct Rows {
    /// Go into folders of folders, too.
    #[arg(short, long, conflicts_with = "explain")]
    pub(crate) recursive: bool,
    /// Photos at a time, each on one core [default: as many as there are cores].
    #[arg(short, long, value_name = "N", value_parser = count, conflicts_with = "explain")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// What to write of many photos [default: as -o ends, or jsonl].
    #[arg(long, value_enum, conflicts_with = "explain")]
    pub(crate) format: Option<Format>,
    /// File for the rows; the same command goes on where it was stopped [default: stdout].
    ///
    /// Until it is complete, rows are in OUT.partial.
    #[arg(
        short,
        long,
        value_name = "OUT",
        conflicts_with = "explain",
        verbatim_doc_comment
    )]
    pub(crate) output: Option<PathBuf>,
}

impl Rows {
    /// Whether anything is said.
    pub(crate) fn is_given(&self) -> bool {
        self.recursive || self.jobs.is_some() || self.format.is_some() || self.output.is_some()
    }
}
