//! Commands about checkpoints, and their options.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::shared::{Precision, Training, Variant};
use super::source::Source;

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
    /// The file is for one variant, padding, precision and instruction set (EFFICIENTNET_ISA chooses
    /// another); for any other it is refused.
    #[command(verbatim_doc_comment)]
    Pack(Pack),
}

/// Options of `weights pack`.
#[derive(Args, Debug)]
pub(crate) struct Pack {
    #[command(flatten)]
    pub(crate) variant: Variant,
    /// Checkpoint: .safetensors, .pth, .h5, .keras or .npz, or hub:OWNER/NAME[@REVISION][/FILE].
    #[arg(long, value_name = "FILE", value_parser = Source::parser(), value_hint = ValueHint::FilePath)]
    pub(crate) weights: Source,
    #[command(flatten)]
    pub(crate) training: Training,
    /// What maps and matrices are made of [default: int8 of quantised weights, or f32].
    #[arg(long, value_enum)]
    pub(crate) precision: Option<Precision>,
    /// File to write.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

/// Options of `weights inspect`.
#[derive(Args, Debug)]
pub(crate) struct Inspect {
    /// Checkpoint: .safetensors, .pth, .h5, .keras or .npz, or hub:OWNER/NAME[@REVISION][/FILE].
    #[arg(value_name = "FILE", value_parser = Source::parser(), value_hint = ValueHint::FilePath)]
    pub(crate) file: Source,
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
    /// Checkpoint: .safetensors, .pth, .h5, .keras or .npz, or hub:OWNER/NAME[@REVISION][/FILE].
    #[arg(value_name = "FILE", value_parser = Source::parser(), value_hint = ValueHint::FilePath)]
    pub(crate) file: Source,
    /// File to write: .safetensors or .npz.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}
