//! Tensors of a checkpoint.

use std::fmt;

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

use super::{CheckpointError, Entry};

/// Element type of a tensor in a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dtype {
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary16.
    F16,
    /// The upper half of a binary32.
    BF16,
    /// Any other type, which no weight of a model may have, as its file names it.
    Other(String),
}

impl Dtype {
    /// Whether values of this type can be read as f32.
    pub fn is_supported(&self) -> bool {
        !matches!(self, Dtype::Other(_))
    }
}

impl From<safetensors::Dtype> for Dtype {
    fn from(dtype: safetensors::Dtype) -> Self {
        match dtype {
            safetensors::Dtype::F32 => Dtype::F32,
            safetensors::Dtype::F16 => Dtype::F16,
            safetensors::Dtype::BF16 => Dtype::BF16,
            other => Dtype::Other(other.to_string()),
        }
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Dtype::F32 => "F32",
            Dtype::F16 => "F16",
            Dtype::BF16 => "BF16",
            Dtype::Other(name) => name,
        })
    }
}

/// One tensor of a checkpoint, not decoded yet.
#[derive(Clone, Copy)]
pub struct TensorView<'a> {
    pub(super) file: &'a str,
    pub(super) name: &'a str,
    pub(super) entry: &'a Entry,
    pub(super) bytes: &'a [u8],
}

impl<'a> TensorView<'a> {
    /// Its name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Its shape, in the order of the file: PyTorch's, filters first.
    pub fn shape(&self) -> &'a [usize] {
        &self.entry.shape
    }

    /// Its element type in the file.
    pub fn dtype(&self) -> &'a Dtype {
        &self.entry.dtype
    }

    /// Its values in C order.
    ///
    /// # Errors
    /// If the tensor does not hold floats.
    pub fn to_f32(&self) -> Result<Vec<f32>, CheckpointError> {
        match self.dtype() {
            Dtype::F32 => Ok(self.decode(f32::from_le_bytes)),
            Dtype::F16 => Ok(self.decode(f16::from_le_bytes).to_f32_vec()),
            Dtype::BF16 => Ok(self.decode(bf16::from_le_bytes).to_f32_vec()),
            found @ Dtype::Other(_) => Err(CheckpointError::Dtype {
                file: self.file.to_owned(),
                tensor: self.name.to_owned(),
                found: found.clone(),
            }),
        }
    }

    fn decode<T, const N: usize>(&self, value: fn([u8; N]) -> T) -> Vec<T> {
        let (values, _) = self.bytes.as_chunks::<N>();
        values.iter().map(|&bytes| value(bytes)).collect()
    }
}

impl fmt::Debug for TensorView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?}", self.name, self.dtype(), self.shape())
    }
}
