//! Checkpoints: named tensors, read from a file or from bytes inside the binary.
//!
//! The bytes are read once and kept as they are; a tensor is decoded to f32 when it is asked for, so
//! that loading a model never holds all of its weights twice. Formats are told apart by their first
//! bytes (`format`), naming conventions by the names themselves (`flavour`).

mod advice;
mod check;
mod error;
mod flavour;
mod format;
mod safetensors;
mod tensor;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::Path;

pub use advice::Advice;
pub use check::{Mismatch, Misshapen, NamedShape, WrongDtype};
pub use error::CheckpointError;
pub use tensor::{Dtype, TensorView};

use format::Format;

/// A set of named tensors and the bytes that hold them.
#[derive(Clone)]
pub struct Checkpoint {
    file: String,
    bytes: Cow<'static, [u8]>,
    tensors: BTreeMap<String, Entry>,
}

/// Where a tensor lies in the bytes of its checkpoint, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    dtype: Dtype,
    shape: Vec<usize>,
    range: Range<usize>,
}

impl Checkpoint {
    /// Reads a checkpoint file.
    ///
    /// # Errors
    /// If the file cannot be read, is in a format that is not supported, truncated or corrupt.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, CheckpointError> {
        let path = path.as_ref();
        let file = path.display().to_string();
        match fs::read(path) {
            Ok(bytes) => Self::from_bytes(bytes, file),
            Err(source) => Err(CheckpointError::Read { file, source }),
        }
    }

    /// Takes the bytes of a checkpoint file, such as `include_bytes!` gives, without copying them.
    /// `name` stands for the file in messages.
    ///
    /// # Errors
    /// If the bytes are in a format that is not supported, truncated or corrupt.
    pub fn from_bytes(
        bytes: impl Into<Cow<'static, [u8]>>,
        name: impl Into<String>,
    ) -> Result<Self, CheckpointError> {
        let (bytes, file) = (bytes.into(), name.into());
        let tensors = match Format::detect(&bytes) {
            Format::Safetensors => {
                safetensors::entries(&bytes).map_err(|reason| CheckpointError::Corrupt {
                    file: file.clone(),
                    reason,
                })?
            }
            format => {
                return Err(CheckpointError::Format {
                    file,
                    format: format.name(),
                });
            }
        };
        Ok(Self {
            file,
            bytes,
            tensors,
        })
    }

    /// The file's name, as messages give it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// All tensors' names, sorted.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// All tensors, sorted by name.
    pub fn tensors(&self) -> impl ExactSizeIterator<Item = TensorView<'_>> {
        self.tensors
            .iter()
            .map(|(name, entry)| self.view(name, entry))
    }

    /// The tensor of this name.
    pub fn tensor(&self, name: &str) -> Option<TensorView<'_>> {
        self.tensors
            .get_key_value(name)
            .map(|(name, entry)| self.view(name, entry))
    }

    /// The values of a tensor that has to be there, in C order.
    ///
    /// # Errors
    /// If there is no such tensor, or if it does not hold floats.
    pub fn read(&self, name: &str) -> Result<Vec<f32>, CheckpointError> {
        match self.tensor(name) {
            Some(tensor) => tensor.to_f32(),
            None => Err(CheckpointError::Missing {
                file: self.file.clone(),
                tensor: name.to_owned(),
            }),
        }
    }

    /// Compares the tensors with what a model expects: its names and shapes.
    /// `num_batches_tracked`, which inference does not need, may be there or not.
    ///
    /// # Errors
    /// [`CheckpointError::Mismatch`] with every tensor that is missing, unexpected, misshapen or not
    /// of floats.
    pub fn check(
        &self,
        expected: &[(impl AsRef<str>, impl AsRef<[usize]>)],
    ) -> Result<(), CheckpointError> {
        match check::compare(self, expected) {
            Some(mismatch) => Err(CheckpointError::Mismatch(Box::new(mismatch))),
            None => Ok(()),
        }
    }

    fn view<'a>(&'a self, name: &'a str, entry: &'a Entry) -> TensorView<'a> {
        TensorView {
            file: &self.file,
            name,
            entry,
            bytes: &self.bytes[entry.range.clone()],
        }
    }
}

impl fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoint")
            .field("file", &self.file)
            .field("bytes", &self.bytes.len())
            .field("tensors", &self.tensors.len())
            .finish()
    }
}

#[cfg(test)]
mod tests;
