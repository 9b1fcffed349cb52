//! `spec`: checking specs, and the schema of their language.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Commands about specs.
#[derive(Debug, Subcommand)]
pub(crate) enum Spec {
    /// Say everything that is wrong with specs, each fault under its line.
    ///
    /// Exit code 0 if nothing is, 1 if something is, 2 if a file cannot be read.
    #[command(verbatim_doc_comment)]
    Check(Check),
    /// Print the JSON Schema of specs, by which editors complete and check them.
    Schema,
}

/// Options of `spec check`.
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Specs: YAML files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}
