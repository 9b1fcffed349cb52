//! When to try again.

use std::thread;
use std::time::Duration;

use super::problem::Problem;

/// Tries in a row without getting further.
const TRIES: u32 = 5;
/// Wait before the second try; it doubles from then on.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// Longest wait that a server can ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(60);

/// Tries until there is a result, or another try cannot help, or enough came to nothing.
pub(super) fn patiently<T>(
    longest_wait: Duration,
    mut attempt: impl FnMut(&mut Patience) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let mut patience = Patience::new(longest_wait);
    loop {
        match attempt(&mut patience) {
            Err(Problem::Passing {
                reason,
                retry_after,
            }) => {
                let Some(wait) = patience.next_wait(retry_after) else {
                    return Err(Problem::passing(format!("{reason} ({TRIES} tries)")));
                };
                thread::sleep(wait);
            }
            other => return other,
        }
    }
}

/// Counts tries that came to nothing.
pub(super) struct Patience {
    failures: u32,
    /// No wait of our own is longer than what a silence may last.
    longest: Duration,
}

impl Patience {
    fn new(longest: Duration) -> Self {
        Self {
            failures: 0,
            longest,
        }
    }

    /// A try got further than all before.
    pub(super) fn renew(&mut self) {
        self.failures = 0;
    }

    /// How long to wait before the next try, as long as the server asks; nothing if there is none.
    fn next_wait(&mut self, asked: Option<Duration>) -> Option<Duration> {
        self.failures += 1;
        if self.failures >= TRIES {
            return None;
        }
        let own = (FIRST_WAIT * 2u32.pow(self.failures - 1)).min(self.longest);
        Some(asked.map_or(own, |asked| asked.min(LONGEST_ASKED)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_end() {
        let mut patience = Patience::new(Duration::from_millis(1500));
        let waits: Vec<u128> = std::iter::from_fn(|| patience.next_wait(None))
            .map(|wait| wait.as_millis())
            .collect();
        assert_eq!(waits, [500, 1000, 1500, 1500]);
        patience.renew();
        assert!(patience.next_wait(None).is_some());
    }

    #[test]
    fn a_server_asks_for_a_wait_within_reason() {
        let mut patience = Patience::new(Duration::from_secs(1));
        let mut asked = |seconds| patience.next_wait(Some(Duration::from_secs(seconds)));
        assert_eq!(asked(7), Some(Duration::from_secs(7)));
        assert_eq!(asked(1 << 40), Some(LONGEST_ASKED));
    }
}
