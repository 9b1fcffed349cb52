//! Edits of bytes that nothing is known of.
#![expect(
    clippy::ptr_arg,
    reason = "edits have one type, whether they change the length or not"
)]

use std::ops::Range;

use fastrand::Rng;

use super::MOST;

/// Most edits at a time, by number; few leave more of the file to be read.
const MOST_EDITS: [usize; 4] = [1, 1, 2, 6];

/// Bytes that are copied or removed at a time, and how often they are repeated.
const LONGEST: usize = 256;
const MOST_COPIES: usize = 300;

/// Numbers at the ends of types, and around sizes and counts that parsers have limits of.
const NUMBERS: [u64; 24] = [
    0,
    1,
    2,
    3,
    7,
    8,
    16,
    31,
    63,
    64,
    100,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0xffff,
    0x1_0000,
    0x0100_0000,
    0x7fff_ffff,
    0xffff_ffff,
    0x1_0000_0000,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
];

/// What edits are made of.
pub(crate) struct Edits<'a> {
    pub(super) seeds: &'a [Vec<u8>],
    pub(super) dictionary: &'a [&'a [u8]],
}

type Edit = fn(&Edits<'_>, &mut Rng, &mut Vec<u8>);

const EDITS: [Edit; 13] = [
    flip, set, number, number, step, insert, remove, copy, repeat, splice, cut, token, line,
];

impl Edits<'_> {
    /// Edits some bytes a few times.
    pub(crate) fn apply(&self, rng: &mut Rng, bytes: &mut Vec<u8>) {
        let most = MOST_EDITS[rng.usize(..MOST_EDITS.len())];
        for _ in 0..rng.usize(1..=most) {
            let edit = EDITS[rng.usize(..EDITS.len())];
            edit(self, rng, bytes);
            bytes.truncate(MOST);
        }
    }

    /// A word of the dictionary.
    fn word(&self, rng: &mut Rng) -> Vec<u8> {
        rng.choice(self.dictionary)
            .map_or(Vec::new(), |word| word.to_vec())
    }
}

fn flip(_: &Edits<'_>, rng: &mut Rng, bytes: &mut Vec<u8>) {
    let bit = rng.u32(..8);
    if let Some(byte) = rng.choice(bytes.iter_mut()) {
        *byte ^= 1 << bit;
    }
}

fn set(_: &Edits<'_>, rng: &mut Rng, bytes: &mut Vec<u8>) {
    let value = rng.u8(..);
    if let Some(byte) = rng.choice(bytes.iter_mut()) {
        *byte = value;
    }
}

/// A number of any width and byte order; the length of the whole is one, too.
fn number(_: &Edits<'_>, rng: &mut Rng, bytes: &mut Vec<u8>) {
    let number = match rng.usize(..=NUMBERS.len()) {
        place if place < NUMBERS.len() => NUMBERS[place],
        _ => bytes.len() as u64,
    };
    let number = number.wrapping_add(rng.u64(..3)).wrapping_sub(1);
    overwrite(rng, bytes, |_| number);
}

/// A little more or less than there is.
fn step(_: &Edits<'_>, rng: &mut Rng, bytes: &mut Vec<u8>) {
    let step = rng.u64(..=32).wrapping_sub(16);
    overwrite(rng, bytes, |number| number.wrapping_add(step));
}

/// A word, in front of or instead of what is there.
fn insert(edits: &Edits<'_>, rng: &mut Rng, bytes: &mut Vec<u8>) {
    let word = edits.word(rng);
    let at = rng.usize(..=bytes.len());
    let end = match rng.bool() {
        true => at,
        false => (at + word.len()).min(bytes.len()),
    };
    bytes.splice(at..end, word);
}

fn remove(_: &Edits<'_>, rng: &mut Rng, bytes: &mut Vec<u8>) {
    let range = range(rng, bytes, LONGEST);
    bytes.drain(range);
}

fn copy(_: &Edits<'_>, rng: &mut Rng, bytes: &mut Vec<u8>) {
    let copied = bytes[range(rng, bytes, LONGEST)].to_vec();
    let at = rng.usize(..=bytes.len());
    let end = match rng.bool() {
        true => at,
        false => (at + copied.len()).min(bytes.len()),
    };
    bytes.splice(at..end, copied);
}

fn repeat(_: &Edits<'_>, rng: &mut Rng, bytes: &mut Vec<u8>) {
    let range = range(rng, bytes, LONGEST);
    let copies = bytes[range.clone()].repeat(rng.usize(1..=MOST_COPIES));
    bytes.splice(range.start..range.start, copies);
}

/// The beginning, and the end of another seed.
fn splice(edits: &Edits<'_>, rng: &mut Rng, bytes: &mut Vec<u8>) {
    let other = rng.choice(edits.seeds).map_or(&[][..], Vec::as_slice);
    bytes.truncate(rng.usize(..=bytes.len()));
    bytes.extend_from_slice(&other[rng.usize(..=other.len())..]);
}

fn cut(_: &Edits<'_>, rng: &mut Rng, bytes: &mut Vec<u8>) {
    bytes.truncate(rng.usize(..=bytes.len()));
}

/// Another word or number of a text.
fn token(edits: &Edits<'_>, rng: &mut Rng, bytes: &mut Vec<u8>) {
    let Some(place) = token_in(rng, bytes) else {
        return;
    };
    let other = match rng.u8(..4) {
        0 => edits.word(rng),
        1 => NUMBERS[rng.usize(..NUMBERS.len())].to_string().into_bytes(),
        _ => {
            let seed = rng.choice(edits.seeds).map_or(&[][..], Vec::as_slice);
            let token = token_in(rng, seed);
            token.map_or(Vec::new(), |token| seed[token].to_vec())
        }
    };
    bytes.splice(place, other);
}

/// A line of a text moved, or copied.
fn line(_: &Edits<'_>, rng: &mut Rng, bytes: &mut Vec<u8>) {
    let ends = bytes.iter().enumerate();
    let ends: Vec<usize> = ends
        .filter_map(|(place, &byte)| (byte == b'\n').then_some(place + 1))
        .collect();
    let Some(from) = ends.len().checked_sub(1).filter(|&last| last > 0) else {
        return;
    };
    let from = rng.usize(..from);
    let range = ends[from]..ends[from + 1];
    let line = bytes[range.clone()].to_vec();
    let to = ends[rng.usize(..ends.len())];
    bytes.splice(to..to, line.iter().copied());
    if rng.bool() {
        let shift = if to <= range.start { line.len() } else { 0 };
        bytes.drain(range.start + shift..range.end + shift);
    }
}

/// Replaces a number of 1, 2, 4 or 8 bytes.
fn overwrite(rng: &mut Rng, bytes: &mut [u8], new: impl FnOnce(u64) -> u64) {
    let width = 1 << rng.u32(..4);
    let Some(last) = bytes.len().checked_sub(width) else {
        return;
    };
    let at = rng.usize(..=last);
    let place = &mut bytes[at..at + width];
    let big_endian = rng.bool();
    let mut number = [0; 8];
    number[..width].copy_from_slice(place);
    if big_endian {
        number[..width].reverse();
    }
    let mut number = new(u64::from_le_bytes(number)).to_le_bytes();
    if big_endian {
        number[..width].reverse();
    }
    place.copy_from_slice(&number[..width]);
}

/// A few bytes somewhere.
fn range(rng: &mut Rng, bytes: &[u8], longest: usize) -> Range<usize> {
    let start = rng.usize(..=bytes.len());
    let length = rng.usize(..=longest.min(bytes.len() - start));
    start..start + length
}

/// A run of letters, digits and what numbers are written with.
fn token_in(rng: &mut Rng, bytes: &[u8]) -> Option<Range<usize>> {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(byte);
    let at = rng.usize(..=bytes.len());
    let start = at + bytes[at..].iter().position(part)?;
    let length = bytes[start..].iter().take_while(|byte| part(byte)).count();
    Some(start..start + length)
}
