//! What can be wrong with a checkpoint.

use std::io;

use crate::check::Mismatch;
use crate::dtype::Dtype;
use crate::format::Format;
use crate::quote::quoted;

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
    /// The file is in a format that is not read, or holds no tensors.
    #[error(
        "{file}: expected a checkpoint (.safetensors, .pth, .npz, .h5 or .keras), found {found}"
    )]
    Unsupported {
        /// The file.
        file: String,
        /// What it is.
        found: String,
    },
    /// The file is truncated or damaged, or no checkpoint at all.
    #[error("{file}: not a valid {format} file: {reason}")]
    Corrupt {
        /// The checkpoint.
        file: String,
        /// The format that it seems to be in.
        format: Format,
        /// What is wrong, where.
        reason: String,
    },
    /// A tensor is not there.
    #[error("{file}: there is no tensor {}", quoted(tensor))]
    Missing {
        /// The checkpoint.
        file: String,
        /// The tensor.
        tensor: String,
    },
    /// A tensor does not hold floats.
    #[error(
        "{file}: tensor {}: expected F32, F16 or BF16, found {found}",
        quoted(tensor)
    )]
    Dtype {
        /// The checkpoint.
        file: String,
        /// The tensor.
        tensor: String,
        /// Its element type.
        found: Dtype,
    },
    /// A Keras network's input layers do not fit the network.
    #[error("{file}: {reason}")]
    Keras {
        /// The checkpoint.
        file: String,
        /// What does not fit.
        reason: String,
    },
    /// The tensors have names of no known library.
    #[error(
        "{file}: expected tensors with the names of timm, torchvision, efficientnet_pytorch, \
         transformers or Keras, found {}",
        first.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
    )]
    UnknownNames {
        /// The checkpoint.
        file: String,
        /// Its first names.
        first: Vec<String>,
    },
    /// A tensor holds a value that no network can compute with.
    #[error(
        "{file}: tensor {}: expected {expected}, found {found}; the weights are damaged",
        quoted(tensor)
    )]
    Value {
        /// The checkpoint.
        file: String,
        /// The tensor.
        tensor: String,
        /// The value.
        found: f32,
        /// What its values have to be.
        expected: &'static str,
    },
    /// The tensors are not the model's.
    #[error(transparent)]
    Mismatch(Box<Mismatch>),
}
