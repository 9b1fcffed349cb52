//! PNG: chunks with their lengths and checksums.

use fastrand::Rng;
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::MOST;
use super::bytes::Edits;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const PIXELS: [u8; 4] = *b"IDAT";

/// A chunk's kind and contents.
type Chunk = ([u8; 4], Vec<u8>);

/// Edits the contents of a chunk.
pub(crate) fn chunk(rng: &mut Rng, file: &[u8], edits: &Edits<'_>) -> Option<Vec<u8>> {
    let mut chunks = read(file)?;
    let (_, bytes) = rng.choice(chunks.iter_mut())?;
    edits.apply(rng, bytes);
    Some(write(&chunks))
}

/// Edits the rows of pixels under the compression.
pub(crate) fn rows(rng: &mut Rng, file: &[u8], edits: &Edits<'_>) -> Option<Vec<u8>> {
    const FAST: u8 = 1;
    let mut chunks = read(file)?;
    let (_, packed) = chunks.iter_mut().find(|(kind, _)| *kind == PIXELS)?;
    let mut rows = decompress_to_vec_zlib_with_limit(packed, MOST).ok()?;
    edits.apply(rng, &mut rows);
    *packed = compress_to_vec_zlib(&rows, FAST);
    Some(write(&chunks))
}

/// Renames, copies, moves or removes a chunk.
pub(crate) fn chunks(rng: &mut Rng, file: &[u8], edits: &Edits<'_>) -> Option<Vec<u8>> {
    let mut chunks = read(file)?;
    let [place, other] = [0; 2].map(|_| rng.usize(..chunks.len()));
    match rng.u8(..4) {
        0 => {
            let word = rng.choice(edits.dictionary)?;
            chunks[place].0 = *word.first_chunk()?;
        }
        1 => chunks.insert(other, chunks[place].clone()),
        2 => chunks.swap(place, other),
        _ => drop(chunks.remove(place)),
    }
    Some(write(&chunks))
}

fn read(file: &[u8]) -> Option<Vec<Chunk>> {
    let mut rest = file.strip_prefix(SIGNATURE)?;
    let mut chunks = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (kind, after) = after.split_first_chunk()?;
        let (bytes, after) = after.split_at_checked(length)?;
        chunks.push((*kind, bytes.to_vec()));
        rest = after.get(size_of::<u32>()..)?;
    }
    (!chunks.is_empty()).then_some(chunks)
}

fn write(chunks: &[Chunk]) -> Vec<u8> {
    let mut file = SIGNATURE.to_vec();
    for (kind, bytes) in chunks {
        let checked = [&kind[..], bytes].concat();
        file.extend((bytes.len() as u32).to_be_bytes());
        file.extend(&checked);
        file.extend(rawzip::crc32(&checked).to_be_bytes());
    }
    file
}
