//! What can be wrong with a checkpoint.

use std::io;

use super::{Dtype, Mismatch};

/// Why a checkpoint cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The file cannot be read.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The checkpoint.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// The file is in a format that is known but not supported.
    #[error(
        "{file}: expected a safetensors file, found {format}; save its state dictionary with \
         safetensors.torch.save_file"
    )]
    Format {
        /// The checkpoint.
        file: String,
        /// The format found.
        format: &'static str,
    },
    /// The file is truncated or damaged, or no checkpoint at all.
    #[error("{file}: not a valid safetensors file: {reason}")]
    Corrupt {
        /// The checkpoint.
        file: String,
        /// What is wrong, where.
        reason: String,
    },
    /// A tensor is not there.
    #[error("{file}: there is no tensor `{tensor}`")]
    Missing {
        /// The checkpoint.
        file: String,
        /// The tensor.
        tensor: String,
    },
    /// A tensor does not hold floats.
    #[error("{file}: tensor `{tensor}`: expected F32, F16 or BF16, found {found}")]
    Dtype {
        /// The checkpoint.
        file: String,
        /// The tensor.
        tensor: String,
        /// Its element type.
        found: Dtype,
    },
    /// The tensors are not the model's.
    #[error(transparent)]
    Mismatch(Box<Mismatch>),
}
