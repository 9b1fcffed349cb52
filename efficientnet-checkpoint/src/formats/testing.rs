//! Files for tests, made by hand.

use std::io::Write;

use miniz_oxide::deflate::compress_to_vec;
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchiveWriter};

use crate::Checkpoint;

/// An entry of an archive, and what the archive says of it.
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) method: CompressionMethod,
    pub(super) encrypted: bool,
    /// The size once inflated, if not the true one.
    pub(super) size: Option<u64>,
}

impl<'a> Entry<'a> {
    pub(super) fn stored(name: &'a str, bytes: &'a [u8]) -> Self {
        Self {
            name,
            bytes,
            method: CompressionMethod::STORE,
            encrypted: false,
            size: None,
        }
    }

    pub(super) fn deflated(name: &'a str, bytes: &'a [u8]) -> Self {
        Self {
            method: CompressionMethod::DEFLATE,
            ..Self::stored(name, bytes)
        }
    }
}

/// Level of compression.
const BEST: u8 = 9;

/// A zip archive.
pub(super) fn zip(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut archive = ZipArchiveWriter::new(Vec::new());
    for entry in entries {
        let packed = match entry.method {
            CompressionMethod::DEFLATE => compress_to_vec(entry.bytes, BEST),
            _ => entry.bytes.to_vec(),
        };
        let file = archive.new_file(entry.name);
        let file = file.compression_method(entry.method);
        let (mut writer, _) = file.encrypted(entry.encrypted).start().unwrap();
        writer.write_all(&packed).unwrap();
        let size = entry.size.unwrap_or(entry.bytes.len() as u64);
        let crc = rawzip::crc32(entry.bytes);
        writer.finish(DataDescriptorOutput::new(crc, size)).unwrap();
    }
    archive.finish().unwrap()
}

/// A file as `numpy.save` (2.4) writes it: header padded to 128 bytes, then the values.
pub(crate) fn npy(dictionary: &str, values: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00v\x00".to_vec();
    bytes.extend(format!("{dictionary:<117}\n").bytes());
    bytes.extend(values);
    bytes
}

/// Three float32 values.
pub(super) fn three_ones() -> Vec<u8> {
    let values = [1.0f32; 3].map(f32::to_le_bytes).concat();
    npy(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
        &values,
    )
}

/// Why a file is refused.
pub(super) fn refusal(bytes: Vec<u8>) -> String {
    Checkpoint::from_bytes(bytes, "odd")
        .unwrap_err()
        .to_string()
}
