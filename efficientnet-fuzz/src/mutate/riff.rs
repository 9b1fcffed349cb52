//! WebP: chunks with their lengths, inside of one.

use fastrand::Rng;

use super::bytes::Edits;

/// A chunk's kind and contents.
type Chunk = ([u8; 4], Vec<u8>);

const OUTER: &[u8; 4] = b"RIFF";
const KIND: &[u8; 4] = b"WEBP";

/// Edits the contents of a chunk.
pub(crate) fn chunk(rng: &mut Rng, file: &[u8], edits: &Edits<'_>) -> Option<Vec<u8>> {
    let mut chunks = read(file)?;
    let (_, bytes) = rng.choice(chunks.iter_mut())?;
    edits.apply(rng, bytes);
    Some(write(&chunks))
}

/// Adds, renames, copies or removes a chunk.
pub(crate) fn chunks(rng: &mut Rng, file: &[u8], edits: &Edits<'_>) -> Option<Vec<u8>> {
    let mut chunks = read(file)?;
    let place = rng.usize(..chunks.len());
    let kind = *rng.choice(edits.dictionary)?.first_chunk()?;
    match rng.u8(..4) {
        0 => {
            let mut bytes = vec![0; 10];
            edits.apply(rng, &mut bytes);
            chunks.insert(0, (kind, bytes));
        }
        1 => chunks[place].0 = kind,
        2 => chunks.push(chunks[place].clone()),
        _ => drop(chunks.remove(place)),
    }
    Some(write(&chunks))
}

fn read(file: &[u8]) -> Option<Vec<Chunk>> {
    let (outer, rest) = file.split_first_chunk()?;
    let (_length, rest) = rest.split_first_chunk::<4>()?;
    let (kind, mut rest) = rest.split_first_chunk()?;
    if (outer, kind) != (OUTER, KIND) {
        return None;
    }
    let mut chunks = Vec::new();
    while let Some((kind, after)) = rest.split_first_chunk() {
        let (length, after) = after.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (bytes, after) = after.split_at_checked(length)?;
        chunks.push((*kind, bytes.to_vec()));
        rest = after.get(length % 2..).unwrap_or_default();
    }
    (!chunks.is_empty()).then_some(chunks)
}

/// Chunks of an odd length are padded.
fn write(chunks: &[Chunk]) -> Vec<u8> {
    let mut inner = KIND.to_vec();
    for (kind, bytes) in chunks {
        inner.extend(kind);
        inner.extend((bytes.len() as u32).to_le_bytes());
        inner.extend(bytes);
        inner.resize(inner.len().next_multiple_of(2), 0);
    }
    let length = (inner.len() as u32).to_le_bytes();
    [&OUTER[..], &length, &inner].concat()
}
