//! The command `efficientnet`: photos to classes, tensors to logits, and every level of the compiler
//! as text.

mod arguments;
mod commands;
mod failure;
mod network;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use failure::Failure;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let stdout = io::stdout();
    let mut out = stdout.lock();
    let result = match &arguments.command {
        Command::Classify(classify) => commands::classify::run(classify, &mut out),
        Command::Run(run) => commands::run::run(run),
        Command::Summary(summary) => commands::summary::run(summary, &mut out),
    };
    match result.and_then(|code| out.flush().map_err(Failure::from).map(|()| code)) {
        Ok(code) => code,
        // Whoever read the output has seen enough.
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("efficientnet: {failure}");
            failure.code()
        }
    }
}
