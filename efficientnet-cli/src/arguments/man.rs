//! Options of `man`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Options of `man`.
#[derive(Args, Debug)]
pub(crate) struct Man {
    /// Directory for the pages, such as efficientnet-run.1; made if it is not there.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: Option<PathBuf>,
}
