//! Options of `quantize`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::shared::{Training, Variant, count};
use super::source::Source;

/// Options of `quantize`.
#[derive(Args, Debug)]
pub(crate) struct Quantize {
    #[command(flatten)]
    pub(crate) variant: Variant,
    /// Checkpoint: .safetensors, .pth, .h5, .keras or .npz, or hub:OWNER/NAME[@REVISION][/FILE].
    #[arg(long, value_name = "FILE", value_parser = Source::parser(), value_hint = ValueHint::FilePath)]
    pub(crate) weights: Source,
    /// Folder of photos (JPEG, PNG or WebP), and of folders of them.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) calibrate: PathBuf,
    /// Photos to take at most, evenly spread over the folder in order of names.
    #[arg(long, value_name = "N", default_value = "500", value_parser = count)]
    pub(crate) images: NonZeroUsize,
    #[command(flatten)]
    pub(crate) training: Training,
    /// File to write: .safetensors.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}
