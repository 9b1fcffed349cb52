//! `spec schema`: the language for editors.

use std::io::Write;
use std::process::ExitCode;

use efficientnet::spec;

use crate::failure::Failure;

pub(crate) fn run(out: &mut impl Write) -> Result<ExitCode, Failure> {
    writeln!(out, "{:#}", spec::schema().as_value())?;
    Ok(ExitCode::SUCCESS)
}
