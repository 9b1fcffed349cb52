//! Addresses of a file, and what lies at them.

use std::borrow::Cow;
use std::cell::Cell;

use super::super::Refusal;
use super::{damaged, unsupported};
use crate::source::Source;

/// How a file begins.
const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";

/// Longest superblock: version 1 with addresses of 8 bytes.
const SUPERBLOCK: u64 = 100;

/// Bytes of headers and tables that are read at most, of a file of any size: the whole model of B7 has
/// 2 MB of them. What is kept of them takes up to ten times as many.
const MAX_TABLES: u64 = 16 << 20;

/// Times its own size that is read of a small file: h5py's tables are read twice at most.
const MAX_READINGS: u64 = 4;

/// Bytes of an address and of a length in the file.
#[derive(Clone, Copy)]
pub(super) struct Widths {
    pub(super) address: usize,
    pub(super) length: usize,
}

/// An HDF5 file. Its tables may refer to each other as they like: only so much of them is read that
/// circles end and overlaps do not add up.
pub(super) struct File<'a> {
    source: &'a Source,
    pub(super) widths: Widths,
    /// Bytes that may still be read.
    left: Cell<u64>,
}

impl<'a> File<'a> {
    /// The file, and the address of its root group.
    pub(super) fn open(source: &'a Source) -> Result<(Self, u64), Refusal> {
        let bytes = source.read(0..source.len().min(SUPERBLOCK))?;
        let widths = Widths {
            address: 8,
            length: 8,
        };
        let bytes = bytes
            .strip_prefix(SIGNATURE)
            .ok_or_else(|| damaged("it has no signature"))?;
        let mut cursor = Cursor::new(bytes, widths);
        let version = cursor.u8()?;
        // Versions and sizes of other parts lie around the widths.
        let skipped = match version {
            0 => (4, 9),
            1 => (4, 13),
            2 | 3 => (0, 1),
            _ => {
                return Err(unsupported(format!(
                    "HDF5 with a superblock of version {version}"
                )));
            }
        };
        cursor.skip(skipped.0)?;
        let widths = Widths {
            address: cursor.u8()?.into(),
            length: cursor.u8()?.into(),
        };
        if ![widths.address, widths.length]
            .iter()
            .all(|width| [2, 4, 8].contains(width))
        {
            return Err(damaged("its addresses are of no possible size"));
        }
        cursor.widths = widths;
        cursor.skip(skipped.1)?;
        let [base, _, end] = [cursor.address()?, cursor.address()?, cursor.address()?];
        if version < 2 {
            // Driver information and, in the root's entry, a name.
            cursor.skip(2 * widths.address)?;
        }
        let root = cursor
            .address()?
            .ok_or_else(|| damaged("it has no root group"))?;
        match end {
            Some(end) if base == Some(0) && end > source.len() => Err(damaged(format!(
                "truncated: it has {} of {end} bytes",
                source.len()
            ))),
            Some(_) if base == Some(0) => Ok((
                Self {
                    source,
                    widths,
                    left: Cell::new(source.len().saturating_mul(MAX_READINGS).min(MAX_TABLES)),
                },
                root,
            )),
            _ => Err(damaged(
                "its addresses have another origin than its beginning",
            )),
        }
    }

    /// Bytes of headers and tables.
    pub(super) fn read(&self, address: u64, length: u64) -> Result<Cow<'a, [u8]>, Refusal> {
        if address
            .checked_add(length)
            .is_none_or(|end| end > self.source.len())
        {
            return Err(damaged(format!(
                "{length} bytes at {address} lie outside of the file, which has {}",
                self.source.len()
            )));
        }
        self.spend(length)?;
        Ok(self.source.read(address..address + length)?)
    }

    /// Counts bytes that are read, or that are kept because of what was read.
    pub(super) fn spend(&self, bytes: u64) -> Result<(), Refusal> {
        let left = self.left.get().checked_sub(bytes).ok_or_else(|| {
            damaged("its headers and tables run in circles, overlap or are too large")
        })?;
        self.left.set(left);
        Ok(())
    }

    /// As [`File::read`], but what there is where the file ends earlier.
    pub(super) fn read_beginning(
        &self,
        address: u64,
        length: u64,
    ) -> Result<Cow<'a, [u8]>, Refusal> {
        let rest = self.source.len().saturating_sub(address);
        self.read(address, length.min(rest))
    }

    /// Bytes of values, not read yet.
    pub(super) fn values(&self, address: u64, length: u64) -> Result<Source, Refusal> {
        address
            .checked_add(length)
            .and_then(|end| self.source.slice(address..end))
            .ok_or_else(|| {
                damaged(format!(
                    "truncated or damaged: {length} bytes of values at {address} lie outside of the \
                     file, which has {}",
                    self.source.len()
                ))
            })
    }

    pub(super) fn cursor<'b>(&self, bytes: &'b [u8]) -> Cursor<'b> {
        Cursor::new(bytes, self.widths)
    }
}

/// Fields one after the other, little endian.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    widths: Widths,
}

impl<'a> Cursor<'a> {
    fn new(bytes: &'a [u8], widths: Widths) -> Self {
        Self { bytes, widths }
    }

    /// Bytes that are left.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Refusal> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(length)
            .ok_or_else(|| damaged("truncated or damaged: a header ends inside a field"))?;
        self.bytes = rest;
        Ok(taken)
    }

    /// Fields of the next bytes.
    pub(super) fn nested(&mut self, length: usize) -> Result<Self, Refusal> {
        let widths = self.widths;
        self.take(length).map(|bytes| Self::new(bytes, widths))
    }

    pub(super) fn skip(&mut self, length: usize) -> Result<(), Refusal> {
        self.take(length).map(drop)
    }

    /// Skips the signature of a structure.
    pub(super) fn signature(&mut self, signature: &[u8; 4]) -> Result<(), Refusal> {
        if self.take(signature.len())? == signature {
            return Ok(());
        }
        Err(damaged(format!(
            "the signature {} is missing",
            signature.escape_ascii()
        )))
    }

    /// An unsigned number of up to 8 bytes.
    pub(super) fn uint(&mut self, width: usize) -> Result<u64, Refusal> {
        let bytes = self.take(width)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    pub(super) fn u8(&mut self) -> Result<u8, Refusal> {
        self.take(1).map(|bytes| bytes[0])
    }

    pub(super) fn u16(&mut self) -> Result<u16, Refusal> {
        self.uint(2).map(|number| number as u16)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Refusal> {
        self.uint(4).map(|number| number as u32)
    }

    pub(super) fn length(&mut self) -> Result<u64, Refusal> {
        self.uint(self.widths.length)
    }

    /// An address; `None` where all bits say that there is none.
    pub(super) fn address(&mut self) -> Result<Option<u64>, Refusal> {
        let width = self.widths.address;
        let address = self.uint(width)?;
        Ok((address != u64::MAX >> (64 - 8 * width)).then_some(address))
    }
}
