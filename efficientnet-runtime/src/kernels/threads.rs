//! A team of threads that compute one kernel call together.
//!
//! A call takes tens of microseconds, so a team waits for the next one awake for a while before it
//! sleeps, and hands work over without a queue: every member runs the same closure with its own number.
//! What each member does follows from that number alone, so that results do not depend on timing.

use std::any::Any;
use std::cell::UnsafeCell;
use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, TryLockError};
use std::thread::{self, JoinHandle, Thread};

use super::element::Precision;
use super::place::Place;

/// Looks at the next call's number before a waiting thread goes to sleep: some tens of microseconds.
const LOOKS: usize = 1000;

/// A handle of a team of threads; clones share the team.
///
/// A team computes one call at a time. Where two forwards share one, the later one computes its call alone,
/// with the same result.
///
/// ```
/// use efficientnet_runtime::Threads;
///
/// let threads = Threads::new(2)?; // this one and a new one
/// assert_eq!(threads.count(), 2);
/// assert_eq!(Threads::default().count(), 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Threads(Option<Arc<Team>>);

impl Threads {
    /// The calling thread and `count - 1` new ones; they end when the last handle is dropped.
    ///
    /// # Errors
    /// If the system refuses a thread.
    pub fn new(count: usize) -> io::Result<Self> {
        match count {
            0 | 1 => Ok(Self(None)),
            _ => Team::new(count - 1).map(|team| Self(Some(Arc::new(team)))),
        }
    }

    /// Threads that take part, the calling one included.
    pub fn count(&self) -> usize {
        self.0.as_ref().map_or(1, |team| team.others.len() + 1)
    }

    /// Calls `work` once with every number below [`Self::count`], all at once where the team is free.
    fn run(&self, work: &(dyn Fn(usize) + Sync)) {
        let busy = match &self.0 {
            None => return work(0),
            Some(team) => team.run(work),
        };
        if let Err(Busy) = busy {
            (0..self.count()).for_each(work);
        }
    }
}

/// The team computes another call.
struct Busy;

/// Number of the closures of one call, as long as it lasts.
type Work = *const (dyn Fn(usize) + Sync + 'static);

#[derive(Debug)]
struct Team {
    shared: Arc<Shared>,
    others: Vec<JoinHandle<()>>,
    /// Held by whoever has the team compute.
    call: Mutex<()>,
}

#[derive(Debug)]
struct Shared {
    /// Raised with each call.
    calls: AtomicUsize,
    /// Members that have not finished the call.
    unfinished: AtomicUsize,
    /// What the call computes. Written while nobody computes, read after `calls` was raised.
    work: UnsafeCell<Option<Work>>,
    /// The first panic of a call.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    stop: AtomicBool,
    asleep: Vec<AtomicBool>,
}

// SAFETY: `work` is written only by the holder of `Team::call` while no other member reads it, and
// published by `calls`; the closure behind it is `Sync`.
unsafe impl Sync for Shared {}
// SAFETY: as above; the closure is only borrowed.
unsafe impl Send for Shared {}

impl Team {
    fn new(others: usize) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            calls: AtomicUsize::new(0),
            unfinished: AtomicUsize::new(0),
            work: UnsafeCell::new(None),
            panic: Mutex::new(None),
            stop: AtomicBool::new(false),
            asleep: (0..others).map(|_| AtomicBool::new(false)).collect(),
        });
        let mut team = Self {
            shared: shared.clone(),
            others: Vec::with_capacity(others),
            call: Mutex::new(()),
        };
        for other in 0..others {
            let shared = shared.clone();
            let name = format!("efficientnet-{}", other + 1);
            let spawned = thread::Builder::new().name(name);
            // Those that run already end when `team` is dropped.
            team.others
                .push(spawned.spawn(move || shared.serve(other))?);
        }
        Ok(team)
    }

    fn run(&self, work: &(dyn Fn(usize) + Sync)) -> Result<(), Busy> {
        let _call = match self.call.try_lock() {
            Ok(call) => call,
            // An earlier call panicked, after which all members had finished, too.
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Err(Busy),
        };
        let shared = &self.shared;
        // SAFETY: only the lifetime changes; `Finish` waits for all members before this call returns or
        // unwinds, and they do not touch the closure after they have finished.
        let work_ptr = unsafe {
            std::mem::transmute::<*const (dyn Fn(usize) + Sync + '_), Work>(std::ptr::from_ref(
                work,
            ))
        };
        // SAFETY: all members have finished the previous call, and the lock is held.
        unsafe { *shared.work.get() = Some(work_ptr) };
        shared
            .unfinished
            .store(self.others.len(), Ordering::Relaxed);
        // In one order with `asleep`: either a member sees the call before it sleeps, or it is woken here.
        shared.calls.fetch_add(1, Ordering::SeqCst);
        self.wake();
        let finish = Finish(shared);
        work(0);
        drop(finish);
        match shared.take_panic() {
            Some(panic) => resume_unwind(panic),
            None => Ok(()),
        }
    }

    fn wake(&self) {
        for (asleep, other) in self.shared.asleep.iter().zip(&self.others) {
            if asleep.load(Ordering::SeqCst) {
                Thread::unpark(other.thread());
            }
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.shared.calls.fetch_add(1, Ordering::SeqCst);
        self.wake();
        for other in self.others.drain(..) {
            // A member's panics are caught where they happen.
            let _ = other.join();
        }
    }
}

/// Waits until all members have finished, in whatever way the caller leaves.
struct Finish<'a>(&'a Shared);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        wait(
            || self.0.unfinished.load(Ordering::Acquire) == 0,
            thread::yield_now,
        );
    }
}

/// Looks until `done`, and lets others have the processor between looks after a while.
fn wait(done: impl Fn() -> bool, mut rest: impl FnMut()) {
    let mut looks = 0;
    while !done() {
        if looks < LOOKS {
            looks += 1;
            std::hint::spin_loop();
        } else {
            rest();
        }
    }
}

impl Shared {
    /// The life of one member.
    fn serve(&self, other: usize) {
        let mut seen = 0;
        loop {
            let called = || self.calls.load(Ordering::SeqCst) != seen;
            let asleep = &self.asleep[other];
            wait(called, || {
                asleep.store(true, Ordering::SeqCst);
                if !called() {
                    thread::park();
                }
                asleep.store(false, Ordering::SeqCst);
            });
            seen += 1;
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            // SAFETY: written before `calls` was raised, and not again before this member has finished.
            let work = unsafe { *self.work.get() };
            if let Some(work) = work {
                // SAFETY: the caller of this call waits for this member, so that the closure is there.
                let work = unsafe { &*work };
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(other + 1))) {
                    self.keep_panic(panic);
                }
            }
            self.unfinished.fetch_sub(1, Ordering::Release);
        }
    }

    fn keep_panic(&self, panic: Box<dyn Any + Send>) {
        let mut kept = self.panic.lock().unwrap_or_else(|held| held.into_inner());
        kept.get_or_insert(panic);
    }

    fn take_panic(&self) -> Option<Box<dyn Any + Send>> {
        let mut kept = self.panic.lock().unwrap_or_else(|held| held.into_inner());
        kept.take()
    }
}

/// Along which axis a call is split between threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Split {
    /// Strips of the output's rows (or pixels), each with all channels.
    Rows,
    /// Panels of output channels, each with all rows.
    Channels,
}

/// Who computes a call, and the room that they have for it.
#[derive(Debug)]
pub struct Workers<'a> {
    /// The team.
    pub threads: &'a Threads,
    /// The same number of floats for each thread.
    pub scratch: &'a mut [f32],
}

/// The calling thread.
static ALONE: Threads = Threads(None);

impl<'a> Workers<'a> {
    /// The calling thread alone.
    pub fn alone(scratch: &'a mut [f32]) -> Self {
        Self {
            threads: &ALONE,
            scratch,
        }
    }

    /// Calls `work` once for each thread, with its share and with room of `scratch_len` floats.
    ///
    /// # Panics
    /// If there is less room.
    pub(super) fn run(self, scratch_len: usize, work: impl Fn(Share, &mut [f32]) + Sync) {
        let count = self.threads.count();
        let each = self.scratch.len() / count;
        assert!(
            each >= scratch_len,
            "room for each thread: {each} of {scratch_len} floats"
        );
        let scratch = Disjoint::new(self.scratch);
        self.threads.run(&|index| {
            // SAFETY: `index` is below `count`, and each index is run once: the parts are disjoint and
            // lie inside the slice, which outlives the call.
            let own = unsafe { std::slice::from_raw_parts_mut(scratch.at(index * each), each) };
            work(Share { index, count }, own);
        });
    }
}

/// Floats that threads write disjoint parts of.
#[derive(Clone, Copy)]
pub(super) struct Disjoint(*mut f32);

// SAFETY: whoever writes through the pointer answers for the parts being disjoint.
unsafe impl Send for Disjoint {}
// SAFETY: as above.
unsafe impl Sync for Disjoint {}

impl Disjoint {
    pub(super) fn new(floats: &mut [f32]) -> Self {
        Self(floats.as_mut_ptr())
    }

    /// The place of a float; nothing may be written there that is outside the slice or another thread's.
    #[inline(always)]
    pub(super) fn at(self, index: usize) -> *mut f32 {
        self.0.wrapping_add(index)
    }

    /// [`Self::at`] for floats that hold elements of a precision.
    #[inline(always)]
    pub(super) fn place(self, precision: Precision, index: usize) -> Place {
        Place::new(precision, self.0, index)
    }
}

/// One thread's share of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    index: usize,
    count: usize,
}

impl Share {
    /// Its part of `total` things in a row.
    pub(super) fn of(self, total: usize) -> Range<usize> {
        let at = |index: usize| total * index / self.count;
        at(self.index)..at(self.index + 1)
    }

    /// Its parts of `strips` and `panels`, of which one is split.
    pub(super) fn of_grid(
        self,
        split: Split,
        strips: usize,
        panels: usize,
    ) -> (Range<usize>, Range<usize>) {
        match split {
            Split::Rows => (self.of(strips), 0..panels),
            Split::Channels => (0..strips, self.of(panels)),
        }
    }
}

#[cfg(test)]
mod tests;
