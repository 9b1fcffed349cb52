//! From floats to codes and back: the network's input, and maps for whoever asks for them.

use super::element::Precision;
use super::isa::{Isa, Kernel};
use super::len::len;
use super::place::Place;
use super::simd::Simd;
use super::threads::{Disjoint, Share, Workers};

/// What codes stand for: `scale * (code - zero_point)`. The weights of the kernels here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coding {
    /// The difference of two neighbours.
    pub scale: f32,
    /// The code of zero.
    pub zero_point: u8,
}

impl Coding {
    /// Floats that it takes among packed weights.
    pub(crate) const LEN: usize = 2;

    /// As packed weights.
    pub(crate) fn pack(self) -> [f32; Self::LEN] {
        [self.scale, f32::from(self.zero_point)]
    }

    /// Scale and zero point.
    fn unpack(packed: &[f32]) -> (f32, f32) {
        match *packed {
            [scale, zero_point] => (scale, zero_point),
            _ => panic!("length of the packed weights"),
        }
    }
}

/// Static shape of a map that becomes codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantize {
    /// Height times width.
    pub pixels: usize,
    /// Channels.
    pub channels: usize,
    /// Channels as they are stored, of which those beyond are zeros.
    pub stored: usize,
}

impl Quantize {
    /// Computes `output` (`[pixels][stored]`, four to a float) from `input` (`[pixels][channels]`): the nearest code of
    /// `value * (1 / scale) + zero_point`. Threads share the pixels.
    ///
    /// # Panics
    /// If a slice does not have the shape's length, or fewer channels are stored than there are.
    pub fn run(
        &self,
        isa: Isa,
        workers: Workers<'_>,
        packed: &[f32],
        input: &[f32],
        output: &mut [f32],
    ) {
        let Self {
            pixels,
            channels,
            stored,
        } = *self;
        assert!(stored >= channels, "channels as they are stored");
        assert_eq!(input.len(), len([pixels, channels]), "length of the input");
        let expected = Precision::Int8.floats(len([pixels, stored]));
        assert_eq!(output.len(), expected, "length of the output");
        let (scale, zero_point) = Coding::unpack(packed);
        let output = Disjoint::new(output);
        workers.run(0, |share, _| {
            isa.run(Coded {
                shape: *self,
                input,
                output,
                factor: 1.0 / scale,
                zero_point,
                share,
            });
        });
    }
}

/// One thread's part of a call, its slices as long as the shape says.
struct Coded<'a> {
    shape: Quantize,
    input: &'a [f32],
    output: Disjoint,
    factor: f32,
    zero_point: f32,
    share: Share,
}

impl Kernel for Coded<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let Quantize {
            pixels,
            channels,
            stored,
        } = self.shape;
        let own = self.share.of(pixels);
        let output = self.output.place(Precision::Int8, own.start * stored);
        let input = &self.input[own.start * channels..own.end * channels];
        // SAFETY: `Quantize::run` has checked the lengths, and `Isa::run` the instruction set; shares are disjoint,
        // and as many codes fit into each.
        unsafe {
            let done = match (channels, stored) {
                (3, 4) => self.colours::<S>(input, output),
                _ => 0,
            };
            let (input, output) = (&input[done * channels..], output.further(done * stored));
            for first in (0..input.len()).step_by(S::LANES) {
                let lanes = S::LANES.min(input.len() - first);
                let value = S::load_masked(input[first..].as_ptr(), S::mask(lanes));
                let scaled = S::mul(value, S::splat(self.factor));
                let value = S::add(scaled, S::splat(self.zero_point));
                output.further(first).store::<S>(lanes, value);
            }
            if stored > channels {
                deal_out(output.bytes(), own.len() - done, (channels, stored));
            }
        }
    }
}

impl Coded<'_> {
    /// Pixels of three channels, as many at a time as fit into a vector with a zero behind each. Returns how many are
    /// done.
    ///
    /// # Safety
    /// There is room for all of the input's; the processor has the instruction set.
    #[inline(always)]
    unsafe fn colours<S: Simd>(&self, input: &[f32], output: Place) -> usize {
        let together = S::LANES / 4;
        let (factor, zero_point) = (self.factor, self.zero_point);
        let factors = four_times([factor, factor, factor, 0.0]);
        let zero_points = four_times([zero_point, zero_point, zero_point, 0.0]);
        let vectors = input.len() / (3 * together);
        // SAFETY: the caller's; a vector is not longer than the lists.
        unsafe {
            let (factors, zero_points) = (S::load(factors.as_ptr()), S::load(zero_points.as_ptr()));
            for vector in 0..vectors {
                let pixels = S::load_pixels(input[vector * 3 * together..].as_ptr());
                let value = S::add(S::mul(pixels, factors), zero_points);
                output
                    .further(vector * S::LANES)
                    .store::<S>(S::LANES, value);
            }
        }
        vectors * together
    }
}

/// A pixel's values for the lanes of the widest vector.
fn four_times(pixel: [f32; 4]) -> [f32; 16] {
    std::array::from_fn(|lane| pixel[lane % 4])
}

/// Moves pixels that follow each other apart, the last one first, and fills up with zeros.
///
/// # Safety
/// There is room for all of them behind the pointer.
unsafe fn deal_out(codes: *mut u8, pixels: usize, (channels, stored): (usize, usize)) {
    for pixel in (0..pixels).rev() {
        // SAFETY: the caller's; a pixel is moved to where it came from or behind it, and those before it end there.
        unsafe {
            let (from, to) = (codes.add(pixel * channels), codes.add(pixel * stored));
            std::ptr::copy(from, to, channels);
            to.add(channels).write_bytes(0, stored - channels);
        }
    }
}

/// Static shape of a map of codes that becomes floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dequantize {
    /// Values of the map.
    pub values: usize,
}

impl Dequantize {
    /// Computes `output` (`[values]`) from `input`, codes four to a float: `(code - zero_point) * scale`. Threads share
    /// the values.
    ///
    /// # Panics
    /// If a slice does not have the shape's length.
    pub fn run(
        &self,
        isa: Isa,
        workers: Workers<'_>,
        packed: &[f32],
        input: &[f32],
        output: &mut [f32],
    ) {
        let expected = Precision::Int8.floats(self.values);
        assert_eq!(input.len(), expected, "length of the input");
        assert_eq!(output.len(), self.values, "length of the output");
        let (scale, zero_point) = Coding::unpack(packed);
        let output = Disjoint::new(output);
        workers.run(0, |share, _| {
            isa.run(Decoded {
                values: self.values,
                input,
                output,
                scale,
                zero_point,
                share,
            });
        });
    }
}

/// One thread's part of a call, its slices as long as the shape says.
struct Decoded<'a> {
    values: usize,
    input: &'a [f32],
    output: Disjoint,
    scale: f32,
    zero_point: f32,
    share: Share,
}

impl Kernel for Decoded<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let input = Place::new(Precision::Int8, self.input.as_ptr().cast_mut(), 0);
        for vector in self.share.of(self.values.div_ceil(S::LANES)) {
            let first = vector * S::LANES;
            let lanes = S::LANES.min(self.values - first);
            // SAFETY: `Dequantize::run` has checked the lengths, and `Isa::run` the instruction set; shares are
            // disjoint.
            unsafe {
                let code = input.further(first).load::<S>(lanes);
                let value = S::mul(
                    S::add(code, S::splat(-self.zero_point)),
                    S::splat(self.scale),
                );
                self.output
                    .place(Precision::F32, first)
                    .store::<S>(lanes, value);
            }
        }
    }
}
