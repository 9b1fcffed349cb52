//! Runs parsers on mutated inputs, each parser in a process of its own: `efficientnet-fuzz [--inputs N]
//! [--first N] [--seconds N] [PARSER]...`; `--file FILE PARSER` runs a saved input, `--seeds FOLDER
//! [PARSER]...` writes the inputs that mutations begin with.
//!
//! A panic, an input that takes longer than `--seconds` (10) or one that takes more than 512 MB fails; the
//! input is then saved in the temporary folder. Inputs follow from their numbers.

mod arguments;
mod child;
mod faulty;
mod parent;

use std::alloc::System;
use std::process::ExitCode;

use cap::Cap;

use arguments::Arguments;

/// Counts bytes and refuses those over the limit.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(mistake) => {
            eprintln!("{mistake}");
            return ExitCode::from(2);
        }
    };
    let passed = if let Some(folder) = &arguments.seeds {
        parent::write_seeds(folder, &arguments.parsers).map(|()| true)
    } else if let Some(file) = &arguments.file {
        child::run_file(arguments.parsers[0], file).map(|()| true)
    } else if let Some(progress) = &arguments.progress {
        child::run(&arguments, progress)
    } else {
        parent::run(&arguments)
    };
    match passed {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
