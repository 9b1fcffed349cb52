//! The process of one parser.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use efficientnet_fuzz::{Inputs, Parser};

use crate::MEMORY;
use crate::arguments::Arguments;

/// Bytes that may be allocated at a time, inputs included.
pub(crate) const MEMORY_LIMIT: usize = 512 << 20;

/// Panics that are printed before a parser is given up.
const MOST_PANICS: usize = 20;

/// How often the time of an input is looked at.
const INTERVAL: Duration = Duration::from_millis(100);

/// When the current input began, in milliseconds from the start.
static BEGAN: AtomicU64 = AtomicU64::new(0);

/// Runs all inputs of a parser and prints a line of them; whether none failed. What ends the process is
/// explained by the parent, to which `progress` tells the input.
pub(crate) fn run(arguments: &Arguments, progress: &Path) -> io::Result<bool> {
    let start = Instant::now();
    let mut progress = File::create(progress)?;
    let parser = arguments.parsers[0];
    let inputs = Inputs::new(parser);
    MEMORY
        .set_limit(MEMORY_LIMIT)
        .map_err(|()| io::Error::other("the seeds take more memory than an input may"))?;
    watch(start, Duration::from_secs(arguments.seconds));
    let (mut taken, mut panics) = (0, 0);
    for number in arguments.first..arguments.first + arguments.inputs {
        progress.rewind()?;
        progress.write_all(&number.to_le_bytes())?;
        let input = inputs.get(number);
        BEGAN.store(start.elapsed().as_millis() as u64, Ordering::Relaxed);
        match panic::catch_unwind(AssertUnwindSafe(|| (parser.run)(&input))) {
            Ok(is_taken) => taken += u64::from(is_taken),
            Err(_) => {
                eprintln!("{}", saved(&inputs, number)?);
                panics += 1;
            }
        }
        if panics == MOST_PANICS {
            break;
        }
    }
    println!(
        "{:>12}  {} inputs, {taken} taken, at most {} MB, {:.1} s",
        parser.name,
        arguments.inputs,
        MEMORY.max_allocated() >> 20,
        start.elapsed().as_secs_f64()
    );
    Ok(panics == 0)
}

/// Runs one input of a file and prints what it took; how it fails is for a debugger to see.
pub(crate) fn run_file(parser: &Parser, file: &Path) -> io::Result<()> {
    let input = std::fs::read(file)?;
    let start = Instant::now();
    let taken = (parser.run)(&input);
    println!(
        "{}, at most {} MB, {:.1} s",
        if taken { "taken" } else { "refused" },
        MEMORY.max_allocated() >> 20,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Ends the process when an input takes too long.
fn watch(start: Instant, limit: Duration) {
    thread::spawn(move || {
        loop {
            thread::sleep(INTERVAL);
            let began = Duration::from_millis(BEGAN.load(Ordering::Relaxed));
            if start.elapsed().saturating_sub(began) > limit {
                eprintln!("an input took more than {} s", limit.as_secs());
                process::abort();
            }
        }
    });
}

/// Saves an input that failed, and says where.
pub(crate) fn saved(inputs: &Inputs, number: u64) -> io::Result<String> {
    let name = inputs.parser().name;
    let path = std::env::temp_dir().join(format!("{name}-{number}"));
    std::fs::write(&path, inputs.get(number))?;
    Ok(format!(
        "input {number} of `{name}` failed; it is saved as {}\n",
        path.display()
    ))
}
