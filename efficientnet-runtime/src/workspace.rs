//! Memory: aligned buffers and the arena that one `forward` works in.

use aligned_vec::{AVec, ConstAlign};

/// Floats that begin on a cache line.
pub type AlignedBuffer = AVec<f32, ConstAlign<64>>;

/// A buffer of `len` zeros.
pub fn zeros(len: usize) -> AlignedBuffer {
    let mut buffer = AVec::with_capacity(64, len);
    buffer.resize(len, 0.0);
    buffer
}

/// Everything that one `forward` of a model needs to write: `LEN` floats on the heap, allocated once.
///
/// A workspace serves one thread at a time and any number of calls; what is in it between calls does
/// not matter.
#[derive(Clone, Debug)]
pub struct Workspace<const LEN: usize> {
    arena: AlignedBuffer,
}

impl<const LEN: usize> Workspace<LEN> {
    /// Allocates it.
    pub fn new() -> Self {
        Self { arena: zeros(LEN) }
    }

    /// The arena that generated code hands from kernel to kernel.
    pub fn arena(&mut self) -> &mut [f32; LEN] {
        match self.arena.as_mut_slice().try_into() {
            Ok(arena) => arena,
            Err(_) => unreachable!("the buffer is allocated with LEN floats and never resized"),
        }
    }
}

impl<const LEN: usize> Default for Workspace<LEN> {
    fn default() -> Self {
        Self::new()
    }
}
