//! Tensors of a checkpoint.

use std::borrow::Cow;
use std::fmt;

use crate::dtype::{Dtype, Element};
use crate::entry::Entry;
use crate::error::CheckpointError;
use crate::float16;

/// One tensor of a checkpoint, not read yet.
#[derive(Clone, Copy)]
pub struct TensorView<'a> {
    pub(crate) file: &'a str,
    pub(crate) name: &'a str,
    pub(crate) entry: &'a Entry,
}

impl<'a> TensorView<'a> {
    /// Its name, as the file has it.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Its shape, in the order of the file: PyTorch's has filters first, Keras's last.
    pub fn shape(&self) -> &'a [usize] {
        &self.entry.shape
    }

    /// Its element type in the file.
    pub fn dtype(&self) -> Dtype {
        self.entry.dtype
    }

    /// Number of its elements.
    pub fn count(&self) -> usize {
        let lengths = self.shape().iter();
        lengths.fold(1usize, |count, &length| count.saturating_mul(length))
    }

    /// Number of bytes that its elements take.
    pub fn byte_len(&self) -> usize {
        let bits = Element::from(self.dtype()).bits();
        self.count().saturating_mul(bits) / 8
    }

    /// Its elements in C order, little endian, as they are.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn bytes(&self) -> Result<Cow<'a, [u8]>, CheckpointError> {
        self.entry.bytes().map_err(|source| CheckpointError::Read {
            file: self.file.to_owned(),
            source,
        })
    }

    /// Its values in C order.
    ///
    /// # Errors
    /// If the file cannot be read, or the tensor holds neither floats nor bytes.
    pub fn to_f32(&self) -> Result<Vec<f32>, CheckpointError> {
        let decode: fn(&[u8]) -> Vec<f32> = match self.dtype() {
            Dtype::F32 => |bytes| decode(bytes, f32::from_le_bytes),
            Dtype::F16 => |bytes| decode(bytes, float16::binary16),
            Dtype::BF16 => |bytes| decode(bytes, float16::bfloat16),
            Dtype::I8 => |bytes| decode(bytes, |byte| i8::from_le_bytes(byte).into()),
            Dtype::U8 => |bytes| decode(bytes, |[byte]| byte.into()),
            found @ Dtype::Other(_) => {
                return Err(CheckpointError::Dtype {
                    file: self.file.to_owned(),
                    tensor: self.name.to_owned(),
                    found,
                });
            }
        };
        Ok(decode(&self.bytes()?))
    }
}

fn decode<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    let (values, _) = bytes.as_chunks::<N>();
    values.iter().map(|&bytes| value(bytes)).collect()
}

impl fmt::Debug for TensorView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?}", self.name, self.dtype(), self.shape())
    }
}
