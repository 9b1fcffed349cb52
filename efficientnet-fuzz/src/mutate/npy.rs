//! Arrays of NumPy.

use fastrand::Rng;

use super::bytes::Edits;

/// Signature and version 1.0.
const BEGINNING: usize = 8;

/// Edits the text of a header of version 1.0 and writes its length.
pub(crate) fn header(rng: &mut Rng, array: &[u8], edits: &Edits<'_>) -> Option<Vec<u8>> {
    let (beginning, rest) = array.split_at_checked(BEGINNING)?;
    let (length, rest) = rest.split_first_chunk()?;
    let length = usize::from(u16::from_le_bytes(*length));
    let (text, values) = rest.split_at_checked(length)?;
    let mut text = text.trim_ascii_end().to_vec();
    edits.apply(rng, &mut text);
    let length = u16::try_from(text.len()).ok()?.to_le_bytes();
    Some([beginning, &length, &text, values].concat())
}
