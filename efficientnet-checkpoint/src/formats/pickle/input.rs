//! The bytes of pickles, one after the other.

use std::io::{self, BufRead, BufReader, Read};

use super::corrupt;
use crate::formats::Refusal;
use crate::source::{Reader, Source};

/// Most opcodes of one file, which bound the memory of all that they build. B7's weights with an
/// optimizer's state take some 200,000.
const MAX_OPCODES: usize = 1 << 22;

/// Bytes of text that are kept of one file.
const MAX_TEXT: u64 = 1 << 26;

/// Bytes of a line: part of a global's name.
const MAX_LINE: u64 = 1 << 10;

/// What is left to read.
pub(in crate::formats) struct Input {
    reader: BufReader<Reader>,
    position: u64,
    opcodes: usize,
    text: u64,
}

impl Input {
    pub(in crate::formats) fn new(source: &Source) -> Self {
        Self {
            reader: BufReader::new(source.reader()),
            position: 0,
            opcodes: 0,
            text: 0,
        }
    }

    /// Bytes read so far.
    pub(in crate::formats) fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes).map_err(refusal)?;
        self.position += N as u64;
        Ok(bytes)
    }

    pub(super) fn opcode(&mut self) -> Result<u8, Refusal> {
        self.opcodes += 1;
        if self.opcodes > MAX_OPCODES {
            return Err(corrupt(format!(
                "its pickle has more than {MAX_OPCODES} opcodes"
            )));
        }
        self.byte()
    }

    pub(super) fn byte(&mut self) -> Result<u8, Refusal> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Refusal> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Refusal> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn skip(&mut self, length: u64) -> Result<(), Refusal> {
        let mut skipped = self.reader.by_ref().take(length);
        let read = io::copy(&mut skipped, &mut io::sink()).map_err(refusal)?;
        self.position += read;
        if read < length {
            return Err(refusal(io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(())
    }

    /// Counts bytes of text that are kept.
    pub(super) fn spend_text(&mut self, length: u64) -> Result<(), Refusal> {
        self.text = self.text.saturating_add(length);
        if self.text > MAX_TEXT {
            return Err(corrupt(format!(
                "its pickle has more than {MAX_TEXT} bytes of text"
            )));
        }
        Ok(())
    }

    /// Text of this many bytes.
    pub(super) fn text(&mut self, length: u64) -> Result<String, Refusal> {
        self.spend_text(length)?;
        let mut bytes = Vec::new();
        let read = self.reader.by_ref().take(length).read_to_end(&mut bytes);
        if (read.map_err(refusal)? as u64) < length {
            return Err(refusal(io::ErrorKind::UnexpectedEof.into()));
        }
        self.position += length;
        // Lone surrogates, which Python writes as they are, are in no name of a tensor.
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Text up to the end of the line, which is read, too.
    pub(super) fn line(&mut self) -> Result<String, Refusal> {
        let mut line = Vec::new();
        let mut reader = self.reader.by_ref().take(MAX_LINE);
        reader.read_until(b'\n', &mut line).map_err(refusal)?;
        self.position += line.len() as u64;
        if line.pop() != Some(b'\n') {
            return Err(corrupt("its pickle names a class without end".to_owned()));
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }
}

fn refusal(error: io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => corrupt("truncated: its pickle ends too early".to_owned()),
        _ => Refusal::Io(error),
    }
}
