//! Options of `bench`, and of everything that times.

use std::num::NonZeroUsize;

use clap::Args;
use efficientnet::spec::Resolution;

use super::shared::{Padding, Precision, Variant, count, resolution};

/// What is timed, and how.
#[derive(Args, Debug)]
pub(crate) struct Measured {
    #[command(flatten)]
    pub(crate) variant: Variant,
    /// Threads that compute together.
    #[arg(long, value_name = "N", default_value = "1", value_parser = threads)]
    pub(crate) threads: NonZeroUsize,
    /// Runs to time; those that warm up come before.
    #[arg(long, value_name = "N", default_value = "20", value_parser = count)]
    pub(crate) runs: NonZeroUsize,
    /// Size of the input in pixels, such as 224 or 192x256 [default: the variant's].
    #[arg(long, value_name = "SIZE", value_parser = resolution)]
    pub(crate) resolution: Option<Resolution>,
    /// What maps and matrices are made of.
    #[arg(long, value_enum, default_value_t = Precision::F32)]
    pub(crate) precision: Precision,
    /// Padding of strided convolutions.
    #[arg(long, value_enum, default_value_t = Padding::Symmetric)]
    pub(crate) padding: Padding,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `bench`.
#[derive(Args, Debug)]
pub(crate) struct Bench {
    #[command(flatten)]
    pub(crate) measured: Measured,
    /// Images of a run, which the threads share.
    #[arg(long, value_name = "N", default_value = "1", value_parser = images)]
    pub(crate) batch: NonZeroUsize,
}

/// Threads at most: more than any machine has gains nothing.
const THREADS: usize = 1024;

fn threads(text: &str) -> Result<NonZeroUsize, String> {
    at_most(text, THREADS)
}

/// Images of a batch at most: they are in memory together.
const IMAGES: usize = 4096;

fn images(text: &str) -> Result<NonZeroUsize, String> {
    at_most(text, IMAGES)
}

fn at_most(text: &str, most: usize) -> Result<NonZeroUsize, String> {
    let number: Option<NonZeroUsize> = text.parse().ok();
    let number = number.filter(|number| number.get() <= most);
    number.ok_or_else(|| format!("expected a whole number from 1 to {most}"))
}
