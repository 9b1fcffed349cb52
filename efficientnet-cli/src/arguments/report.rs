//! Options of `report`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Options of `report`.
#[derive(Args, Debug)]
pub(crate) struct Report {
    /// File to write: .html.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// YAML file, or name of a bundled spec.
    #[arg(
        long,
        value_name = "SPEC",
        value_hint = ValueHint::FilePath,
        default_value = "efficientnet"
    )]
    pub(crate) spec: String,
    /// What bench --json printed, of any variants; several files, or this option several times.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) latency: Vec<PathBuf>,
}
