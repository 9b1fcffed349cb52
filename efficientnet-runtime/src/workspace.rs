//! Memory: aligned buffers and the arena that one `forward` works in.

pub use crate::aligned::{AlignedBuffer, zeros};
use crate::kernels::{Threads, Workers};

/// Floats of a cache line.
const LINE: usize = 16;

/// What one `forward` writes, and the threads that compute it: tensors, each at its address from the first
/// float on, and for each thread the room that kernels need beside them.
#[derive(Clone, Debug)]
pub struct Arena {
    tensors: AlignedBuffer,
    scratch: AlignedBuffer,
    threads: Threads,
}

impl Arena {
    /// Allocates room for `tensors` floats, and `scratch` floats for each thread.
    pub fn new(tensors: usize, scratch: usize, threads: &Threads) -> Self {
        // Each thread's part begins on a cache line, which no two of them write.
        let scratch = scratch.next_multiple_of(LINE) * threads.count();
        Self {
            tensors: zeros(tensors),
            scratch: zeros(scratch),
            threads: threads.clone(),
        }
    }

    /// All tensors.
    #[inline]
    pub fn tensors(&self) -> &[f32] {
        &self.tensors
    }

    /// All tensors, and who computes them.
    #[inline]
    pub(crate) fn parts(&mut self) -> (&mut [f32], Workers<'_>) {
        let workers = Workers {
            threads: &self.threads,
            scratch: &mut self.scratch,
        };
        (&mut self.tensors, workers)
    }
}

/// Everything that one `forward` of a model needs to write: `TENSORS` floats and, for each thread, `SCRATCH`
/// floats on the heap, allocated once.
///
/// A workspace serves one `forward` at a time and any number of them; what is in it in between does
/// not matter.
///
/// ```
/// use efficientnet_runtime::Threads;
/// use efficientnet_runtime::workspace::Workspace;
///
/// # fn main() -> std::io::Result<()> {
/// let mut alone = Workspace::<1000, 16>::new();
/// assert_eq!(Workspace::<1000, 16>::BYTES, 4 * (1000 + 16));
/// let mut team = Workspace::<1000, 16>::with_threads(&Threads::new(2)?);
/// assert_eq!(alone.arena().tensors(), team.arena().tensors());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Workspace<const TENSORS: usize, const SCRATCH: usize>(Arena);

impl<const TENSORS: usize, const SCRATCH: usize> Workspace<TENSORS, SCRATCH> {
    /// Its size with one thread.
    pub const BYTES: usize = (TENSORS + SCRATCH.next_multiple_of(LINE)) * size_of::<f32>();

    /// Allocates it for the calling thread alone.
    pub fn new() -> Self {
        Self::with_threads(&Threads::default())
    }

    /// Allocates it for forwards that all of these threads compute together.
    pub fn with_threads(threads: &Threads) -> Self {
        Self(Arena::new(TENSORS, SCRATCH, threads))
    }

    /// The arena that generated code hands from kernel to kernel.
    #[inline]
    pub fn arena(&mut self) -> &mut Arena {
        &mut self.0
    }
}

impl<const TENSORS: usize, const SCRATCH: usize> Default for Workspace<TENSORS, SCRATCH> {
    fn default() -> Self {
        Self::new()
    }
}
