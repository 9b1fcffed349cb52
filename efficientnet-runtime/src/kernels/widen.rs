//! A map of bfloat16 as floats: for whoever asks for the map.

use super::element::Precision;
use super::isa::{Isa, Kernel};
use super::place::Place;
use super::simd::Simd;
use super::threads::{Disjoint, Share, Workers};

/// Static shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widen {
    /// Values of the map.
    pub values: usize,
}

impl Widen {
    /// Computes `output` (`[values]`) from `input`, bfloat16 two to a float. Threads share the values.
    ///
    /// # Panics
    /// If a slice does not have the shape's length.
    pub fn run(&self, isa: Isa, workers: Workers<'_>, input: &[f32], output: &mut [f32]) {
        let expected = Precision::Bf16.floats(self.values);
        assert_eq!(input.len(), expected, "length of the input");
        assert_eq!(output.len(), self.values, "length of the output");
        let output = Disjoint::new(output);
        workers.run(0, |share, _| {
            isa.run(Part {
                values: self.values,
                input,
                output,
                share,
            });
        });
    }
}

/// One thread's part of a call, its slices as long as the shape says.
struct Part<'a> {
    values: usize,
    input: &'a [f32],
    output: Disjoint,
    share: Share,
}

impl Kernel for Part<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let input = Place::new(Precision::Bf16, self.input.as_ptr().cast_mut(), 0);
        for vector in self.share.of(self.values.div_ceil(S::LANES)) {
            let first = vector * S::LANES;
            let lanes = S::LANES.min(self.values - first);
            // SAFETY: `Widen::run` has checked the lengths, and `Isa::run` the instruction set; shares are
            // disjoint.
            unsafe {
                let value = input.further(first).load::<S>(lanes);
                self.output
                    .place(Precision::F32, first)
                    .store::<S>(lanes, value);
            }
        }
    }
}
