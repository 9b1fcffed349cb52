//! Floats that begin on a cache line.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// Bytes of a cache line.
const LINE: usize = 64;

/// Floats that may lie in front of the first one on a cache line.
const MOST_IN_FRONT: usize = LINE / size_of::<f32>() - 1;

/// Floats that begin on a cache line.
pub struct AlignedBuffer {
    /// The floats, and in front of them what the allocation has before a cache line.
    floats: Vec<f32>,
    start: usize,
}

/// A buffer of `len` zeros.
pub fn zeros(len: usize) -> AlignedBuffer {
    // Zeroed by the system: what nobody writes takes neither time nor memory.
    let mut floats = vec![0.0; len + MOST_IN_FRONT];
    let start = floats.as_ptr().align_offset(LINE);
    // Within its capacity, so that the floats stay where they are.
    floats.truncate(start + len);
    AlignedBuffer { floats, start }
}

impl Deref for AlignedBuffer {
    type Target = [f32];

    #[inline]
    fn deref(&self) -> &[f32] {
        &self.floats[self.start..]
    }
}

impl DerefMut for AlignedBuffer {
    #[inline]
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.floats[self.start..]
    }
}

/// A copy lies elsewhere, so that its floats begin elsewhere in their allocation.
impl Clone for AlignedBuffer {
    fn clone(&self) -> Self {
        let mut copy = zeros(self.len());
        copy.copy_from_slice(self);
        copy
    }
}

impl fmt::Debug for AlignedBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Larger than what allocators keep ready; Miri, whose allocator does not, would take minutes.
    const LARGE: usize = if cfg!(miri) { 1001 } else { (1 << 20) + 1 };

    /// All at once, so that they lie in different places of their lines.
    fn buffers() -> Vec<AlignedBuffer> {
        (0..70).chain([1 << 12, LARGE]).map(zeros).collect()
    }

    #[test]
    fn buffers_begin_on_cache_lines() {
        for buffer in buffers() {
            assert_eq!(buffer.as_ptr().addr() % LINE, 0);
            assert!(buffer.iter().all(|value| value.to_bits() == 0));
        }
        let lengths: Vec<usize> = buffers().iter().map(|buffer| buffer.len()).collect();
        assert_eq!(lengths[..70], Vec::from_iter(0..70));
        assert_eq!(lengths[70..], [1 << 12, LARGE]);
    }

    #[test]
    fn clones_begin_on_cache_lines_of_their_own() {
        for mut buffer in buffers() {
            for (value, index) in buffer.iter_mut().zip(1u16..) {
                *value = f32::from(index);
            }
            let copy = buffer.clone();
            assert_eq!(copy.as_ptr().addr() % LINE, 0);
            assert_eq!(*copy, *buffer);
            buffer.fill(-1.0);
            assert!(copy.iter().all(|&value| value >= 0.0));
        }
    }

    #[test]
    fn empty_buffers_are_empty() {
        let buffer = zeros(0);
        assert!(buffer.is_empty() && buffer.clone().is_empty());
        assert_eq!(format!("{buffer:?} {:?}", zeros(2)), "[] [0.0, 0.0]");
    }
}
