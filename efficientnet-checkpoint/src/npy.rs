//! Arrays in NumPy's `.npy` format, for exchange with Python.
//!
//! Read by own code: the maintained crates of this format multiply the dimensions of a damaged
//! header until they overflow, allocate what it asks for, and depend on a parser generator.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::dtype::Element;
use crate::files::{WriteError, write_atomically};
use crate::float16;
use crate::formats::npy::{BEGINNING, Header};

/// Longest file that is read, in bytes: a hundred images of B7's resolution take less than half
/// of it.
const MAX_FILE: u64 = 1 << 30;

/// An array of f32 in C order: the last dimension is contiguous.
///
/// ```
/// use efficientnet_checkpoint::npy::Array;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("logits.npy");
/// let array = Array {
///     shape: vec![1, 3],
///     data: vec![0.5, -1.0, 2.0],
/// };
/// array.write(&path)?; // numpy.load reads it
/// assert_eq!(Array::read(&path)?, array);
/// # Ok(())
/// # }
/// ```
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

impl Array {
    /// Reads a file of float16, float32 or float64 values (rounded to float32), of any byte order,
    /// in C or Fortran order.
    ///
    /// # Errors
    /// If the file cannot be read, is truncated or damaged, or holds values of another type.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, NpyError> {
        let path = path.as_ref();
        let bytes = read(path).map_err(|source| NpyError::Read {
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
        let fits = count(&self.shape) == Some(self.data.len());
        let header = Header::encode(Element::F32, &self.shape).filter(|_| fits);
        let Some(header) = header else {
            let reason = format!("shape {:?} with {} values", self.shape, self.data.len());
            return Err(NpyError::Format {
                path: path.to_owned(),
                reason,
            });
        };
        write_atomically(path, |writer| {
            writer.write_all(&header)?;
            self.data
                .iter()
                .try_for_each(|value| writer.write_all(&value.to_le_bytes()))
        })?;
        Ok(())
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let (header, values) = bytes
            .split_at_checked(Header::length(bytes)?)
            .ok_or("it ends inside its header")?;
        let header = Header::parse(header)?;
        header.check_size(values.len() as u64)?;
        let data = decode(&header, values)?;
        let data = if header.fortran_order {
            to_c_order(&header, &data)
        } else {
            data
        };
        Ok(Self {
            shape: header.shape,
            data,
        })
    }
}

/// The bytes of a file, as far as it can be one: a device may have no end.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    file.by_ref()
        .take(BEGINNING as u64)
        .read_to_end(&mut bytes)?;
    if Header::length(&bytes).is_err() {
        return Ok(bytes);
    }
    file.take(MAX_FILE).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        let reason = format!("more than {MAX_FILE} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
    }
    Ok(bytes)
}

fn decode(header: &Header, values: &[u8]) -> Result<Vec<f32>, String> {
    let big_endian = header.big_endian;
    match header.element {
        Element::F16 => Ok(decode_as(values, big_endian, float16::binary16)),
        Element::F32 => Ok(decode_as(values, big_endian, f32::from_le_bytes)),
        Element::F64 => Ok(decode_as(values, big_endian, |bytes| {
            f64::from_le_bytes(bytes) as f32
        })),
        other => Err(format!(
            "values of type {other}, expected float16, float32 or float64"
        )),
    }
}

fn decode_as<const N: usize>(
    values: &[u8],
    big_endian: bool,
    value: fn([u8; N]) -> f32,
) -> Vec<f32> {
    let (values, _) = values.as_chunks::<N>();
    let in_order = values.iter().copied();
    if big_endian {
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

/// Number of values of a shape, unless it overflows.
fn count(shape: &[usize]) -> Option<usize> {
    shape
        .iter()
        .try_fold(1usize, |count, &length| count.checked_mul(length))
}

/// From first dimension contiguous to last dimension contiguous.
fn to_c_order(header: &Header, data: &[f32]) -> Vec<f32> {
    let (shape, strides) = (&header.shape, header.fortran_strides());
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
