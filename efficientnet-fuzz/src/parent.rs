//! Starts a process for each parser and explains what ends it.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use efficientnet_fuzz::{Inputs, Parser};

use crate::arguments::Arguments;
use crate::child;

/// Runs all parsers, as many at a time as there are processors; whether none failed.
pub(crate) fn run(arguments: &Arguments) -> io::Result<bool> {
    let folder = tempfile::tempdir()?;
    let (next, passed) = (AtomicUsize::new(0), AtomicBool::new(true));
    let work = || -> io::Result<()> {
        while let Some(parser) = arguments.parsers.get(next.fetch_add(1, Ordering::Relaxed)) {
            if !run_one(arguments, parser, &folder.path().join(parser.name))? {
                passed.store(false, Ordering::Relaxed);
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let count = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..count).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().expect("no panic"))
    })?;
    Ok(passed.into_inner())
}

fn run_one(arguments: &Arguments, parser: &'static Parser, progress: &Path) -> io::Result<bool> {
    let numbers = [
        ("--inputs", arguments.inputs),
        ("--first", arguments.first),
        ("--seconds", arguments.seconds),
    ];
    let status = Command::new(std::env::current_exe()?)
        .args(
            numbers
                .iter()
                .flat_map(|(name, n)| [name.to_string(), n.to_string()]),
        )
        .arg("--progress")
        .arg(progress)
        .arg(parser.name)
        .status()?;
    // A status says that the child itself had the last word.
    if status.code().is_none() {
        let number = fs::read(progress)?;
        let number = number.first_chunk().map_or(0, |n| u64::from_le_bytes(*n));
        let saved = child::saved(&Inputs::new(parser), number)?;
        eprintln!("{}: {status}\n{saved}", parser.name);
    }
    Ok(status.success())
}

/// Writes seeds as libFuzzer reads them: a folder a parser, a file a seed.
pub(crate) fn write_seeds(folder: &Path, parsers: &[&'static Parser]) -> io::Result<()> {
    for &parser in parsers {
        let folder = folder.join(parser.name);
        fs::create_dir_all(&folder)?;
        for (number, seed) in Inputs::new(parser).seeds().iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
    }
    Ok(())
}
