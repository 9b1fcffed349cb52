//! `.safetensors`: length of the header, header, values.

use safetensors::tensor::{Metadata, TensorInfo};

use crate::formats::safetensors::KERAS_MODEL;
use crate::{Checkpoint, CheckpointError, Flavour, TensorView};

/// What the values begin at a multiple of, in bytes, as in the reference implementation.
const ALIGNMENT: usize = 8;

/// The header with the length in front of it, and the tensors in the order of their values: long
/// elements first, so that all are aligned.
pub(super) fn header(
    checkpoint: &Checkpoint,
) -> Result<(Vec<u8>, Vec<TensorView<'_>>), CheckpointError> {
    let mut tensors: Vec<_> = checkpoint.tensors().collect();
    tensors.sort_by_key(|tensor| std::cmp::Reverse(tensor.dtype().size()));
    let mut end = 0;
    let infos = tensors.iter().map(|tensor| {
        let start = end;
        end += tensor.byte_len();
        let info = TensorInfo {
            dtype: tensor.dtype().into(),
            shape: tensor.shape().to_vec(),
            data_offsets: (start, end),
        };
        (tensor.name().to_owned(), info)
    });
    let metadata = metadata(checkpoint);
    let text = Metadata::new(
        metadata.map(|entry| [entry].into_iter().collect()),
        infos.collect(),
    )
    .map_err(|error| error.to_string())
    .and_then(|metadata| serde_json::to_string(&metadata).map_err(|error| error.to_string()))
    .map_err(|reason| CheckpointError::Corrupt {
        file: checkpoint.file.clone(),
        format: checkpoint.format,
        reason,
    })?;
    let length = text.len().next_multiple_of(ALIGNMENT);
    let mut header = (length as u64).to_le_bytes().to_vec();
    header.extend(format!("{text:length$}").bytes());
    Ok((header, tensors))
}

/// What is not in the tensors: the Keras network around them; for others, whose layout of weights
/// transformers asks for (`modeling_utils.py`, `load_state_dict`).
fn metadata(checkpoint: &Checkpoint) -> Option<(String, String)> {
    match (checkpoint.keras_model(), checkpoint.flavour()) {
        (Some(model), _) => Some((KERAS_MODEL.to_owned(), model.to_config())),
        (None, Some(Flavour::Keras)) => None,
        (None, _) => Some(("format".to_owned(), "pt".to_owned())),
    }
}
