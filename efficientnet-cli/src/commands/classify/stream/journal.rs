//! Rows on disk before the output is complete, so that a run that was killed can go on.
//!
//! `OUT.partial` is a line of what the rows depend on, then the rows as lines of JSON, in the order of the
//! photos, each written by one call as soon as it is there. Only a line with an end is a row.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::options::{self, Options};
use super::row::Row;
use crate::failure::Failure;

/// The journal of one output, locked for this process.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// Bytes of the first line.
    header: u64,
    /// Rows by the paths in them: different paths that are not UTF-8 may read the same.
    done: HashMap<String, usize>,
    /// Rows.
    pub(super) rows: usize,
    /// Rows that are errors.
    pub(super) broken: usize,
}

/// Where the rows of an output are until it is complete.
pub(super) fn path(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

impl Journal {
    /// Begins a journal, or goes on with the one that is there: its rows up to the first that is not
    /// whole are done.
    ///
    /// # Errors
    /// If the file cannot be written, is of another run that still goes on, of other options, or none of
    /// ours.
    pub(super) fn open(path: PathBuf, options: &Options) -> Result<Self, Failure> {
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| unwritable(&path, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::Mistake(format!(
                    "{}: another run is writing it; wait for it, or give another -o",
                    path.display()
                )));
            }
            // Some file systems have no locks.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(unwritable(&path, &error)),
        }
        let mut journal = Self {
            path,
            file,
            header: 0,
            done: HashMap::new(),
            rows: 0,
            broken: 0,
        };
        journal.read(options)?;
        Ok(journal)
    }

    fn read(&mut self, options: &Options) -> Result<(), Failure> {
        let header = options::line(options);
        let mut reader = BufReader::new(&self.file);
        let mut line = Vec::new();
        // No first line of ours is longer than this one and another's paths.
        let most = header.len() as u64 + (1 << 20);
        let read = (&mut reader).take(most).read_until(b'\n', &mut line);
        read.map_err(|error| unwritable(&self.path, &error))?;
        if header.as_bytes().starts_with(&line) && line.len() < header.len() {
            // New, or stopped before the first line was whole.
            return self.begin(&header);
        }
        options::check(&self.path, &line, options)?;
        self.header = line.len() as u64;
        let mut end = self.header;
        loop {
            line.clear();
            reader
                .read_until(b'\n', &mut line)
                .map_err(|error| unwritable(&self.path, &error))?;
            let Some(row) = whole(&line) else { break };
            end += line.len() as u64;
            self.rows += 1;
            self.broken += usize::from(row.is_broken());
            *self.done.entry(row.path).or_default() += 1;
        }
        self.cut(end)
    }

    fn begin(&mut self, header: &str) -> Result<(), Failure> {
        self.cut(0)?;
        self.append(header)?;
        self.header = header.len() as u64;
        Ok(())
    }

    /// Drops everything behind a place, and writes there from now on.
    fn cut(&mut self, end: u64) -> Result<(), Failure> {
        let cut = self.file.set_len(end);
        let sought = cut.and_then(|()| self.file.seek(SeekFrom::Start(end)));
        sought.map_err(|error| unwritable(&self.path, &error))?;
        Ok(())
    }

    fn append(&mut self, text: &str) -> Result<(), Failure> {
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| unwritable(&self.path, &error))
    }

    /// Whether a row of this path is there; each row answers once.
    pub(super) fn takes(&mut self, path: &str) -> bool {
        match self.done.get_mut(path) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }

    /// Adds a row.
    pub(super) fn push(&mut self, row: &Row) -> Result<(), Failure> {
        self.append(&(row.line() + "\n"))?;
        self.rows += 1;
        self.broken += usize::from(row.is_broken());
        Ok(())
    }

    /// Shows every row to `take`, one at a time.
    pub(super) fn each(&self, mut take: impl FnMut(Row) -> io::Result<()>) -> io::Result<()> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.header))?;
        for line in BufReader::new(file).lines() {
            let line = line?;
            let changed = || io::Error::other("its rows were changed while it was written");
            take(Row::parse(&line).ok_or_else(changed)?)?;
        }
        Ok(())
    }

    /// Removes the file, when the output is complete.
    pub(super) fn remove(self) -> Result<(), Failure> {
        fs::remove_file(&self.path).map_err(|error| {
            let path = self.path.display();
            Failure::System(format!("{path}: cannot be removed: {error}"))
        })
    }
}

/// The row of a line that has an end.
fn whole(line: &[u8]) -> Option<Row> {
    let text = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    Row::parse(text)
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::System(format!("{}: cannot be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::super::row::Outcome;
    use super::*;

    fn options(top: &str) -> Options {
        Options::from([("top".to_owned(), top.to_owned())])
    }

    fn row(path: &str) -> Row {
        Row::new(Path::new(path), Outcome::Error("no".to_owned()))
    }

    fn paths(journal: &Journal) -> Vec<String> {
        let mut paths = Vec::new();
        journal
            .each(|row| {
                paths.push(row.path);
                Ok(())
            })
            .unwrap();
        paths
    }

    /// Whatever byte the file ends at, what is whole stays, and the rest can be written again.
    #[test]
    fn a_journal_goes_on_from_every_place_where_it_can_be_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.partial");
        let names = ["a", "b\n", "\u{e9}", "a"];
        let mut journal = Journal::open(path.clone(), &options("5")).unwrap();
        for name in names {
            journal.push(&row(name)).unwrap();
        }
        drop(journal);
        let whole = fs::read(&path).unwrap();
        for length in 0..=whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            let mut journal = Journal::open(path.clone(), &options("5")).unwrap();
            let ends = whole[..length].iter().filter(|&&byte| byte == b'\n');
            let rows = ends.count().saturating_sub(1);
            assert_eq!((journal.rows, journal.broken), (rows, rows), "{length}");
            for name in names {
                if !journal.takes(name) {
                    journal.push(&row(name)).unwrap();
                }
            }
            let mut found = paths(&journal);
            found.sort();
            assert_eq!(found, ["a", "a", "b\n", "\u{e9}"], "{length}");
        }
    }

    #[test]
    fn rows_behind_a_damaged_one_are_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.partial");
        let mut journal = Journal::open(path.clone(), &options("5")).unwrap();
        journal.push(&row("a")).unwrap();
        drop(journal);
        let mut text = fs::read(&path).unwrap();
        text.extend(b"\0\0\0\n");
        text.extend((row("b").line() + "\n").bytes());
        fs::write(&path, text).unwrap();
        let journal = Journal::open(path, &options("5")).unwrap();
        assert_eq!(paths(&journal), ["a"]);
    }

    #[test]
    fn one_run_at_a_time_with_the_same_options_and_on_a_file_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.partial");
        let open = |top| Journal::open(path.clone(), &options(top)).map(drop);
        let complaint = |top| open(top).unwrap_err().to_string();
        let held = Journal::open(path.clone(), &options("5")).unwrap();
        assert!(complaint("5").contains("another run"));
        drop(held);
        let other = complaint("3");
        assert!(other.contains("top was 5, is 3"), "{other}");
        open("5").unwrap();
        for text in ["a poem\n", "a poem", "{}\n"] {
            fs::write(&path, text).unwrap();
            assert!(complaint("5").contains("not of classify"), "{text}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
}
