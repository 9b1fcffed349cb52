//! The safetensors format: length of the header (u64, little endian), header (JSON), values.

use safetensors::tensor::Metadata;

use super::{Contents, Refusal};
use crate::dtype::Dtype;
use crate::entry::Entry;
use crate::format::Format;
use crate::keras::KerasModel;
use crate::source::Source;

/// Entry of a file's metadata with the Keras network around the weights, as `Checkpoint::write` writes
/// it: a configuration as Keras serialises them.
pub(crate) const KERAS_MODEL: &str = "keras_model";

const LENGTH_BYTES: u64 = size_of::<u64>() as u64;

/// Longest header that is read, in bytes: the limit of the reference implementation.
const MAX_HEADER: u64 = 100_000_000;

/// Where each tensor lies in the bytes of a file, or what is wrong with the file.
///
/// `Metadata` checks that the tensors lie gaplessly one after the other and that their sizes follow
/// from shape and element type. The end of the last one is compared here, by subtraction:
/// `SafeTensors::deserialize` adds lengths that a damaged header can make overflow.
pub(super) fn read(source: &Source) -> Result<Contents, Refusal> {
    let corrupt = |reason| Refusal::Corrupt(Format::Safetensors, reason);
    let length = header_length(source)?.map_err(corrupt)?;
    let data_start = LENGTH_BYTES + length;
    let metadata: Metadata = serde_json::from_slice(&source.read(LENGTH_BYTES..data_start)?)
        .map_err(|error| corrupt(format!("broken header: {error}")))?;
    let found = source.len() - data_start;
    let expected = metadata.data_len() as u64;
    if found != expected {
        let state = if found < expected {
            "truncated"
        } else {
            "too long"
        };
        return Err(corrupt(format!(
            "{state}: its header describes {expected} bytes of values, found {found}"
        )));
    }
    let mut tensors = std::collections::BTreeMap::new();
    for (name, info) in metadata.tensors() {
        let (start, end) = info.data_offsets;
        let data = source
            .slice(data_start + start as u64..data_start + end as u64)
            .ok_or_else(|| corrupt(format!("tensor `{name}` lies outside the file")))?;
        let entry = Entry::contiguous(Dtype::from(info.dtype), info.shape.clone(), data);
        tensors.insert(name, entry);
    }
    Ok(Contents {
        format: Format::Safetensors,
        tensors,
        keras: metadata
            .metadata()
            .as_ref()
            .and_then(|entries| KerasModel::parse(entries.get(KERAS_MODEL)?)),
    })
}

/// Length of the header, if the file has one.
fn header_length(source: &Source) -> Result<Result<u64, String>, Refusal> {
    if source.len() < LENGTH_BYTES {
        return Ok(Err(match source.len() {
            0 => "it is empty".to_owned(),
            length => format!("only {length} bytes long"),
        }));
    }
    let beginning = source.read(0..source.len().min(LENGTH_BYTES + 1))?;
    let (length, rest) = beginning.split_at(LENGTH_BYTES as usize);
    let length = length
        .iter()
        .rev()
        .fold(0, |length, &byte| length << 8 | u64::from(byte));
    if length <= (source.len() - LENGTH_BYTES).min(MAX_HEADER) {
        return Ok(Ok(length));
    }
    Ok(Err(match rest.first() {
        Some(b'{') => format!(
            "truncated or damaged: a header of {length} bytes in a file of {} bytes (the limit is \
             {MAX_HEADER})",
            source.len()
        ),
        _ => "it does not begin with a header".to_owned(),
    }))
}
