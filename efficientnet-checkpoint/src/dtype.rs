//! Element types.

use std::fmt;

/// Element type of a tensor in a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dtype {
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary16.
    F16,
    /// The upper half of a binary32.
    BF16,
    /// Any other type, which no weight of a model may have.
    Other(safetensors::Dtype),
}

impl Dtype {
    /// Whether values of this type are weights: they are read as f32.
    pub fn is_supported(self) -> bool {
        !matches!(self, Dtype::Other(_))
    }

    /// Bytes of one element; 0 for types smaller than a byte.
    pub(crate) fn size(self) -> usize {
        safetensors::Dtype::from(self).bitsize() / 8
    }
}

impl From<safetensors::Dtype> for Dtype {
    fn from(dtype: safetensors::Dtype) -> Self {
        match dtype {
            safetensors::Dtype::F32 => Dtype::F32,
            safetensors::Dtype::F16 => Dtype::F16,
            safetensors::Dtype::BF16 => Dtype::BF16,
            other => Dtype::Other(other),
        }
    }
}

impl From<Dtype> for safetensors::Dtype {
    fn from(dtype: Dtype) -> Self {
        match dtype {
            Dtype::F32 => Self::F32,
            Dtype::F16 => Self::F16,
            Dtype::BF16 => Self::BF16,
            Dtype::Other(other) => other,
        }
    }
}

/// As safetensors names it.
impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&safetensors::Dtype::from(*self), f)
    }
}
