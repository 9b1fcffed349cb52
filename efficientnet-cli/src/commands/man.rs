//! `man`: manual pages.

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{Command, CommandFactory};
use clap_mangen::Man as Page;
use efficientnet::runtime::files::write_atomically;
use efficientnet_codegen::create_directory;

use crate::arguments::{Arguments, Man};
use crate::failure::Failure;
use crate::files;

pub(crate) fn run(arguments: &Man, out: &mut impl Write) -> Result<ExitCode, Failure> {
    // `help` is no page of its own; `--help` is in each.
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    match &arguments.out {
        Some(directory) => write(&command, directory, out)?,
        None => Page::new(command).render(out)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the page of each command, and says where.
fn write(command: &Command, directory: &Path, out: &mut impl Write) -> Result<(), Failure> {
    create_directory(directory).map_err(|error| match error.source.kind() {
        ErrorKind::NotADirectory => Failure::mistake(error),
        _ => Failure::system(error),
    })?;
    for page in pages(command) {
        let path = directory.join(page.get_filename());
        files::check_output(&path, &[])?;
        write_atomically(&path, |writer| page.render(writer)).map_err(Failure::system)?;
        writeln!(out, "{}", path.display())?;
    }
    Ok(())
}

/// The page of a command, and those of its own commands.
fn pages(command: &Command) -> Vec<Page> {
    let inner = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    let inner = inner.flat_map(pages);
    [Page::new(command.clone())]
        .into_iter()
        .chain(inner)
        .collect()
}
