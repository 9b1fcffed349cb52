//! Options of `table`.

use clap::{Args, ValueHint};

/// Options of `table`.
#[derive(Args, Debug)]
pub(crate) struct Table {
    /// YAML file, or name of a bundled spec.
    #[arg(
        long,
        value_name = "SPEC",
        value_hint = ValueHint::FilePath,
        default_value = "efficientnet"
    )]
    pub(crate) spec: String,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}
