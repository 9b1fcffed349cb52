//! Options of `explain`.

use clap::Args;

use super::shared::Variant;

/// Options of `explain`.
#[derive(Args, Debug)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) variant: Variant,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}
