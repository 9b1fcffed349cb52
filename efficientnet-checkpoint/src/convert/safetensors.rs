//! `.safetensors`: length of the header, header, values.

use std::io;

use crate::dtype::Element;
use crate::formats::safetensors::{KERAS_MODEL, METADATA};
use crate::json::Value;
use crate::quantized::QUANTIZATION;
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
        (tensor.name().into(), info(tensor, [start, end]))
    });
    let refused = |reason: String| CheckpointError::Corrupt {
        file: checkpoint.file.clone(),
        format: checkpoint.format,
        reason,
    };
    let metadata = metadata(checkpoint).map_err(|error| refused(error.to_string()))?;
    let metadata = (!metadata.is_empty()).then(|| {
        let texts = metadata.into_iter();
        let texts = texts.map(|(key, text)| (key.into(), Value::text(text)));
        (METADATA.into(), Value::Object(texts.collect()))
    });
    let header = Value::Object(metadata.into_iter().chain(infos).collect());
    let mut text = header
        .to_text()
        .map_err(|error| refused(error.to_string()))?;
    text.resize(text.len().next_multiple_of(ALIGNMENT), b' ');
    let length = (text.len() as u64).to_le_bytes();
    Ok(([&length, &text[..]].concat(), tensors))
}

/// A tensor's entry, which lies between these offsets.
fn info(tensor: &TensorView<'_>, offsets: [usize; 2]) -> Value<'static> {
    let lengths = |lengths: &[usize]| {
        let lengths = lengths.iter().copied();
        Value::Array(lengths.map(Value::length).collect())
    };
    Value::object([
        ("dtype", Value::text(Element::from(tensor.dtype()).name())),
        ("shape", lengths(tensor.shape())),
        ("data_offsets", lengths(&offsets)),
    ])
}

/// What is not in the tensors: the Keras network around them; for others, whose layout of weights
/// transformers asks for (`modeling_utils.py`, `load_state_dict`), and that they are quantised.
fn metadata(checkpoint: &Checkpoint) -> io::Result<Vec<(&'static str, String)>> {
    Ok(match (checkpoint.keras_model(), checkpoint.flavour()) {
        (Some(model), _) => {
            let config = model.to_config().to_text()?;
            vec![(KERAS_MODEL, String::from_utf8_lossy(&config).into_owned())]
        }
        (None, Some(Flavour::Keras)) => Vec::new(),
        (None, _) => {
            let quantization = checkpoint.is_quantized().then_some(QUANTIZATION);
            let texts = [("format", "pt")].into_iter().chain(quantization);
            texts.map(|(key, text)| (key, text.to_owned())).collect()
        }
    })
}
