//! Buffers between pages that nobody may touch: whoever reads or writes beside one ends the process (with
//! `--test-threads=1`, the last name printed is that test's).
//!
//! This is the allocator of the crate's unit tests. A thread that runs [`on_both_sides`] gets pages of its own for
//! every buffer of numbers, once with the buffer flush against the forbidden pages behind it, once against those in
//! front: inputs, packed weights, outputs, room, sums.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The end of a buffer that lies against forbidden pages.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Front,
    Back,
}

thread_local! {
    /// Where this thread's allocations are fenced, if they are.
    static SIDE: Cell<Option<Side>> = const { Cell::new(None) };
}

/// Runs a test twice: with forbidden pages right behind every buffer that it makes, and right in front of them.
pub(super) fn on_both_sides(test: impl Fn()) {
    for side in [Side::Back, Side::Front] {
        fenced(side, &test);
    }
}

fn fenced<R>(side: Side, test: impl FnOnce() -> R) -> R {
    /// Also where a test fails: its thread may run others.
    struct Open;
    impl Drop for Open {
        fn drop(&mut self) {
            SIDE.set(None);
        }
    }
    let _open = Open;
    SIDE.set(Some(side));
    test()
}

/// Floats in front of and behind an output that a test has to watch itself: `floats` where no forbidden pages are.
pub(super) fn margins(floats: usize) -> [usize; 2] {
    match SIDE.get() {
        Some(Side::Front) => [0, floats],
        Some(Side::Back) => [floats, 0],
        None => [floats; 2],
    }
}

/// Where a buffer of this layout is fenced, if it is. Text, threads and the like have other alignments than numbers
/// of two or four bytes, and would take most of the time.
fn side_of(layout: Layout) -> Option<Side> {
    match layout.align() {
        2 | 4 => SIDE.try_with(Cell::get).ok().flatten(),
        _ => None,
    }
}

struct Fence;

#[global_allocator]
static FENCE: Fence = Fence;

// SAFETY: what is handed out is the system's allocator's, or pages that no one else has; which of them an address is
// shows in the address.
unsafe impl GlobalAlloc for Fence {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match side_of(layout) {
            Some(side) => fenced_pages(layout, side),
            // SAFETY: the caller's promises are passed on.
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let Some(side) = side_of(layout) else {
            // SAFETY: the caller's promises are passed on.
            return unsafe { System.alloc_zeroed(layout) };
        };
        let buffer = fenced_pages(layout, side);
        if !buffer.is_null() {
            // SAFETY: the buffer has so many bytes.
            unsafe { buffer.write_bytes(0, layout.size()) };
        }
        buffer
    }

    unsafe fn dealloc(&self, buffer: *mut u8, layout: Layout) {
        match region().filter(|&start| (start..start + REGION).contains(&buffer.addr())) {
            Some(_) => give_back(buffer, layout),
            // SAFETY: it is not of the region, hence the system's allocator's.
            None => unsafe { System.dealloc(buffer, layout) },
        }
    }
}

/// Bytes of the smallest run of pages: a multiple of every page size in use.
const PAGE: usize = 1 << 16;
/// Bytes of addresses from which pages are taken, each once.
const REGION: usize = 1 << 40;

/// Begin of the addresses from which pages are taken, all of them forbidden at first.
fn region() -> Option<usize> {
    static REGION_START: OnceLock<Option<usize>> = OnceLock::new();
    *REGION_START.get_or_init(|| map(null_mut(), REGION, libc::PROT_NONE, 0))
}

/// Runs of pages that were freed, by their length in pages: the address of one, in whose first bytes is that of the
/// next, or 0. Mapping new ones for every buffer would take most of the tests' time.
static FREED: Mutex<[usize; 64]> = Mutex::new([0; 64]);

/// The place of a buffer in pages that have forbidden ones on both sides; null if there are no more.
fn fenced_pages(layout: Layout, side: Side) -> *mut u8 {
    let len = layout.size().next_multiple_of(PAGE);
    let Some(pages) = freed_pages(len).or_else(|| new_pages(len)) else {
        return null_mut();
    };
    let place = match side {
        Side::Front => pages,
        Side::Back => (pages + len - layout.size()) & !(layout.align() - 1),
    };
    place as *mut u8
}

fn freed_pages(len: usize) -> Option<usize> {
    let mut freed = FREED.lock().unwrap_or_else(PoisonError::into_inner);
    let first = freed.get_mut(len / PAGE).filter(|first| **first != 0)?;
    let pages = *first;
    // SAFETY: `give_back` has written it there, and nobody has the pages since.
    *first = unsafe { (pages as *const usize).read() };
    Some(pages)
}

fn new_pages(len: usize) -> Option<usize> {
    static TAKEN: AtomicUsize = AtomicUsize::new(PAGE);
    let offset = TAKEN.fetch_add(len + PAGE, Ordering::Relaxed);
    let start = region().filter(|_| offset + len <= REGION - PAGE)? + offset;
    let access = libc::PROT_READ | libc::PROT_WRITE;
    map(start as *mut u8, len, access, libc::MAP_FIXED)
}

/// Keeps a buffer's pages for the next one of as many; where they are many, the system has them back.
fn give_back(buffer: *mut u8, layout: Layout) {
    let pages = buffer.addr() & !(PAGE - 1);
    let len = layout.size().next_multiple_of(PAGE);
    let mut freed = FREED.lock().unwrap_or_else(PoisonError::into_inner);
    match freed.get_mut(len / PAGE) {
        // SAFETY: whoever frees the buffer has no more use for its pages.
        Some(first) => unsafe { (pages as *mut usize).write(std::mem::replace(first, pages)) },
        None => _ = map(pages as *mut u8, len, libc::PROT_NONE, libc::MAP_FIXED),
    }
}

/// Maps memory of no file; the address, unless the system refuses.
fn map(place: *mut u8, len: usize, access: libc::c_int, flags: libc::c_int) -> Option<usize> {
    let flags = flags | libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_NORESERVE;
    // SAFETY: at a place that the system chooses, or within the region, over pages that are nobody's: not handed out
    // yet, or freed just now.
    let mapped = unsafe { libc::mmap(place.cast(), len, access, flags, -1, 0) };
    (mapped != libc::MAP_FAILED).then_some(mapped.addr())
}

#[cfg(test)]
mod tests {
    use std::io::PipeWriter;
    use std::os::fd::AsRawFd;

    use super::*;

    /// Whether a byte can be read: the system says so without a fault.
    fn readable(pipe: &PipeWriter, address: usize) -> bool {
        // SAFETY: the system checks the address, and the descriptor is open.
        unsafe { libc::write(pipe.as_raw_fd(), address as *const libc::c_void, 1) == 1 }
    }

    #[test]
    fn what_lies_beside_a_buffer_cannot_be_read() {
        let (_reader, pipe) = std::io::pipe().expect("a pipe");
        // The last has more pages than are kept.
        for len in [1, 7, 16, 1000, PAGE / 4, PAGE, 20 * PAGE] {
            for side in [Side::Front, Side::Back] {
                drop(fenced(side, || vec![1.0f32; len]));
                let buffer = fenced(side, || vec![0.0f32; len]);
                let bytes = buffer.as_ptr_range();
                let (start, end) = (bytes.start.addr(), bytes.end.addr());
                assert!(readable(&pipe, start) && readable(&pipe, end - 1));
                assert!(buffer.iter().all(|&value| value == 0.0));
                let beside = [readable(&pipe, start - 1), readable(&pipe, end)];
                let fills = (len * size_of::<f32>()).is_multiple_of(PAGE);
                let open = [side == Side::Back && !fills, side == Side::Front && !fills];
                assert_eq!(beside, open, "{len} {side:?}");
            }
        }
    }
}
