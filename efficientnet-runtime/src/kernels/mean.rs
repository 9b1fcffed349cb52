//! Global average pooling.

use super::isa::{Isa, Kernel};
use super::len::len;
use super::simd::Simd;
use super::threads::{Disjoint, Share, Workers};

/// Static shape of a mean over pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mean {
    /// Pixels: height times width.
    pub pixels: usize,
    /// Channels.
    pub channels: usize,
}

impl Mean {
    /// Computes `output` (`[channels]`) from `input` (`[pixels][channels]`). Threads share the channels.
    ///
    /// # Panics
    /// If a slice does not have the shape's length.
    pub fn run(&self, isa: Isa, workers: Workers<'_>, input: &[f32], output: &mut [f32]) {
        assert_eq!(
            input.len(),
            len([self.pixels, self.channels]),
            "length of the input"
        );
        assert_eq!(output.len(), self.channels, "length of the output");
        let output = Disjoint::new(output);
        workers.run(0, |share, _| {
            isa.run(Part {
                shape: *self,
                input,
                output,
                share,
            });
        });
    }
}

/// One thread's part of a call, its slices as long as the shape says.
struct Part<'a> {
    shape: Mean,
    input: &'a [f32],
    output: Disjoint,
    share: Share,
}

impl Kernel for Part<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let Mean { pixels, channels } = self.shape;
        let scale = 1.0 / pixels as f32;
        for channel in self
            .share
            .of(channels.div_ceil(S::LANES))
            .map(|vector| vector * S::LANES)
        {
            let lanes = S::LANES.min(channels - channel);
            let input = self.input[channel..].as_ptr();
            let output = self.output.at(channel);
            // SAFETY: each pixel has `lanes` floats from `channel` on, and so has the output;
            // `Isa::run` has checked the instruction set.
            unsafe {
                let mask = S::mask(lanes);
                let mut sum = S::splat(0.0);
                for pixel in 0..pixels {
                    sum = S::add(sum, S::load_masked(input.add(pixel * channels), mask));
                }
                S::store_masked(output, mask, S::mul(sum, S::splat(scale)));
            }
        }
    }
}
