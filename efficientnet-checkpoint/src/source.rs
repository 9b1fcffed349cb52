//! Bytes at random access: a file, memory, or a compressed part of either.

mod deflated;

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use deflated::Deflated;

/// Bytes that are read of a pipe or a device, which may have no end: the 208 million weights of
/// EfficientNetV2-XL, the largest variant published, as float32 with their moving average and the two
/// moments of an optimizer take 3.3 GB.
const MAX_STREAM: u64 = 1 << 32;

/// Bytes that are read where and when they are needed, so that a checkpoint never lies in memory as a
/// whole beside the weights made of it. Clones share the file or the memory.
#[derive(Clone)]
pub(crate) struct Source {
    store: Store,
    /// The part of the store that this is.
    range: Range<u64>,
}

#[derive(Clone)]
enum Store {
    Static(&'static [u8]),
    Memory(Arc<Vec<u8>>),
    /// One position is shared, so that reading moves it under the lock.
    File(Arc<Mutex<File>>),
    /// Made of other bytes whenever it is read.
    Computed(Arc<dyn Compute>),
}

/// Bytes that are made of others, whose number is known and reasonable.
pub(crate) trait Compute: Send + Sync {
    /// Number of bytes.
    fn len(&self) -> u64;

    /// The bytes of a range that lies inside.
    ///
    /// # Errors
    /// `InvalidData` if what they are made of is damaged; what the system says.
    fn read(&self, range: Range<u64>) -> io::Result<Vec<u8>>;
}

impl Source {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        if !metadata.is_file() {
            return Self::read_stream(file, MAX_STREAM);
        }
        Ok(Self {
            range: 0..metadata.len(),
            store: Store::File(Arc::new(Mutex::new(file))),
        })
    }

    /// What has no length and no positions, such as a pipe, in memory.
    fn read_stream(stream: impl Read, limit: u64) -> io::Result<Self> {
        let mut bytes = Vec::new();
        stream.take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("more than {limit} bytes of a pipe or device: save them to a file first"),
            ));
        }
        Ok(Self::from(bytes))
    }

    pub(crate) fn computed(bytes: impl Compute + 'static) -> Self {
        Self {
            range: 0..bytes.len(),
            store: Store::Computed(Arc::new(bytes)),
        }
    }

    pub(crate) fn len(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// Bytes that have to be read or made to read all of it: what is computed is made from its beginning.
    pub(crate) fn effort(&self) -> u64 {
        match self.store {
            Store::Computed(_) => self.range.end,
            _ => self.len(),
        }
    }

    /// A part of it.
    pub(crate) fn slice(&self, range: Range<u64>) -> Option<Self> {
        if range.start > range.end || range.end > self.len() {
            return None;
        }
        Some(Self {
            store: self.store.clone(),
            range: self.range.start + range.start..self.range.start + range.end,
        })
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> io::Result<Cow<'_, [u8]>> {
        self.read(0..self.len())
    }

    /// The same bytes, in memory if reading a part of them costs reading all that is in front of it.
    pub(crate) fn into_random_access(self) -> io::Result<Self> {
        match self.store {
            Store::Computed(_) => Ok(Self::from(self.bytes()?.into_owned())),
            _ => Ok(self),
        }
    }

    /// The bytes of a range; memory is borrowed, a file is read.
    ///
    /// # Errors
    /// `UnexpectedEof` if it does not lie inside; `InvalidData` if it is compressed and damaged; what
    /// the system says.
    pub(crate) fn read(&self, range: Range<u64>) -> io::Result<Cow<'_, [u8]>> {
        let Some(part) = self.slice(range) else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        // Inside of what is in memory, or about to be.
        let (start, len) = (part.range.start, part.len() as usize);
        match &self.store {
            Store::Static(bytes) => Ok(Cow::Borrowed(&bytes[start as usize..][..len])),
            Store::Memory(bytes) => Ok(Cow::Borrowed(&bytes[start as usize..][..len])),
            Store::File(file) => {
                let mut bytes = vec![0; len];
                read_file(file, start, &mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
            Store::Computed(bytes) => bytes.read(part.range).map(Cow::Owned),
        }
    }

    /// Fills the beginning of a buffer with the bytes from a position on; returns how many there were.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub(crate) fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let left = self.len().saturating_sub(position);
        let length = left.min(buffer.len() as u64) as usize;
        if length == 0 {
            return Ok(0);
        }
        let buffer = &mut buffer[..length];
        match &self.store {
            Store::File(file) => read_file(file, self.range.start + position, buffer)?,
            _ => buffer.copy_from_slice(&self.read(position..position + length as u64)?),
        }
        Ok(length)
    }

    /// A view that is read from beginning to end.
    pub(crate) fn reader(&self) -> Reader {
        Reader {
            source: self.clone(),
            position: 0,
        }
    }
}

fn read_file(file: &Mutex<File>, position: u64, buffer: &mut [u8]) -> io::Result<()> {
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(position))?;
    file.read_exact(buffer)
}

impl From<Vec<u8>> for Source {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            range: 0..bytes.len() as u64,
            store: Store::Memory(Arc::new(bytes)),
        }
    }
}

impl From<Cow<'static, [u8]>> for Source {
    fn from(bytes: Cow<'static, [u8]>) -> Self {
        match bytes {
            Cow::Owned(bytes) => Self::from(bytes),
            Cow::Borrowed(bytes) => Self {
                range: 0..bytes.len() as u64,
                store: Store::Static(bytes),
            },
        }
    }
}

impl From<Deflated> for Source {
    fn from(deflated: Deflated) -> Self {
        Self::computed(deflated)
    }
}

/// A source, read from beginning to end.
pub(crate) struct Reader {
    source: Source,
    position: u64,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read_at(buffer, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_without_end_are_refused() {
        let whole = Source::read_stream(&b"abc"[..], 3).unwrap();
        assert_eq!(*whole.bytes().unwrap(), *b"abc");
        let error = Source::read_stream(io::repeat(0), 3).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert!(
            error.to_string().starts_with("more than 3 bytes"),
            "{error}"
        );
    }
}
