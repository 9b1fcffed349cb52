//! Archives, taken apart and put together again.

use std::io::Write;

use fastrand::Rng;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchive, ZipArchiveWriter};

use super::bytes::Edits;
use super::{MOST, npy};

/// One file of an archive.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) deflated: bool,
}

/// Edits the contents of an entry.
pub(crate) fn entry(rng: &mut Rng, archive: &[u8], edits: &Edits<'_>) -> Option<Vec<u8>> {
    let mut entries = read(archive)?;
    let entry = rng.choice(entries.iter_mut())?;
    edits.apply(rng, &mut entry.bytes);
    Some(write(&entries))
}

/// Edits the header of an entry that is an array.
pub(crate) fn array(rng: &mut Rng, archive: &[u8], edits: &Edits<'_>) -> Option<Vec<u8>> {
    let mut entries = read(archive)?;
    let entry = rng.choice(entries.iter_mut())?;
    entry.bytes = npy::header(rng, &entry.bytes, edits)?;
    Some(write(&entries))
}

/// Renames, copies, removes or compresses an entry.
pub(crate) fn entries(rng: &mut Rng, archive: &[u8], edits: &Edits<'_>) -> Option<Vec<u8>> {
    let mut entries = read(archive)?;
    let place = rng.usize(..entries.len());
    let other = rng.usize(..entries.len());
    match rng.u8(..5) {
        0 => {
            let mut name = entries[place].name.clone().into_bytes();
            edits.apply(rng, &mut name);
            entries[place].name = String::from_utf8_lossy(&name).into_owned();
        }
        1 => entries.push(entries[place].clone()),
        2 => drop(entries.remove(place)),
        3 => entries[place].deflated ^= true,
        _ => entries[place].bytes = entries[other].bytes.clone(),
    }
    Some(write(&entries))
}

/// The files of an archive; `None` if it is none, or empty.
pub(crate) fn read(archive: &[u8]) -> Option<Vec<Entry>> {
    let archive = ZipArchive::from_slice(archive).ok()?;
    let mut entries = Vec::new();
    for record in archive.entries() {
        let record = record.ok()?;
        let name = str::from_utf8(record.file_path().as_bytes()).ok()?;
        let stored = archive.get_entry(record.wayfinder()).ok()?;
        let deflated = record.compression_method() == CompressionMethod::DEFLATE;
        let bytes = match deflated {
            true => decompress_to_vec_with_limit(stored.data(), MOST).ok()?,
            false => stored.data().to_vec(),
        };
        entries.push(Entry {
            name: name.to_owned(),
            bytes,
            deflated,
        });
    }
    (!entries.is_empty()).then_some(entries)
}

/// An archive of these files; without those whose names the format cannot hold.
pub(crate) fn write(entries: &[Entry]) -> Vec<u8> {
    const FAST: u8 = 1;
    let mut archive = ZipArchiveWriter::new(Vec::new());
    for entry in entries {
        let (method, packed) = match entry.deflated {
            true => (
                CompressionMethod::DEFLATE,
                compress_to_vec(&entry.bytes, FAST),
            ),
            false => (CompressionMethod::STORE, entry.bytes.clone()),
        };
        let file = archive.new_file(&entry.name).compression_method(method);
        let Ok((mut writer, _)) = file.start() else {
            continue;
        };
        let size = entry.bytes.len() as u64;
        let descriptor = DataDescriptorOutput::new(rawzip::crc32(&entry.bytes), size);
        let written = writer.write_all(&packed);
        written.expect("memory has room");
        writer.finish(descriptor).expect("memory has room");
    }
    archive.finish().expect("memory has room")
}
