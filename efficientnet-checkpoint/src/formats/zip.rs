//! Zip archives: `.pth`, `.npz` and `.keras` files, told apart by what they hold.
//!
//! An entry is never trusted: it has to lie inside the archive, entries may not overlap, and what one
//! inflates to is limited (David Fifield, "A better zip bomb", WOOT 2019).

use std::collections::BTreeMap;
use std::io;

use rawzip::{
    CompressionMethod, ErrorKind, MAX_CENTRAL_DIRECTORY_RECORD_SIZE, ReaderAt, ZipArchive,
    ZipFileHeaderRecord, ZipLocator,
};

use super::{Contents, Refusal};
use crate::format::Format;
use crate::quote::quoted;
use crate::source::{Deflated, Source};

/// Bytes that a compressed entry may inflate to, whatever its own size.
const MAX_INFLATED: u64 = 16 << 20;

/// Times its own size that a larger entry may inflate to: weights hardly shrink.
const MAX_RATIO: u64 = 64;

/// Most entries: B7's weights with an optimizer's state have some 4,000.
const MAX_ENTRIES: u64 = 1 << 16;

/// Names listed of an archive that is no checkpoint.
const LISTED: usize = 3;

/// Reads the checkpoint in an archive.
pub(super) fn read(source: &Source) -> Result<Contents, Refusal> {
    let archive = Archive::open(source)?;
    match archive.format {
        Format::Keras => super::keras::read(&archive),
        Format::PyTorch => super::pytorch::read_archive(&archive),
        _ => super::npz::read(&archive),
    }
}

/// A zip archive's table of contents.
pub(super) struct Archive {
    format: Format,
    entries: BTreeMap<String, Entry>,
}

/// One file of an archive.
struct Entry {
    /// As it lies in the archive.
    stored: Source,
    method: CompressionMethod,
    encrypted: bool,
    /// Once inflated, as the archive says.
    size: u64,
    crc32: u32,
}

impl Archive {
    /// Reads the table of contents.
    fn open(source: &Source) -> Result<Self, Refusal> {
        let mut buffer = vec![0; MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
        let archive = ZipLocator::new()
            .locate_in_reader(source, &mut buffer, source.len())
            .map_err(|(_, error)| refusal(error))?;
        let mut entries = BTreeMap::new();
        let mut spans = Vec::new();
        let mut count = 0;
        check_count(archive.entries_hint())?;
        let mut records = archive.entries(&mut buffer);
        while let Some(record) = records.next_entry().map_err(refusal)? {
            count += 1;
            check_count(count)?;
            if record.is_dir() {
                continue;
            }
            let name = str::from_utf8(record.file_path().as_bytes())
                .map_err(|_| damaged("an entry's name is not UTF-8"))?
                .to_owned();
            let (entry, end) = Entry::locate(&archive, &record)?;
            spans.push((record.local_header_offset(), end));
            if entries.insert(name.clone(), entry).is_some() {
                return Err(damaged(&format!(
                    "two entries are called {}",
                    quoted(&name)
                )));
            }
        }
        if count != archive.entries_hint() {
            let expected = archive.entries_hint();
            return Err(damaged(&format!("{count} entries, expected {expected}")));
        }
        spans.push((archive.directory_offset(), source.len()));
        spans.sort_unstable();
        if spans.windows(2).any(|pair| pair[0].1 > pair[1].0) {
            return Err(damaged("its entries overlap"));
        }
        let format = detect(&entries)?;
        Ok(Self { format, entries })
    }

    /// All entries' names, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The contents of an entry that has to be there, of at most `limit` bytes. A compressed one is inflated
    /// into memory.
    pub(super) fn entry(&self, name: &str, limit: u64) -> Result<Source, Refusal> {
        let contents = self.sequential_entry(name)?;
        if contents.len() > limit {
            let reason = format!("it has {} bytes (the limit is {limit})", contents.len());
            return Err(self.corrupt(name, &reason));
        }
        contents
            .into_random_access()
            .map_err(|error| self.unreadable(name, error))
    }

    /// The contents of an entry that has to be there. A compressed one is inflated from its beginning
    /// each time that it is read.
    pub(super) fn sequential_entry(&self, name: &str) -> Result<Source, Refusal> {
        let Some(entry) = self.entries.get(name) else {
            return Err(self.corrupt(name, "it is missing"));
        };
        entry
            .contents()
            .map_err(|reason| self.corrupt(name, &reason))
    }

    /// What reading an entry fails with.
    pub(super) fn unreadable(&self, name: &str, error: io::Error) -> Refusal {
        match error.kind() {
            io::ErrorKind::InvalidData => self.corrupt(name, &error.to_string()),
            _ => Refusal::Io(error),
        }
    }

    pub(super) fn corrupt(&self, name: &str, reason: &str) -> Refusal {
        Refusal::Corrupt(self.format, format!("entry {}: {reason}", quoted(name)))
    }
}

impl Entry {
    /// The entry that a record describes, and where its bytes end.
    fn locate(
        archive: &ZipArchive<&Source>,
        record: &ZipFileHeaderRecord<'_>,
    ) -> Result<(Self, u64), Refusal> {
        let located = archive.get_entry(record.wayfinder()).map_err(refusal)?;
        let (start, end) = located.compressed_data_range();
        let entry = Self {
            stored: archive
                .get_ref()
                .slice(start..end)
                .ok_or_else(|| damaged("an entry reaches beyond its end"))?,
            method: record.compression_method(),
            encrypted: record.flags().is_encrypted(),
            size: record.uncompressed_size_hint(),
            crc32: record.crc32(),
        };
        Ok((entry, end))
    }

    fn contents(&self) -> Result<Source, String> {
        if self.encrypted {
            return Err("it is encrypted, expected an archive without a password".to_owned());
        }
        let stored = self.stored.len();
        match self.method {
            CompressionMethod::STORE if self.size == stored => Ok(self.stored.clone()),
            CompressionMethod::STORE => Err(format!(
                "it is {stored} bytes long, but said to have {}",
                self.size
            )),
            CompressionMethod::DEFLATE => {
                let limit = stored.saturating_mul(MAX_RATIO).max(MAX_INFLATED);
                if self.size > limit {
                    return Err(format!(
                        "its {stored} bytes are said to inflate to {} (the limit is {limit})",
                        self.size
                    ));
                }
                Ok(Deflated::new(self.stored.clone(), self.size, self.crc32).into())
            }
            method => Err(format!(
                "it is compressed as {method}, expected deflate or nothing"
            )),
        }
    }
}

fn check_count(entries: u64) -> Result<(), Refusal> {
    if entries > MAX_ENTRIES {
        let reason = format!("it has {entries} entries or more (the limit is {MAX_ENTRIES})");
        return Err(damaged(&reason));
    }
    Ok(())
}

/// The format of an archive with these entries.
fn detect(entries: &BTreeMap<String, Entry>) -> Result<Format, Refusal> {
    let any = |of: fn(&str) -> bool| entries.keys().any(|name| of(name));
    if any(|name| name == "model.weights.h5") {
        return Ok(Format::Keras);
    }
    if any(|name| name == "data.pkl" || name.ends_with("/data.pkl")) {
        return Ok(Format::PyTorch);
    }
    if !entries.is_empty() && !any(|name| !name.ends_with(super::npz::EXTENSION)) {
        return Ok(Format::Npz);
    }
    let listed: Vec<_> = entries
        .keys()
        .take(LISTED)
        .map(|name| quoted(name))
        .collect();
    let listed = listed.join(", ");
    Err(Refusal::Unsupported(match entries.len() {
        0 => "an empty zip archive".to_owned(),
        count if count > LISTED => format!("a zip archive of {listed} and {} more", count - LISTED),
        _ => format!("a zip archive of {listed}"),
    }))
}

impl ReaderAt for Source {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        Source::read_at(self, buffer, offset)
    }
}

fn refusal(error: rawzip::Error) -> Refusal {
    match error.into_kind() {
        ErrorKind::IO(error) if error.kind() != io::ErrorKind::UnexpectedEof => Refusal::Io(error),
        ErrorKind::IO(_) | ErrorKind::Eof => damaged("an entry reaches beyond its end"),
        ErrorKind::MissingEndOfCentralDirectory => {
            let reason = "a zip archive, truncated: its table of contents, at its end, is missing";
            Refusal::Unsupported(reason.to_owned())
        }
        kind => damaged(&kind.to_string()),
    }
}

fn damaged(reason: &str) -> Refusal {
    Refusal::Unsupported(format!("a zip archive, damaged: {reason}"))
}

#[cfg(test)]
mod tests;
