//! The safetensors format: length of the header (u64, little endian), header (JSON), values.

mod header;

use std::collections::BTreeMap;

use super::{Contents, Refusal};
use crate::dtype::Dtype;
use crate::entry::Entry;
use crate::format::Format;
use crate::keras::KerasModel;
use crate::quote::quoted;
use crate::source::Source;

use header::Header;

/// Entry of a header that is no tensor: text by names.
pub(crate) const METADATA: &str = "__metadata__";

/// Entry of a file's metadata with the Keras network around the weights, as `Checkpoint::write` writes
/// it: a configuration as Keras serialises them.
pub(crate) const KERAS_MODEL: &str = "keras_model";

const LENGTH_BYTES: u64 = size_of::<u64>() as u64;

/// Longest header that is read, in bytes: that of B7 has some 100,000, with a Keras network's configuration
/// a million. The reference implementation reads 100 million, which may take gigabytes of memory.
const MAX_HEADER: u64 = 16 << 20;

/// Bytes of a header without tensors: `{}`.
const SHORTEST_HEADER: u64 = 2;

/// Where each tensor lies in the bytes of a file, or what is wrong with the file.
pub(super) fn read(source: &Source) -> Result<Contents, Refusal> {
    let corrupt = |reason| Refusal::Corrupt(Format::Safetensors, reason);
    let length = header_length(source)?;
    let data_start = LENGTH_BYTES + length;
    let header = Header::parse(&source.read(LENGTH_BYTES..data_start)?)
        .map_err(|reason| corrupt(format!("broken header: {reason}")))?;
    let (found, expected) = (source.len() - data_start, header.data_length);
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
    let mut tensors = BTreeMap::new();
    for (name, info) in header.tensors {
        let data = source
            .slice(data_start + info.start..data_start + info.end)
            .ok_or_else(|| corrupt(format!("tensor {} lies outside the file", quoted(&name))))?;
        let entry = Entry::contiguous(Dtype::from(info.element), info.shape, data);
        if tensors.insert(name.clone(), entry).is_some() {
            return Err(corrupt(format!("two tensors are called {}", quoted(&name))));
        }
    }
    let keras = header.keras_model;
    Ok(Contents {
        format: Format::Safetensors,
        tensors,
        keras: keras.and_then(|config| KerasModel::parse(&config)),
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
