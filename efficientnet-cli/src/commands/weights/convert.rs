//! `weights convert`: the same checkpoint in another format.

use std::process::ExitCode;

use efficientnet::runtime::checkpoint::ConvertError;

use crate::arguments::Convert;
use crate::failure::Failure;
use crate::{files, network};

pub(crate) fn run(arguments: &Convert) -> Result<ExitCode, Failure> {
    files::check_output(&arguments.output, &[arguments.file.given()])?;
    let checkpoint = network::open_checkpoint(&arguments.file.fetch()?)?;
    match checkpoint.write(&arguments.output) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(ConvertError::Write(error)) => Err(Failure::system(error)),
        Err(error) => Err(Failure::mistake(error)),
    }
}
