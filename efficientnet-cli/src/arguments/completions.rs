//! Options of `completions`.

use clap::Args;
use clap_complete::Shell;

/// Options of `completions`.
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// Shell that reads the script.
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}
