//! Options of `profile`.

use clap::{Args, ValueEnum};

use super::bench::Measured;

/// Orders of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sort {
    /// As calls follow each other.
    Call,
    /// The slowest first.
    Time,
}

/// Options of `profile`.
#[derive(Args, Debug)]
pub(crate) struct Profile {
    #[command(flatten)]
    pub(crate) measured: Measured,
    /// Order of the calls.
    #[arg(long, value_enum, default_value_t = Sort::Call)]
    pub(crate) sort: Sort,
}
