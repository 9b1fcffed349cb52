//! Compressed bytes, inflated while they are read.

use std::io::{self, BufReader, Read};
use std::ops::Range;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::{Compute, Source};

/// Bytes inflated at a time.
const CHUNK: usize = 1 << 16;

/// A DEFLATE stream (RFC 1951) whose inflated size and checksum are known.
pub(crate) struct Deflated {
    compressed: Source,
    size: u64,
    crc32: u32,
}

impl Deflated {
    /// The caller has found `size` to be reasonable: as many bytes may be asked for, in memory.
    pub(crate) fn new(compressed: Source, size: u64, crc32: u32) -> Self {
        Self {
            compressed,
            size,
            crc32,
        }
    }
}

impl Compute for Deflated {
    /// Number of bytes once inflated.
    fn len(&self) -> u64 {
        self.size
    }

    /// Inflates all up to the end of the range and keeps the range. Memory grows with what there
    /// really is.
    fn read(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let mut inflated = DeflateDecoder::new(BufReader::new(self.compressed.reader()));
        let mut crc = Crc::new();
        let mut chunk = [0; CHUNK];
        let (mut position, mut bytes) = (0, Vec::new());
        while position < range.end {
            let wanted = (range.end - position).min(CHUNK as u64) as usize;
            let read = inflated.read(&mut chunk[..wanted]).map_err(refused)?;
            if read == 0 {
                return Err(damaged("ends too early"));
            }
            crc.update(&chunk[..read]);
            let skipped = range.start.saturating_sub(position).min(read as u64) as usize;
            bytes.extend_from_slice(&chunk[skipped..read]);
            position += read as u64;
        }
        if range.end < self.size {
            return Ok(bytes);
        }
        if inflated.read(&mut chunk[..1]).map_err(refused)? > 0 {
            return Err(damaged("is longer than declared"));
        }
        if crc.sum() != self.crc32 {
            return Err(damaged("does not have its checksum"));
        }
        Ok(bytes)
    }
}

/// The decoder takes the blame for its input.
fn refused(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => damaged("is broken"),
        _ => error,
    }
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("damaged: a compressed entry {what}"),
    )
}
