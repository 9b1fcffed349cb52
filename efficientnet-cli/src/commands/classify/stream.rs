//! Many photos: a row each, in order, of as many at a time as there are cores.
//!
//! Every worker decodes, resizes and runs the network for one photo at a time, so that these overlap
//! across workers and as many photos are in memory as there are workers. With -o, rows go to a journal
//! first, which becomes the output when it is complete.

mod format;
mod journal;
mod options;
#[cfg(feature = "parquet")]
mod parquet;
mod row;
mod workers;

use std::io::{IsTerminal, Write, stdout};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use clap::ValueEnum;
use efficientnet::interpreter::Workspace;
use efficientnet::runtime::files::write_atomically;
use indicatif::ProgressBar;

use super::super::photos::{Photo, Photos, progress};
use super::Classifier;
use crate::arguments::{Classify, Format, Source};
use crate::failure::{Failure, MISTAKE, complain};
use crate::files;
use journal::Journal;
use row::{Outcome, Row};

/// Whether the arguments ask for rows.
///
/// # Errors
/// If they ask for something that folders have not.
pub(super) fn is_meant(arguments: &Classify) -> Result<bool, Failure> {
    let folder = arguments.images.iter().find(|path| path.is_dir());
    let Some(folder) = folder else {
        return Ok(arguments.rows.is_given());
    };
    let refused = [
        (
            arguments.json,
            "--json prints one document; give --format jsonl",
        ),
        (
            arguments.explain.is_some(),
            "--explain draws one photo; give one IMAGE",
        ),
    ];
    match refused.into_iter().find(|(given, _)| *given) {
        Some((_, reason)) => Err(Failure::Mistake(format!(
            "{}: it is a folder, {reason}",
            folder.display()
        ))),
        None => Ok(true),
    }
}

/// Classifies files and folders.
pub(super) fn run(arguments: &Classify, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let format = format_of(arguments)?;
    check_output(arguments)?;
    let photos = Photos::find(&arguments.images, arguments.rows.recursive);
    if photos.list.is_empty() {
        return Err(nothing(arguments, &photos));
    }
    let classifier = Classifier::load(arguments)?;
    let (rows, broken) = match &arguments.rows.output {
        None => print(arguments, &classifier, photos.list, format, out)?,
        Some(output) => {
            let options = options::of(arguments)?;
            let journal = Journal::open(journal::path(output), &options)?;
            // By another run, before this one had the journal.
            check_new(output)?;
            write(arguments, &classifier, photos.list, format, output, journal)?
        }
    };
    note_others(photos.others, photos.loops);
    if broken == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    complain(format_args!(
        "{broken} of {rows} photos cannot be classified; their rows say why"
    ));
    Ok(ExitCode::from(MISTAKE))
}

/// The format that is asked for, or that the output's name ends in.
fn format_of(arguments: &Classify) -> Result<Format, Failure> {
    let rows = &arguments.rows;
    match (rows.format, &rows.output) {
        #[cfg(feature = "parquet")]
        (Some(Format::Parquet), None) => Err(Failure::mistake(
            "--format parquet needs a file: its end says where its rows are; give -o",
        )),
        (Some(format), _) => Ok(format),
        (None, None) => Ok(Format::Jsonl),
        (None, Some(output)) => {
            let extension = output.extension().unwrap_or_default().to_string_lossy();
            Format::from_str(&extension, true).map_err(|_| {
                let known = Format::value_variants().iter();
                let names = known.filter_map(|format| {
                    Some(format!(".{}", format.to_possible_value()?.get_name()))
                });
                let names: Vec<String> = names.collect();
                Failure::Mistake(format!(
                    "{}: no format has this extension; give a name with {}, or --format",
                    output.display(),
                    names.join(" or ")
                ))
            })
        }
    }
}

fn check_output(arguments: &Classify) -> Result<(), Failure> {
    let Some(output) = &arguments.rows.output else {
        return Ok(());
    };
    let files = arguments.images.iter().chain(&arguments.labels);
    let weights = arguments.weights.iter().map(Source::given);
    let inputs: Vec<&Path> = files.map(PathBuf::as_path).chain(weights).collect();
    files::check_output(output, &inputs)?;
    check_new(output)
}

/// A complete output is never begun anew, nor added to.
fn check_new(output: &Path) -> Result<(), Failure> {
    if output.symlink_metadata().is_err() {
        return Ok(());
    }
    Err(Failure::Mistake(format!(
        "{}: there already, and what is written under this name is complete; remove it to classify again, \
         or give another -o",
        output.display()
    )))
}

fn nothing(arguments: &Classify, photos: &Photos) -> Failure {
    let folders: Vec<String> = arguments
        .images
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let deeper = match photos.folders {
        0 => String::new(),
        folders => format!("; --recursive goes into the folders in it ({folders})"),
    };
    Failure::Mistake(format!(
        "{}: no file is a photo by its name (.jpg, .jpeg, .png, .webp), of {} files{deeper}",
        folders.join(", "),
        photos.others
    ))
}

fn note_others(others: usize, loops: usize) {
    if others > 0 {
        complain(format_args!(
            "{others} files are hidden or no photos by their names, and left out"
        ));
    }
    if loops > 0 {
        complain(format_args!(
            "{loops} links lead back to a folder that they are in, and are left out"
        ));
    }
}

/// Classifies to standard output, as rows come; gives the numbers of rows and of errors.
fn print(
    arguments: &Classify,
    classifier: &Classifier,
    photos: Vec<Photo>,
    format: Format,
    out: &mut impl Write,
) -> Result<(usize, usize), Failure> {
    let mut rows = format::begin(format, classifier.shown(arguments.top), &mut *out)?;
    let (count, mut broken) = (photos.len(), 0);
    // On one terminal they would write over each other.
    let bar = match stdout().is_terminal() {
        true => ProgressBar::hidden(),
        false => progress(0, count),
    };
    classify(arguments, classifier, photos.into_iter(), |row| {
        broken += usize::from(row.is_broken());
        bar.inc(1);
        Ok(rows.push(row)?)
    })?;
    rows.finish()?;
    bar.finish_and_clear();
    Ok((count, broken))
}

/// Classifies what the journal has not yet, and makes the output of it; gives the
/// numbers of rows and of errors.
fn write(
    arguments: &Classify,
    classifier: &Classifier,
    mut photos: Vec<Photo>,
    format: Format,
    output: &Path,
    mut journal: Journal,
) -> Result<(usize, usize), Failure> {
    if journal.rows > 0 {
        complain(format_args!(
            "{}: {} rows are done, going on behind them",
            journal::path(output).display(),
            journal.rows
        ));
    }
    let count = photos.len();
    photos.retain(|photo| !journal.takes(&row::text(&photo.path)));
    let bar = progress(count - photos.len(), count);
    classify(arguments, classifier, photos.into_iter(), |row| {
        bar.inc(1);
        journal.push(&row)
    })?;
    bar.finish_and_clear();
    let top = classifier.shown(arguments.top);
    write_atomically(output, |out| {
        let mut rows = format::begin(format, top, out)?;
        journal.each(|row| rows.push(row))?;
        rows.finish()
    })
    .map_err(Failure::system)?;
    let counts = (journal.rows, journal.broken);
    journal.remove()?;
    Ok(counts)
}

/// Shows the row of every photo to `take`, in their order.
fn classify(
    arguments: &Classify,
    classifier: &Classifier,
    photos: impl ExactSizeIterator<Item = Photo>,
    take: impl FnMut(Row) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let jobs = arguments.rows.jobs.map_or_else(
        || thread::available_parallelism().map_or(1, NonZeroUsize::get),
        NonZeroUsize::get,
    );
    let jobs = jobs.min(photos.len());
    let workspaces: Vec<Workspace> = (0..jobs).map(|_| classifier.model.workspace()).collect();
    let compute = |photo: Photo, workspace: &mut Workspace| {
        let outcome = outcome(classifier, &photo, workspace, arguments.top);
        Row::new(&photo.path, outcome)
    };
    workers::run(photos, workspaces, compute, take)
}

/// What is said of a photo. One that a decoder of others panics at does not end the run.
fn outcome(
    classifier: &Classifier,
    photo: &Photo,
    workspace: &mut Workspace,
    top: NonZeroUsize,
) -> Outcome {
    if let Some(reason) = &photo.error {
        return Outcome::Error(reason.clone());
    }
    // Whatever is left in the workspace, the next photo is written over it.
    let answer = catch_unwind(AssertUnwindSafe(|| {
        classifier.top(&photo.path, workspace, top)
    }));
    match answer {
        Ok(Ok(top)) => Outcome::Top(top.iter().map(Into::into).collect()),
        Ok(Err(reason)) => Outcome::Error(reason),
        Err(_) => Outcome::Error(
            "efficientnet panicked at it, which is a fault of efficientnet; please report it"
                .to_owned(),
        ),
    }
}
