//! Options of `generate`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use efficientnet::spec::{Options, Resolution};
use efficientnet_codegen::generate::ModelOptions;

use super::shared::{Padding, Precision, count, epsilon, resolution};

/// Options of `generate`.
#[derive(Args, Debug)]
pub(crate) struct Generate {
    /// YAML file, or name of a bundled spec.
    #[arg(long, value_name = "SPEC", value_hint = ValueHint::FilePath)]
    pub(crate) spec: String,
    /// Variant; may be given several times [default: all variants of the spec].
    #[arg(long = "variant", value_name = "VARIANT")]
    pub(crate) variants: Vec<String>,
    /// Directory for the files, b0.rs for the variant b0; made if it is not there.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,
    /// Write nothing; print what differs from the files that are there.
    #[arg(long)]
    pub(crate) check: bool,
    /// Padding of strided convolutions.
    #[arg(long, value_enum, default_value_t = Padding::Symmetric)]
    pub(crate) padding: Padding,
    /// Size of the input in pixels, such as 224 or 192x256 [default: the variant's].
    #[arg(long, value_name = "SIZE", value_parser = resolution)]
    pub(crate) resolution: Option<Resolution>,
    /// Classes [default: the spec's].
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) classes: Option<NonZeroUsize>,
    /// Channels of the input [default: the spec's].
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) in_channels: Option<NonZeroUsize>,
    /// What to compute: logits, features (pooled), or maps: stem, block1, ..., head.
    ///
    /// Several come as a struct [default: logits].
    #[arg(long = "output", visible_alias = "outputs", value_name = "NAME", num_args = 1..)]
    pub(crate) outputs: Vec<String>,
    /// What maps and matrices are made of.
    #[arg(long, value_enum, default_value_t = Precision::F32)]
    pub(crate) precision: Precision,
    /// Epsilon of batch norms [default: that of the checkpoint's library].
    #[arg(long, value_name = "X", value_parser = epsilon)]
    pub(crate) bn_eps: Option<f64>,
}

impl Generate {
    /// What the models are made with.
    pub(crate) fn model(&self) -> ModelOptions {
        ModelOptions {
            options: Options {
                resolution: self.resolution,
                classes: self.classes.map(NonZeroUsize::get),
                in_channels: self.in_channels.map(NonZeroUsize::get),
                padding: self.padding.into(),
            },
            outputs: self.outputs.clone(),
            batch_norm_epsilon: self.bn_eps,
            precision: self.precision.into(),
        }
    }
}
