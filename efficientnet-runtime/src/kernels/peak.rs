//! What the processor can do at most, measured: the bounds that kernels are held against.
//!
//! A rate is the best of many short bursts, so that an interruption, or a processor that has not reached its
//! frequency yet, spoils some of them and not the result.

use std::hint::black_box;
use std::marker::PhantomData;
use std::ops::Range;
use std::time::{Duration, Instant};

use super::isa::{Isa, Kernel};
use super::simd::Simd;
use super::threads::{Threads, Workers};
use crate::workspace::zeros;

/// How long a rate is measured.
const DURATION: Duration = Duration::from_millis(50);

/// Bursts at least, however long one takes.
const BURSTS: usize = 5;

/// Steps of one burst of multiply-adds: a tenth of a millisecond or more, beside which it costs nothing to
/// hand the work to a team.
const STEPS: usize = 1 << 16;

/// Steps that `unroll` knows, of which those are left out that a loop does not have.
const UNROLLED: usize = 20;

/// Sums that are formed side by side while memory is read.
const SUMS: usize = 8;

/// Floating-point operations per second of multiply-adds in registers, of all threads together.
///
/// A fused multiply-add is two operations; where an instruction set has none, a multiplication and an addition
/// stand for it, as in the kernels.
pub fn fma_rate(isa: Isa, threads: &Threads) -> f64 {
    let of_one = multiply_adds(isa) * 2;
    best_rate(of_one * threads.count(), || {
        share(threads, 0, |_| {
            multiply_adds(isa);
        });
    })
}

/// Floating-point operations per second of multiply-adds of pairs of bfloat16 in registers, of all threads together; a
/// pair has four.
pub fn pairs_rate(isa: Isa, threads: &Threads) -> f64 {
    let of_one = groups::<Pairs>(isa) * 4;
    best_rate(of_one * threads.count(), || {
        share(threads, 0, |_| {
            groups::<Pairs>(isa);
        });
    })
}

/// Operations per second of multiply-adds of codes in registers, of all threads together; four of them have eight.
pub fn codes_rate(isa: Isa, threads: &Threads) -> f64 {
    let of_one = groups::<Codes>(isa) * 8;
    best_rate(of_one * threads.count(), || {
        share(threads, 0, |_| {
            groups::<Codes>(isa);
        });
    })
}

/// Bytes per second of reading `len` floats over and over, of all threads together, each reading its part: the rate
/// of the innermost cache that holds them.
pub fn read_rate(isa: Isa, threads: &Threads, len: usize) -> f64 {
    let mut values = zeros(len);
    // Pages that nobody has written may all be the same one.
    values.fill(1.0);
    let values = &values[..];
    best_rate(size_of_val(values), || {
        share(threads, len, |part| isa.run(Sum(&values[part])));
    })
}

/// The most of `amount` per second that a burst reaches.
fn best_rate(amount: usize, burst: impl Fn()) -> f64 {
    let begin = Instant::now();
    let mut shortest = f64::INFINITY;
    let mut bursts = 0;
    while bursts < BURSTS || begin.elapsed() < DURATION {
        let start = Instant::now();
        burst();
        shortest = shortest.min(start.elapsed().as_secs_f64());
        bursts += 1;
    }
    amount as f64 / shortest
}

/// Calls `work` once on each thread, with its part of `total`.
fn share(threads: &Threads, total: usize, work: impl Fn(Range<usize>) + Sync) {
    let scratch = &mut [];
    Workers { threads, scratch }.run(0, |share, _| work(share.of(total)));
}

/// Computes for a while, and says how many multiply-adds that were.
fn multiply_adds(isa: Isa) -> usize {
    let mut count = 0;
    isa.run(MultiplyAdds(&mut count));
    count
}

/// [`STEPS`] multiply-adds in each of as many independent vectors as the tallest tile of a kernel has: more than
/// are under way at once.
struct MultiplyAdds<'a>(&'a mut usize);

impl Kernel for MultiplyAdds<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        // Away from zero and infinity for ever: each step halves the distance to 1.
        let half = black_box(0.5);
        // SAFETY: `Isa::run` has checked the instruction set.
        unsafe {
            let half = S::splat(half);
            let mut values = [half; UNROLLED];
            for _ in 0..STEPS {
                unroll!(I < S::ROWS[0] => {
                    values[I] = S::fma(values[I], half, half);
                });
            }
            black_box(values);
        }
        *self.0 = STEPS * S::ROWS[0] * S::LANES;
    }
}

/// Products of several values a lane.
trait Group {
    /// Runs a kernel with the processor's instructions for them, where it has some.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn outlined<S: Simd, K: Kernel>(kernel: K);
    /// `sum` plus the products of a lane's values.
    ///
    /// # Safety
    /// As for [`Self::outlined`].
    unsafe fn multiply_add<S: Simd>(a: S::V, b: S::V, sum: S::V) -> S::V;
}

/// Pairs of bfloat16.
struct Pairs;

impl Group for Pairs {
    #[inline(always)]
    unsafe fn outlined<S: Simd, K: Kernel>(kernel: K) {
        // SAFETY: the caller's.
        unsafe { S::outlined_pairs(kernel) }
    }

    #[inline(always)]
    unsafe fn multiply_add<S: Simd>(a: S::V, b: S::V, sum: S::V) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::multiply_add_pairs(a, b, sum) }
    }
}

/// Fours of codes.
struct Codes;

impl Group for Codes {
    #[inline(always)]
    unsafe fn outlined<S: Simd, K: Kernel>(kernel: K) {
        // SAFETY: the caller's.
        unsafe { S::outlined_codes(kernel) }
    }

    #[inline(always)]
    unsafe fn multiply_add<S: Simd>(a: S::V, b: S::V, sum: S::V) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::multiply_add_codes(a, b, sum) }
    }
}

/// Computes for a while, and says how many lanes' multiply-adds that were.
fn groups<G: Group>(isa: Isa) -> usize {
    let mut count = 0;
    isa.run(Outlined::<G>(&mut count, PhantomData));
    count
}

/// [`Groups`] as a function of its own.
struct Outlined<'a, G>(&'a mut usize, PhantomData<G>);

impl<G: Group> Kernel for Outlined<'_, G> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        // SAFETY: `Isa::run` has checked the instruction set.
        unsafe { G::outlined::<S, _>(Groups::<G>(self.0, PhantomData)) };
    }
}

/// As many steps as [`MultiplyAdds`], of several values a lane.
struct Groups<'a, G>(&'a mut usize, PhantomData<G>);

impl<G: Group> Kernel for Groups<'_, G> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        // Products of zeros: the sums stay what they are.
        let (zero, one) = (black_box(0.0), black_box(1.0));
        // SAFETY: `Isa::run` has checked the instruction set.
        unsafe {
            let zeros = S::splat(zero);
            let mut sums = [S::splat(one); UNROLLED];
            for _ in 0..STEPS {
                unroll!(I < S::ROWS[0] => {
                    sums[I] = G::multiply_add::<S>(zeros, zeros, sums[I]);
                });
            }
            black_box(sums);
        }
        *self.0 = STEPS * S::ROWS[0] * S::LANES;
    }
}

/// Reads floats once.
struct Sum<'a>(&'a [f32]);

impl Kernel for Sum<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        // SAFETY: each chunk has `SUMS` vectors; `Isa::run` has checked the instruction set.
        unsafe {
            let mut sums = [S::splat(0.0); SUMS];
            for chunk in self.0.chunks_exact(SUMS * S::LANES) {
                for (index, sum) in sums.iter_mut().enumerate() {
                    *sum = S::add(*sum, S::load(chunk.as_ptr().add(index * S::LANES)));
                }
            }
            black_box(sums);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_positive_and_finite() {
        let threads = Threads::new(2).unwrap();
        for isa in Isa::available() {
            let rates = [
                fma_rate(isa, &threads),
                pairs_rate(isa, &threads),
                codes_rate(isa, &threads),
                read_rate(isa, &threads, 1 << 16),
            ];
            for rate in rates {
                assert!(rate.is_normal() && rate > 0.0, "{isa}: {rate}");
            }
        }
    }
}
