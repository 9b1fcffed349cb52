//! Options of `verify`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::shared::{Precision, Training, Variant};
use super::source::Source;

/// Options of `verify`.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) variant: Variant,
    /// Checkpoint of timm, torchvision, transformers, efficientnet_pytorch or Keras, as
    /// .safetensors, .pth, .h5, .keras or .npz; or of the model hub, fetched once, as
    /// hub:OWNER/NAME[@REVISION][/FILE].
    #[arg(long, value_name = "FILE", verbatim_doc_comment, value_parser = Source::parser(),
        value_hint = ValueHint::FilePath)]
    pub(crate) weights: Source,
    /// Logits to agree with, within 1e-4 of the largest: JSON, cases of synthetic images.
    ///
    /// cases: [{image: {seed, height, width}, logits: [...], taps: [...]}], with padding and
    /// bn_eps beside them where they are not those of the checkpoint's library. The bound is of
    /// f32; bf16 may differ by 3e-2, int8 by 8e-2 in the mean over all logits.
    #[arg(long, value_name = "R.json", verbatim_doc_comment)]
    pub(crate) reference: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) training: Training,
    /// What maps and matrices are made of [default: int8 of quantised weights, or f32].
    #[arg(long, value_enum)]
    pub(crate) precision: Option<Precision>,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}
