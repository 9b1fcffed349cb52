//! Checkpoints in the safetensors format.

use fastrand::Rng;

use super::bytes::Edits;

/// Edits the text of the header and writes its length.
pub(crate) fn header(rng: &mut Rng, file: &[u8], edits: &Edits<'_>) -> Option<Vec<u8>> {
    let (length, rest) = file.split_first_chunk()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (text, values) = rest.split_at_checked(length)?;
    let mut text = text.to_vec();
    edits.apply(rng, &mut text);
    let length = (text.len() as u64).to_le_bytes();
    Some([&length[..], &text, values].concat())
}
