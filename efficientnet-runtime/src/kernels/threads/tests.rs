//! A team computes every part once, whatever happens in between.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{Split, Threads, Workers};

/// Calls in a row; Miri takes a thousand times as long for each.
const CALLS: usize = if cfg!(miri) { 5 } else { 200 };

/// How often each member was called.
fn calls(threads: &Threads) -> Vec<usize> {
    let counts: Vec<AtomicUsize> = (0..threads.count()).map(|_| AtomicUsize::new(0)).collect();
    threads.run(&|index| {
        counts[index].fetch_add(1, Ordering::Relaxed);
    });
    counts.into_iter().map(AtomicUsize::into_inner).collect()
}

#[test]
fn every_member_is_called_once() {
    for count in 0..=8 {
        let threads = Threads::new(count).expect("threads");
        assert_eq!(threads.count(), count.max(1));
        for _ in 0..CALLS {
            assert_eq!(calls(&threads), vec![1; count.max(1)]);
        }
    }
}

#[test]
fn members_that_sleep_are_woken() {
    let threads = Threads::new(3).expect("threads");
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(calls(&threads), [1; 3]);
    }
}

#[test]
fn a_busy_team_leaves_the_call_to_its_caller() {
    let threads = Threads::new(2).expect("threads");
    let inner = AtomicUsize::new(0);
    threads.run(&|_| {
        // The team computes the outer call.
        inner.fetch_add(calls(&threads).iter().sum(), Ordering::Relaxed);
    });
    assert_eq!(inner.into_inner(), 4);
}

#[test]
fn a_panic_reaches_the_caller_and_the_team_lives_on() {
    let threads = Threads::new(3).expect("threads");
    for at in 0..3 {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            threads.run(&|index| assert!(index != at, "member {index}"));
        }));
        let panic = outcome.expect_err("the panic of a member");
        let message = panic.downcast_ref::<String>().expect("a message");
        assert_eq!(message, &format!("member {at}"));
        assert_eq!(calls(&threads), [1; 3]);
    }
}

#[test]
fn shares_cover_everything_once() {
    let threads = Threads::new(4).expect("threads");
    for total in [0, 1, 3, 4, 10] {
        let seen: Vec<AtomicUsize> = (0..total).map(|_| AtomicUsize::new(0)).collect();
        let mut scratch = vec![0.0; 4 * 5];
        let workers = Workers {
            threads: &threads,
            scratch: &mut scratch,
        };
        workers.run(5, |share, scratch| {
            scratch.fill(1.0);
            let (rows, panels) = share.of_grid(Split::Rows, total, 7);
            assert_eq!((panels, scratch.len()), (0..7, 5));
            rows.for_each(|row| {
                seen[row].fetch_add(1, Ordering::Relaxed);
            });
        });
        assert!(seen.into_iter().all(|count| count.into_inner() == 1));
        assert_eq!(scratch, [1.0; 20]);
    }
}

#[test]
#[should_panic(expected = "room for each thread: 4 of 5 floats")]
fn too_little_room_is_refused() {
    Workers::alone(&mut [0.0; 4]).run(5, |_, _| {});
}
