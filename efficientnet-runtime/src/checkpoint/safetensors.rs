//! The safetensors format: length of the header (u64, little endian), header (JSON), values.

use std::collections::BTreeMap;

use safetensors::tensor::Metadata;

use super::{Dtype, Entry};

const LENGTH_BYTES: usize = size_of::<u64>();

/// Longest header that is read, in bytes: the limit of the reference implementation.
const MAX_HEADER: usize = 100_000_000;

/// Where each tensor lies in the bytes of a file, or what is wrong with the file.
///
/// `Metadata` checks that the tensors lie gaplessly one after the other and that their sizes follow
/// from shape and element type. The end of the last one is compared here, by subtraction:
/// `SafeTensors::deserialize` adds lengths that a damaged header can make overflow.
pub(super) fn entries(bytes: &[u8]) -> Result<BTreeMap<String, Entry>, String> {
    let (header, data_start) = header(bytes)?;
    let metadata: Metadata =
        serde_json::from_slice(header).map_err(|error| format!("broken header: {error}"))?;
    let found = bytes.len() - data_start;
    let expected = metadata.data_len();
    if found != expected {
        let state = if found < expected {
            "truncated"
        } else {
            "too long"
        };
        return Err(format!(
            "{state}: its header describes {expected} bytes of values, found {found}"
        ));
    }
    Ok(metadata
        .tensors()
        .into_iter()
        .map(|(name, info)| {
            let (start, end) = info.data_offsets;
            let entry = Entry {
                dtype: Dtype::from(info.dtype),
                shape: info.shape.clone(),
                range: data_start + start..data_start + end,
            };
            (name, entry)
        })
        .collect())
}

/// The header, and where the values begin.
fn header(bytes: &[u8]) -> Result<(&[u8], usize), String> {
    if bytes.is_empty() {
        return Err("it is empty".to_owned());
    }
    let Some((length, rest)) = bytes.split_first_chunk::<LENGTH_BYTES>() else {
        return Err(format!("only {} bytes long", bytes.len()));
    };
    let length = u64::from_le_bytes(*length);
    match usize::try_from(length) {
        Ok(length) if length <= rest.len().min(MAX_HEADER) => {
            Ok((&rest[..length], LENGTH_BYTES + length))
        }
        _ if rest.first() != Some(&b'{') => Err("it does not begin with a header".to_owned()),
        _ => Err(format!(
            "truncated or damaged: a header of {length} bytes in a file of {} bytes (the limit is \
             {MAX_HEADER})",
            bytes.len()
        )),
    }
}
