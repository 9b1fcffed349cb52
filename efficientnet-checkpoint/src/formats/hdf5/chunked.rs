//! Values in chunks, each perhaps compressed.

use std::io;
use std::mem;
use std::ops::Range;

use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};

use super::super::Refusal;
use super::btree::{self, Tree};
use super::file::{Cursor, File};
use super::{damaged, unsupported};
use crate::source::{Compute, Source};

/// Bytes that a dataset may have, however few are stored of it.
const MAX_INFLATED: u64 = 16 << 20;

/// Times the bytes stored that a larger dataset may have: weights hardly shrink.
const MAX_RATIO: u64 = 64;

/// Most filters of a dataset, as in HDF5.
const MAX_FILTERS: u8 = 32;

/// What was done to a chunk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    /// A zlib stream.
    Deflate,
    /// All elements' first bytes, all second ones, and so on.
    Shuffle,
}

/// Numbers of filters, and names of those that h5py and others have besides.
const FILTERS: [(u16, Result<Filter, &str>); 11] = [
    (1, Ok(Filter::Deflate)),
    (2, Ok(Filter::Shuffle)),
    (3, Err("fletcher32")),
    (4, Err("szip")),
    (5, Err("nbit")),
    (6, Err("scaleoffset")),
    (307, Err("bzip2")),
    (32000, Err("lzf")),
    (32001, Err("blosc")),
    (32004, Err("lz4")),
    (32015, Err("zstd")),
];

impl Filter {
    /// The filters of a message, in the order in which they were applied.
    pub(super) fn parse(mut cursor: Cursor<'_>) -> Result<Vec<Self>, Refusal> {
        let (version, count) = (cursor.u8()?, cursor.u8()?);
        if count > MAX_FILTERS {
            return Err(damaged(format!(
                "it went through {count} filters (the limit is {MAX_FILTERS})"
            )));
        }
        match version {
            1 => cursor.skip(6)?,
            2 => {}
            _ => return Err(unsupported(format!("has filters of version {version}"))),
        }
        (0..count)
            .map(|_| Self::parse_one(version, &mut cursor))
            .collect()
    }

    /// Number, length of the name, flags, number of values, name, values.
    fn parse_one(version: u8, cursor: &mut Cursor<'_>) -> Result<Self, Refusal> {
        let number = cursor.u16()?;
        let name = if version == 1 || number >= 256 {
            cursor.u16()?
        } else {
            0
        };
        cursor.skip(2)?;
        let values = usize::from(cursor.u16()?);
        let name = usize::from(name);
        let (name, values) = match version {
            1 => (name.next_multiple_of(8), values.next_multiple_of(2)),
            _ => (name, values),
        };
        cursor.skip(name + 4 * values)?;
        let known = FILTERS.iter().find(|(known, _)| *known == number);
        let name = match known {
            Some((_, Ok(filter))) => return Ok(*filter),
            Some((_, Err(name))) => (*name).to_owned(),
            None => format!("number {number}"),
        };
        Err(unsupported(format!(
            "went through the filter {name}, expected deflate (gzip), shuffle or none"
        )))
    }

    /// Takes back what was done. `length` is that of the chunk, in bytes.
    fn undo(self, bytes: &[u8], size: usize, length: usize) -> io::Result<Vec<u8>> {
        match self {
            Filter::Shuffle => Ok(unshuffled(bytes, size)),
            Filter::Deflate => inflated(bytes, length),
        }
    }
}

/// The bytes of a zlib stream (RFC 1950), of which there have to be `length`: no more are inflated.
fn inflated(bytes: &[u8], length: usize) -> io::Result<Vec<u8>> {
    decompress_to_vec_zlib_with_limit(bytes, length).map_err(|error| match error.status {
        TINFLStatus::HasMoreOutput => invalid(ANOTHER_LENGTH),
        _ => invalid("is broken"),
    })
}

fn unshuffled(bytes: &[u8], size: usize) -> Vec<u8> {
    let count = bytes.len() / size;
    let mut elements = bytes.to_vec();
    for (index, element) in elements.chunks_exact_mut(size).enumerate() {
        for (place, byte) in element.iter_mut().enumerate() {
            *byte = bytes[place * count + index];
        }
    }
    elements
}

const ANOTHER_LENGTH: &str = "has another length than its shape";

fn invalid(what: &str) -> io::Error {
    let message = format!("damaged: a chunk of values {what}");
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// Values in chunks, put together whenever they are read.
pub(super) struct Chunked {
    shape: Vec<usize>,
    /// Shape of every chunk; those at the ends reach beyond the values.
    chunk: Vec<usize>,
    /// Bytes of an element.
    size: usize,
    filters: Vec<Filter>,
    chunks: Vec<Chunk>,
}

struct Chunk {
    /// Of its first element.
    position: Vec<usize>,
    /// Where in the file it is stored.
    address: u64,
    stored: Source,
    /// Bits of the filters that it did not go through.
    skipped: u32,
}

impl Chunked {
    /// Finds all chunks. The message goes on with the number of dimensions, elements' bytes included,
    /// the address of a tree, and lengths.
    pub(super) fn locate(
        file: &File<'_>,
        mut message: Cursor<'_>,
        filters: Vec<Filter>,
        shape: &[usize],
        size: usize,
    ) -> Result<Source, Refusal> {
        let rank = usize::from(message.u8()?);
        let tree = message.address()?;
        let mut chunk = (0..rank)
            .map(|_| message.u32().map(|length| length as usize))
            .collect::<Result<Vec<_>, _>>()?;
        let found = chunk.pop();
        if chunk.len() != shape.len() || chunk.contains(&0) || found != Some(size) {
            return Err(damaged(format!(
                "chunks of {chunk:?} do not fit into its shape {shape:?}"
            )));
        }
        let chunks = match tree {
            Some(tree) => Chunk::locate_all(file, tree, shape.len())?,
            None => Vec::new(),
        };
        let chunked = Self {
            shape: shape.to_vec(),
            chunk,
            size,
            filters,
            chunks,
        };
        chunked.check()?;
        Ok(Source::computed(chunked))
    }

    /// Whether every element lies in exactly one chunk, and whether the whole is of a reasonable size.
    fn check(&self) -> Result<(), Refusal> {
        if !self.is_complete() {
            return Err(damaged(format!(
                "its {} chunks of {:?} do not make up its shape {:?}",
                self.chunks.len(),
                self.chunk,
                self.shape
            )));
        }
        self.check_stored()?;
        let stored: u64 = self.chunks.iter().map(|chunk| chunk.stored.len()).sum();
        let limit = stored.saturating_mul(MAX_RATIO).max(MAX_INFLATED);
        // Chunks at the ends may be nearly empty, but are inflated in full.
        let count = self.chunks.len().max(1);
        for (count, lengths) in [(1, &self.shape), (count, &self.chunk)] {
            let once = (self.size as u64).checked_mul(count as u64);
            let bytes = once.and_then(|bytes| {
                let mut lengths = lengths.iter();
                lengths.try_fold(bytes, |bytes, &length| bytes.checked_mul(length as u64))
            });
            if bytes.is_none_or(|bytes| bytes > limit) {
                let times = match count {
                    1 => String::new(),
                    _ => format!(" in {count} chunks"),
                };
                return Err(damaged(format!(
                    "its {stored} bytes are said to inflate to elements of {lengths:?}{times} (the limit is \
                     {limit} bytes)"
                )));
            }
        }
        Ok(())
    }

    /// Whether each position of a chunk is that of one.
    fn is_complete(&self) -> bool {
        let dimensions = self.shape.iter().zip(&self.chunk);
        let expected = dimensions
            .clone()
            .try_fold(1usize, |count, (shape, chunk)| {
                count.checked_mul(shape.div_ceil(*chunk))
            });
        let mut seen = vec![false; self.chunks.len()];
        expected == Some(seen.len())
            && self.chunks.iter().all(|chunk| {
                let mut number = 0;
                for ((shape, length), place) in dimensions.clone().zip(&chunk.position) {
                    if place >= shape || place % length != 0 {
                        return false;
                    }
                    number = number * shape.div_ceil(*length) + place / length;
                }
                !mem::replace(&mut seen[number], true)
            })
    }

    /// Whether no stored byte belongs to several chunks: the sum of what is stored would be no measure
    /// of what it may inflate to.
    fn check_stored(&self) -> Result<(), Refusal> {
        let spans = self.chunks.iter();
        let mut spans: Vec<_> = spans
            .map(|chunk| (chunk.address, chunk.address + chunk.stored.len()))
            .collect();
        spans.sort_unstable();
        if spans.windows(2).any(|pair| pair[0].1 > pair[1].0) {
            return Err(damaged("its chunks overlap in the file"));
        }
        Ok(())
    }

    /// A chunk's elements.
    fn inflate(&self, chunk: &Chunk) -> io::Result<Vec<u8>> {
        let length = self.chunk.iter().product::<usize>() * self.size;
        let mut bytes = chunk.stored.bytes()?.into_owned();
        for (index, filter) in self.filters.iter().enumerate().rev() {
            if chunk.skipped.checked_shr(index as u32).unwrap_or(0) & 1 == 0 {
                bytes = filter.undo(&bytes, self.size, length)?;
            }
        }
        if bytes.len() != length {
            return Err(invalid(ANOTHER_LENGTH));
        }
        Ok(bytes)
    }

    /// Copies a chunk's elements, row by row, to where they belong.
    fn place(&self, chunk: &Chunk, elements: &[u8], values: &mut [u8]) {
        let lengths: Vec<usize> = (0..self.shape.len())
            .map(|axis| self.chunk[axis].min(self.shape[axis] - chunk.position[axis]))
            .collect();
        let Some((&last, outer)) = lengths.split_last() else {
            return values.copy_from_slice(elements);
        };
        let mut place = vec![0; outer.len()];
        for _ in 0..outer.iter().product() {
            let (mut from, mut to) = (0, 0);
            for axis in 0..lengths.len() {
                let step = place.get(axis).copied().unwrap_or(0);
                from = from * self.chunk[axis] + step;
                to = to * self.shape[axis] + chunk.position[axis] + step;
            }
            let row = &elements[from * self.size..][..last * self.size];
            values[to * self.size..][..row.len()].copy_from_slice(row);
            for (step, &length) in place.iter_mut().zip(outer).rev() {
                *step += 1;
                if *step < length {
                    break;
                }
                *step = 0;
            }
        }
    }
}

impl Chunk {
    /// Keys: stored bytes, filters that were skipped, position with that inside of the element.
    fn locate_all(file: &File<'_>, tree: u64, rank: usize) -> Result<Vec<Self>, Refusal> {
        let key = 4 + 4 + 8 * (rank + 1);
        let leaves = btree::leaves(file, tree, Tree::Chunks { key })?;
        let chunks = leaves.into_iter().map(|(key, address)| {
            let mut cursor = file.cursor(&key);
            let (length, skipped) = (cursor.u32()?, cursor.u32()?);
            let position = (0..rank)
                .map(|_| Ok(usize::try_from(cursor.uint(8)?).unwrap_or(usize::MAX)))
                .collect::<Result<_, Refusal>>()?;
            let stored = file.values(address, length.into())?;
            Ok(Self {
                position,
                address,
                stored,
                skipped,
            })
        });
        chunks.collect()
    }
}

impl Compute for Chunked {
    fn len(&self) -> u64 {
        (self.shape.iter().product::<usize>() * self.size) as u64
    }

    fn read(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let mut values = vec![0; self.len() as usize];
        for chunk in &self.chunks {
            self.place(chunk, &self.inflate(chunk)?, &mut values);
        }
        Ok(values[range.start as usize..range.end as usize].to_vec())
    }
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::compress_to_vec_zlib;

    use super::*;

    /// Each of a hundred chunks holds one value of the dataset, but would be inflated in full.
    #[test]
    fn chunks_that_reach_beyond_the_values_count_in_full() {
        let chunked = |count: usize, length: usize| {
            let chunk = |number: usize| Chunk {
                position: vec![number, 0],
                address: number as u64,
                stored: Source::from(vec![0]),
                skipped: 0,
            };
            Chunked {
                shape: vec![count, 1],
                chunk: vec![1, length],
                size: 4,
                filters: vec![Filter::Deflate],
                chunks: (0..count).map(chunk).collect(),
            }
        };
        assert!(chunked(4, 1 << 20).check().is_ok());
        match chunked(100, 1 << 20).check() {
            Err(Refusal::Corrupt(_, reason)) => assert_eq!(
                reason,
                "its 100 bytes are said to inflate to elements of [1, 1048576] in 100 chunks (the limit is \
                 16777216 bytes)"
            ),
            other => panic!("{other:?}"),
        }
    }

    /// Stored, static and dynamic blocks.
    #[test]
    fn a_chunk_inflates_to_its_length_and_no_further() {
        for bytes in [vec![1], vec![7; 100_000], (0..=255).collect()] {
            for level in [0, 1, 9] {
                let stored = compress_to_vec_zlib(&bytes, level);
                assert!(inflated(&stored, bytes.len()).unwrap() == bytes);
                assert!(inflated(&stored, bytes.len() + 1).unwrap() == bytes);
                let longer = inflated(&stored, bytes.len() - 1).unwrap_err().to_string();
                assert!(longer.ends_with(ANOTHER_LENGTH), "{longer}");
                for cut in [0, 1, 2, stored.len() - 1] {
                    let broken = inflated(&stored[..cut], bytes.len()).unwrap_err();
                    assert!(broken.to_string().ends_with("is broken"), "{cut}: {broken}");
                }
            }
        }
    }
}
