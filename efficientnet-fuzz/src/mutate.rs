//! Mutations: the same for a number in every run.

mod bytes;
pub(crate) mod npy;
pub(crate) mod png;
pub(crate) mod riff;
pub(crate) mod safetensors;
mod words;
pub(crate) mod zip;

use fastrand::Rng;

use bytes::Edits;
pub(crate) use words::{HDF5, JPEG, JSON, NPY, PICKLE, PNG, WEBP, YAML};

/// Edits a part of a file and makes lengths and checksums agree; `None` if it is no such file.
pub(crate) type Inside = fn(&mut Rng, &[u8], &Edits<'_>) -> Option<Vec<u8>>;

/// Times out of 10 that the whole file is edited, where parts could be.
const WHOLE: u8 = 4;

/// Most bytes of an input.
const MOST: usize = 1 << 20;

/// A mutation of one of the seeds.
pub(crate) fn input(
    rng: &mut Rng,
    seeds: &[Vec<u8>],
    dictionary: &[&[u8]],
    inside: &[Inside],
) -> Vec<u8> {
    let edits = Edits { seeds, dictionary };
    let mut input = rng.choice(seeds).cloned().unwrap_or_default();
    let part = match rng.u8(..10) < WHOLE {
        true => None,
        false => rng.choice(inside),
    };
    match part.and_then(|part| part(rng, &input, &edits)) {
        Some(edited) => input = edited,
        None => edits.apply(rng, &mut input),
    }
    input.truncate(MOST);
    input
}
