//! Floats of a file, mapped into memory: pages are read when kernels first touch them, and shared
//! between processes.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use memmap2::Mmap;

/// A file mapped into memory, not to be changed while it is in use.
#[derive(Debug)]
pub struct MappedFile(Mmap);

impl MappedFile {
    /// Maps a file.
    ///
    /// The file must not be truncated or written to while it is mapped; replacing it by renaming
    /// another over it, as [`crate::files`] does, is safe.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        // SAFETY: the mapping is private and read-only; that no one changes the file meanwhile is the
        // documented condition of packed files, which this crate itself only ever replaces by rename.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self(map))
    }

    /// All bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The floats of a range of bytes; `None` if it is not inside or not aligned.
    pub fn floats(&self, range: Range<usize>) -> Option<&[f32]> {
        bytemuck::try_cast_slice(self.0.get(range)?).ok()
    }
}
