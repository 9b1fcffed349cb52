//! Arrays in NumPy's `.npy` format, for exchange with Python.
//!
//! Read by own code: the maintained crates of this format multiply the dimensions of a damaged
//! header until they overflow, allocate what it asks for, and depend on a parser generator.

mod header;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use half::f16;

use crate::files::{WriteError, write_atomically};
use header::Header;

/// Most dimensions of an array, as in NumPy.
const MAX_RANK: usize = 64;

/// An array of f32 in C order: the last dimension is contiguous.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Length of each dimension; their product is the number of values.
    pub shape: Vec<usize>,
    /// The values.
    pub data: Vec<f32>,
}

/// An array could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NpyError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is no array of floats, or damaged.
    #[error("{}: not a .npy file of floats: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// An element type that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Float {
    F16,
    F32,
    F64,
}

impl Float {
    fn bytes(self) -> usize {
        match self {
            Float::F16 => 2,
            Float::F32 => 4,
            Float::F64 => 8,
        }
    }
}

impl Array {
    /// Reads a file of float16, float32 or float64 values (rounded to float32), of any byte order,
    /// in C or Fortran order.
    ///
    /// # Errors
    /// If the file cannot be read, is truncated or damaged, or holds values of another type.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, NpyError> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| NpyError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&bytes).map_err(|reason| NpyError::Format {
            path: path.to_owned(),
            reason,
        })
    }

    /// Writes a file of float32 values, little endian, in C order.
    ///
    /// # Errors
    /// If the system refuses, or if the shape does not fit the number of values.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), NpyError> {
        let path = path.as_ref();
        let fits = count(&self.shape) == Some(self.data.len()) && self.shape.len() <= MAX_RANK;
        if !fits {
            let reason = format!("shape {:?} with {} values", self.shape, self.data.len());
            return Err(NpyError::Format {
                path: path.to_owned(),
                reason,
            });
        }
        write_atomically(path, |writer| {
            writer.write_all(&Header::encode(&self.shape))?;
            self.data
                .iter()
                .try_for_each(|value| writer.write_all(&value.to_le_bytes()))
        })?;
        Ok(())
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let (header, values) = Header::parse(bytes)?;
        let rank = header.shape.len();
        if rank > MAX_RANK {
            return Err(format!(
                "it has {rank} dimensions (the limit is {MAX_RANK})"
            ));
        }
        let size = count(&header.shape).and_then(|count| count.checked_mul(header.float.bytes()));
        if size != Some(values.len()) {
            let size = size.map_or("too many".to_owned(), |size| size.to_string());
            let (shape, found) = (&header.shape, values.len());
            return Err(format!(
                "shape {shape:?} needs {size} bytes of values, found {found}"
            ));
        }
        let data = header.decode(values);
        let data = if header.fortran_order {
            to_c_order(&header.shape, &data)
        } else {
            data
        };
        Ok(Self {
            shape: header.shape,
            data,
        })
    }
}

impl Header {
    fn decode(&self, values: &[u8]) -> Vec<f32> {
        match self.float {
            Float::F16 => self.decode_as(values, |bytes| f16::from_le_bytes(bytes).to_f32()),
            Float::F32 => self.decode_as(values, f32::from_le_bytes),
            Float::F64 => self.decode_as(values, |bytes| f64::from_le_bytes(bytes) as f32),
        }
    }

    fn decode_as<const N: usize>(&self, values: &[u8], value: fn([u8; N]) -> f32) -> Vec<f32> {
        let (values, _) = values.as_chunks::<N>();
        let in_order = values.iter().copied();
        if self.big_endian {
            in_order
                .map(|mut bytes| {
                    bytes.reverse();
                    value(bytes)
                })
                .collect()
        } else {
            in_order.map(value).collect()
        }
    }
}

/// Number of values of a shape, unless it overflows.
fn count(shape: &[usize]) -> Option<usize> {
    shape
        .iter()
        .try_fold(1usize, |count, &length| count.checked_mul(length))
}

/// From first dimension contiguous to last dimension contiguous.
fn to_c_order(shape: &[usize], data: &[f32]) -> Vec<f32> {
    let strides: Vec<usize> = shape
        .iter()
        .scan(1, |stride, &length| {
            Some(std::mem::replace(stride, *stride * length))
        })
        .collect();
    let mut position = vec![0; shape.len()];
    let mut address = 0;
    let mut values = Vec::with_capacity(data.len());
    while values.len() < data.len() {
        values.push(data[address]);
        for axis in (0..shape.len()).rev() {
            position[axis] += 1;
            address += strides[axis];
            if position[axis] < shape[axis] {
                break;
            }
            address -= strides[axis] * shape[axis];
            position[axis] = 0;
        }
    }
    values
}

#[cfg(test)]
mod tests;
