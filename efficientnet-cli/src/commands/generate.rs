//! `generate`: variants as files of Rust, written or checked.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use efficientnet_codegen::create_directory;
use efficientnet_codegen::generate::{GenerateError, SourceFile, command, source_files};
use similar::TextDiff;

use crate::arguments::Generate;
use crate::failure::{Failure, complain};
use crate::{files, network};

pub(crate) fn run(arguments: &Generate, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let directory = &arguments.out;
    if directory.exists() && !directory.is_dir() {
        let directory = directory.display();
        return Err(Failure::Mistake(format!(
            "{directory}: it is a file; expected a directory, for one file a variant"
        )));
    }
    let spec = network::spec_named(&arguments.spec)?;
    let (name, variants) = (&arguments.spec, &arguments.variants);
    let files = source_files(&spec, name, variants, &arguments.model())?;
    match arguments.check {
        true => check(arguments, &files, out),
        false => write(directory, &files, out),
    }
}

impl From<GenerateError> for Failure {
    fn from(error: GenerateError) -> Self {
        match error.is_internal() {
            true => Self::Program(error.to_string()),
            false => Self::mistake(error),
        }
    }
}

/// Writes what is not there yet, and says what became of each file.
fn write(
    directory: &Path,
    files: &[SourceFile],
    out: &mut impl Write,
) -> Result<ExitCode, Failure> {
    create_directory(directory).map_err(|error| match error.source.kind() {
        ErrorKind::NotADirectory => Failure::mistake(error),
        _ => Failure::system(error),
    })?;
    let paths: Vec<PathBuf> = files
        .iter()
        .map(|file| directory.join(&file.name))
        .collect();
    for (file, path) in files.iter().zip(&paths) {
        files::check_output(path, &[])?;
        file.check_place(directory).map_err(Failure::mistake)?;
    }
    for (file, path) in files.iter().zip(&paths) {
        let written = file.write_to(directory).map_err(Failure::system)?;
        let what = if written { "written" } else { "unchanged" };
        writeln!(out, "{}: {what}", path.display())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Compares with what is there: a unified diff of each file that differs, from what is there to what
/// would be written.
fn check(
    arguments: &Generate,
    files: &[SourceFile],
    out: &mut impl Write,
) -> Result<ExitCode, Failure> {
    let mut diffs = Vec::new();
    for file in files {
        diffs.extend(difference(&arguments.out.join(&file.name), &file.text)?);
    }
    if diffs.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let (stale, all) = (diffs.len(), files.len());
    let directory = arguments.out.display().to_string();
    let (name, variants) = (&arguments.spec, &arguments.variants);
    let command = command(name, variants, &arguments.model(), &directory);
    // First of all: whoever closes the output has seen enough of the differences alone.
    complain(format_args!(
        "{directory}: {stale} of {all} files are stale or missing; run `{command}`"
    ));
    match out.write_all(diffs.concat().as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(ExitCode::FAILURE),
    }
}

/// The diff of one file, unless there is nothing to change.
fn difference(path: &Path, text: &str) -> Result<Option<String>, Failure> {
    let name = path.display().to_string();
    let (found, from) = match fs::read(path) {
        Ok(found) if found == text.as_bytes() => return Ok(None),
        Ok(found) => (found, name.as_str()),
        Err(error) if error.kind() == ErrorKind::NotFound => (Vec::new(), "/dev/null"),
        Err(error) if error.kind() == ErrorKind::IsADirectory => {
            let reason = "it is a directory; expected a file, or nothing";
            return Err(Failure::Mistake(format!("{name}: {reason}")));
        }
        Err(error) => return Err(Failure::System(format!("{name}: {error}"))),
    };
    let found = String::from_utf8_lossy(&found);
    let diff = TextDiff::from_lines(&*found, text);
    Ok(Some(diff.unified_diff().header(from, &name).to_string()))
}
