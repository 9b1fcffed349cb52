//! Work on many threads, results in order, no more of them waiting than a fixed number.

use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::failure::Failure;

/// Results of a thread that may wait for an earlier one: as many photos of usual size as are classified
/// while one of the largest that are decoded holds up the row.
const WINDOW: usize = 64;

/// Calls `compute` for every item, on as many threads as there are states, and `take` on the calling
/// thread for every result, in the order of the items and as soon as it is there. Ends at the first
/// failure of `take`.
///
/// Items are asked for as they are needed: at most [`WINDOW`] a thread are on their way.
///
/// # Errors
/// If the system refuses a thread; those of `take`.
pub(super) fn run<I: Send, S: Send, R: Send>(
    items: impl Iterator<Item = I>,
    states: Vec<S>,
    compute: impl Fn(I, &mut S) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let threads = states.len();
    let (jobs, queue) = mpsc::sync_channel(threads);
    let (queue, compute) = (Mutex::new(queue), &compute);
    thread::scope(|scope| {
        // Dropped at every way out, which ends the threads.
        let jobs = jobs;
        for state in states {
            let queue = &queue;
            thread::Builder::new()
                .spawn_scoped(scope, move || work(queue, state, compute))
                .map_err(|error| {
                    Failure::System(format!(
                        "{threads} threads cannot be started: {error}; give a lower --jobs"
                    ))
                })?;
        }
        let mut waiting: VecDeque<Receiver<R>> = VecDeque::new();
        for item in items {
            while let Some(result) = ready(&mut waiting, WINDOW * threads)? {
                take(result)?;
            }
            let (reply, result) = mpsc::sync_channel(1);
            jobs.send((item, reply)).map_err(|_| ended())?;
            waiting.push_back(result);
        }
        waiting
            .into_iter()
            .try_for_each(|result| take(result.recv().map_err(|_| ended())?))
    })
}

/// The first result if it is there; waited for where there is no room behind it.
fn ready<R>(waiting: &mut VecDeque<Receiver<R>>, room: usize) -> Result<Option<R>, Failure> {
    let full = waiting.len() >= room;
    let Some(first) = waiting.front() else {
        return Ok(None);
    };
    let result = match full {
        true => first.recv().map_err(|_| ended())?,
        false => match first.try_recv() {
            Ok(result) => result,
            Err(mpsc::TryRecvError::Empty) => return Ok(None),
            Err(mpsc::TryRecvError::Disconnected) => return Err(ended()),
        },
    };
    waiting.pop_front();
    Ok(Some(result))
}

/// Its panic, which the scope passes on, says more.
fn ended() -> Failure {
    Failure::Program("a thread ended before its work".to_owned())
}

type Queue<I, R> = Mutex<Receiver<(I, SyncSender<R>)>>;

fn work<I, S, R>(queue: &Queue<I, R>, mut state: S, compute: impl Fn(I, &mut S) -> R) {
    // The lock is held while waiting for an item: the other threads wait for the next one then.
    let next = || {
        let queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.recv()
    };
    while let Ok((item, reply)) = next() {
        // Nobody waits for it after a failure.
        let _ = reply.send(compute(item, &mut state));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_result_once_and_in_order() {
        for (count, threads) in [(0, 1), (1, 4), (1000, 1), (1000, 3)] {
            let mut results = Vec::new();
            let square = |i: usize, done: &mut usize| {
                *done += 1;
                i * i
            };
            run(0..count, vec![0; threads], square, |result| {
                results.push(result);
                Ok(())
            })
            .unwrap();
            assert_eq!(results, (0..count).map(|i| i * i).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_on_its_way_is_bounded_while_one_result_holds_up_the_rest() {
        let (asked, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let most = AtomicUsize::new(0);
        let items = (0..1000).inspect(|_| {
            let asked = asked.fetch_add(1, Ordering::Relaxed) + 1;
            most.fetch_max(asked - taken.load(Ordering::Relaxed), Ordering::Relaxed);
        });
        let slow_first = |i: usize, _: &mut ()| {
            if i == 0 {
                thread::sleep(Duration::from_millis(200));
            }
        };
        run(items, vec![(); 2], slow_first, |()| {
            taken.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
        .unwrap();
        let most = most.into_inner();
        assert!(most <= 2 * WINDOW + 1, "{most}");
    }

    #[test]
    fn a_failure_ends_it() {
        let mut taken = 0;
        let failed = run(
            0..usize::MAX,
            vec![(); 3],
            |i, ()| i,
            |i| {
                taken += 1;
                match i {
                    ..10 => Ok(()),
                    _ => Err(Failure::mistake("enough")),
                }
            },
        );
        assert!(matches!(failed, Err(Failure::Mistake(_))));
        assert_eq!(taken, 11);
    }

    #[test]
    #[should_panic(expected = "scoped thread panicked")]
    fn a_panic_is_passed_on() {
        let _ = run(0..9, vec![(); 2], |i, ()| assert!(i != 3), |()| Ok(()));
    }
}
