//! Compressed bytes, inflated while they are read.

use std::io::{self, BufRead, BufReader};
use std::ops::Range;

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};
use rawzip::Crc32;

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
        let mut inflater = Inflater::new(BufReader::new(self.compressed.reader()));
        let mut crc = Crc32::new();
        let mut chunk = [0; CHUNK];
        let (mut position, mut bytes) = (0, Vec::new());
        while position < range.end {
            let wanted = (range.end - position).min(CHUNK as u64) as usize;
            let read = inflater.read(&mut chunk[..wanted])?;
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
        if inflater.read(&mut chunk[..1])? > 0 {
            return Err(damaged("is longer than declared"));
        }
        if crc.checksum() != self.crc32 {
            return Err(damaged("does not have its checksum"));
        }
        Ok(bytes)
    }
}

/// A decoder and what it reads.
struct Inflater<R> {
    compressed: R,
    state: Box<InflateState>,
}

impl<R: BufRead> Inflater<R> {
    fn new(compressed: R) -> Self {
        Self {
            compressed,
            state: InflateState::new_boxed(DataFormat::Raw),
        }
    }

    /// Fills the beginning of a buffer, which is not empty; returns how many bytes there were, none only
    /// at the end of the stream.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let compressed = self.compressed.fill_buf()?;
            let ended = compressed.is_empty();
            let progress = inflate(&mut self.state, compressed, buffer, MZFlush::None);
            self.compressed.consume(progress.bytes_consumed);
            match progress.status {
                Ok(MZStatus::StreamEnd) => return Ok(progress.bytes_written),
                // Without input, the decoder still has what it took in before.
                Ok(_) | Err(MZError::Buf) if progress.bytes_written > 0 => {
                    return Ok(progress.bytes_written);
                }
                Ok(_) if !ended => {}
                _ => return Err(damaged("is broken")),
            }
        }
    }
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("damaged: a compressed entry {what}"),
    )
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::compress_to_vec;
    use proptest::prelude::*;

    use super::*;

    fn deflated(compressed: Vec<u8>, bytes: &[u8]) -> Deflated {
        let (size, crc32) = (bytes.len() as u64, rawzip::crc32(bytes));
        Deflated::new(Source::from(compressed), size, crc32)
    }

    /// Runs and noise, longer than the decoder's window and than what is read at a time.
    fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
        let run = (any::<u8>(), 0..40_000usize).prop_map(|(byte, length)| vec![byte; length]);
        let noise = prop::collection::vec(any::<u8>(), 0..9_000);
        prop::collection::vec(prop_oneof![run, noise], 0..6).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_range_is_inflated(
            bytes in any_bytes(),
            level in 0..=10u8,
            ends in any::<[prop::sample::Index; 2]>(),
        ) {
            let deflated = deflated(compress_to_vec(&bytes, level), &bytes);
            let mut ends = ends.map(|end| end.index(bytes.len() + 1));
            ends.sort_unstable();
            let [start, end] = ends;
            let read = deflated.read(start as u64..end as u64).unwrap();
            prop_assert!(read == bytes[start..end]);
            prop_assert!(deflated.read(0..deflated.len()).unwrap() == bytes);
        }
    }

    #[test]
    fn streams_cut_anywhere_are_refused() {
        let bytes: Vec<u8> = (0..1000u32).map(|n| ((n * n) >> 4) as u8).collect();
        let whole = compress_to_vec(&bytes, 6);
        for length in 0..whole.len() {
            let deflated = deflated(whole[..length].to_vec(), &bytes);
            let error = deflated.read(0..deflated.len()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            assert!(
                error.to_string().ends_with("is broken"),
                "{length}: {error}"
            );
        }
    }

    #[test]
    fn another_checksum_is_refused() {
        let deflated = Deflated::new(Source::from(compress_to_vec(b"abc", 6)), 3, 0);
        let error = deflated.read(0..3).unwrap_err().to_string();
        assert!(error.ends_with("does not have its checksum"), "{error}");
        assert_eq!(deflated.read(0..2).unwrap(), b"ab");
    }
}
