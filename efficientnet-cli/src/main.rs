//! The command `efficientnet`: photos to classes, tensors to logits, and every level of the compiler
//! as text.

mod arguments;
mod commands;
mod draw;
mod failure;
mod files;
mod hub;
mod network;
mod text;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command, Spec, Weights};
use failure::{Failure, MISTAKE, complain};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return unparsed(&error),
    };
    let stdout = io::stdout();
    let mut out = stdout.lock();
    let result = match &arguments.command {
        Command::Classify(classify) => commands::classify::run(classify, &mut out),
        Command::Run(run) => commands::run::run(run),
        Command::Summary(summary) => commands::summary::run(summary, &mut out),
        Command::Table(table) => commands::table::run(table, &mut out),
        Command::Explain(explain) => commands::explain::run(explain, &mut out),
        Command::Compare(compare) => commands::compare::run(compare, &mut out),
        Command::Plot(plot) => commands::plot::run(plot),
        Command::Report(report) => commands::report::run(report),
        Command::Generate(generate) => commands::generate::run(generate, &mut out),
        Command::Scale(scale) => commands::scale::run(scale, &mut out),
        Command::Spec(Spec::Check(check)) => commands::spec::check::run(check, &mut out),
        Command::Spec(Spec::Schema) => commands::spec::schema::run(&mut out),
        Command::Weights(Weights::Inspect(inspect)) => {
            commands::weights::inspect::run(inspect, &mut out)
        }
        Command::Weights(Weights::Convert(convert)) => commands::weights::convert::run(convert),
        Command::Weights(Weights::Pack(pack)) => commands::weights::pack::run(pack),
        Command::Verify(verify) => commands::verify::run(verify, &mut out),
        Command::Quantize(quantize) => commands::quantize::run(quantize, &mut out),
        Command::Bench(bench) => commands::bench::run(bench, &mut out),
        Command::Profile(profile) => commands::profile::run(profile, &mut out),
        Command::Completions(completions) => commands::completions::run(completions, &mut out),
        Command::Man(man) => commands::man::run(man, &mut out),
    };
    let result = result.and_then(|code| match out.flush().map_err(Failure::from) {
        // Whoever read the output has seen enough; what a check found still stands.
        Err(failure) if !failure.is_broken_pipe() => Err(failure),
        Ok(()) | Err(_) => Ok(code),
    });
    match result {
        Ok(code) => code,
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure);
            failure.code()
        }
    }
}

/// Prints help and version as clap does, and mistakes as all others are printed.
fn unparsed(error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    match text.strip_prefix("error: ") {
        Some(reason) => {
            complain(reason.trim_end());
            ExitCode::from(MISTAKE)
        }
        None => error.exit(),
    }
}
