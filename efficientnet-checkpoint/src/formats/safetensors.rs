//! The safetensors format: length of the header (u64, little endian), header (JSON), values.

use safetensors::tensor::Metadata;

use super::{Contents, Refusal};
use crate::dtype::Dtype;
use crate::entry::Entry;
use crate::format::Format;
use crate::keras::KerasModel;
use crate::quote::quoted;
use crate::source::Source;

/// Entry of a file's metadata with the Keras network around the weights, as `Checkpoint::write` writes
/// it: a configuration as Keras serialises them.
pub(crate) const KERAS_MODEL: &str = "keras_model";

const LENGTH_BYTES: u64 = size_of::<u64>() as u64;

/// Longest header that is read, in bytes: the limit of the reference implementation.
const MAX_HEADER: u64 = 100_000_000;

/// Bytes of a header without tensors: `{}`.
const SHORTEST_HEADER: u64 = 2;

/// Where each tensor lies in the bytes of a file, or what is wrong with the file.
///
/// `Metadata` checks that the tensors lie gaplessly one after the other and that their sizes follow
/// from shape and element type. The end of the last one is compared here, by subtraction:
/// `SafeTensors::deserialize` adds lengths that a damaged header can make overflow.
pub(super) fn read(source: &Source) -> Result<Contents, Refusal> {
    let corrupt = |reason| Refusal::Corrupt(Format::Safetensors, reason);
    let length = header_length(source)?;
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
            .ok_or_else(|| corrupt(format!("tensor {} lies outside the file", quoted(&name))))?;
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

/// Whether these bytes are a whole file that was cut behind the length of its header.
pub(crate) fn is_header_length(bytes: &[u8]) -> bool {
    let length = bytes.try_into().map(u64::from_le_bytes);
    length.is_ok_and(|length| (SHORTEST_HEADER..=MAX_HEADER).contains(&length))
}

/// Length of the header, which lies inside of the file.
fn header_length(source: &Source) -> Result<u64, Refusal> {
    let mut bytes = [0; LENGTH_BYTES as usize];
    source.read_at(&mut bytes, 0)?;
    let length = u64::from_le_bytes(bytes);
    if length <= source.len().saturating_sub(LENGTH_BYTES).min(MAX_HEADER) {
        return Ok(length);
    }
    Err(Refusal::Corrupt(
        Format::Safetensors,
        format!(
            "truncated or damaged: a header of {length} bytes in a file of {} bytes (the limit is \
             {MAX_HEADER})",
            source.len()
        ),
    ))
}
