//! Depthwise convolution: one filter a channel, vectorised over channels.
//!
//! Packed weights, for each vector of channels: the bias, then the window's taps row by row; of integers zeros, the
//! taps, and what makes values of sums, factors and biases. Channels beyond the last are zeros. Zeros around the map are never stored: where a window reaches over the
//! border, the inputs outside are left out.
//!
//! The rows under the window stay in L1 from one output row to the next, since one vector of channels is
//! walked down a whole strip of rows.

use super::activation::Activation;
use super::depth_first::{DepthFirst, Producer};
use super::element::Precision;
use super::isa::{Isa, Kernel};
use super::len::len;
use super::lines::{Columns, Rows, Source, Strip};
use super::scaling::Scaled;
use super::simd::Simd;
use super::threads::{Disjoint, Share, Split, Workers};
use super::window::{Axis, Pads};
use crate::workspace::{AlignedBuffer, zeros};

/// Static shape of a depthwise convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depthwise {
    /// Input rows.
    pub height: usize,
    /// Input columns.
    pub width: usize,
    /// Channels.
    pub channels: usize,
    /// Kernel size.
    pub kernel: usize,
    /// Stride.
    pub stride: usize,
    /// Zeros around the input.
    pub pads: Pads,
    /// Epilogue.
    pub activation: Activation,
    /// Output rows per strip: each strip has sums of its own.
    pub strip: usize,
    /// How threads share the call.
    pub split: Split,
    /// Precision of the output; input, weights and sums are f32, and sums are of what is not rounded yet. Where the
    /// output is codes, weights are integers, no sums are made, and the input is codes: as floats where it is made
    /// strip by strip, else as it is stored.
    pub output: Precision,
}

impl Depthwise {
    /// Rows as the window sees them.
    pub(super) const fn rows(&self) -> Axis {
        Axis::rows(self.height, self.kernel, self.stride, self.pads)
    }

    /// Columns as the window sees them.
    pub(super) const fn columns(&self) -> Axis {
        Axis::columns(self.width, self.kernel, self.stride, self.pads)
    }

    /// Output rows.
    pub const fn out_height(&self) -> usize {
        self.rows().outputs()
    }

    /// Output columns.
    pub const fn out_width(&self) -> usize {
        self.columns().outputs()
    }

    /// Strips of output rows.
    ///
    /// # Panics
    /// If a strip has no rows.
    pub const fn strips(&self) -> usize {
        self.out_height().div_ceil(self.strip)
    }

    /// Floats of the input where it is stored.
    pub const fn input_len(&self) -> usize {
        let values = len([self.height, self.width, self.channels]);
        match self.output {
            Precision::F32 | Precision::Bf16 => values,
            Precision::Int8 => self.output.floats(values),
        }
    }

    /// Room that a thread needs, in floats; the same for every instruction set.
    pub const fn scratch_len(&self) -> usize {
        match self.output {
            Precision::F32 | Precision::Bf16 => 0,
            Precision::Int8 => {
                let producer = Producer::Stored;
                let depthwise = *self;
                let made = DepthFirst {
                    producer,
                    depthwise,
                };
                made.scratch_len()
            }
        }
    }

    /// Length of packed weights in floats.
    pub(crate) fn packed_len(
        isa: Isa,
        precision: Precision,
        channels: usize,
        kernel: usize,
    ) -> usize {
        let (lanes, taps) = (isa.lanes(), len([kernel, kernel]));
        let rows = taps.saturating_add(precision.header_rows());
        len([channels.div_ceil(lanes), lanes, rows])
    }

    /// Floats that one vector of channels has of packed weights.
    fn block_len(&self, lanes: usize) -> usize {
        lanes * (self.kernel * self.kernel + self.output.header_rows())
    }

    /// Packs `weight` (`[channels][kernel][kernel]`) and `bias` (`[channels]`).
    ///
    /// # Panics
    /// If the lengths are others.
    pub fn pack(
        isa: Isa,
        channels: usize,
        kernel: usize,
        weight: &[f32],
        bias: &[f32],
    ) -> AlignedBuffer {
        let (lanes, taps) = (isa.lanes(), len([kernel, kernel]));
        assert_eq!(weight.len(), len([channels, taps]), "length of the weights");
        assert_eq!(bias.len(), channels, "length of the bias");
        let mut packed = zeros(Self::packed_len(isa, Precision::F32, channels, kernel));
        for channel in 0..channels {
            let block = channel / lanes * lanes * (taps + 1) + channel % lanes;
            packed[block] = bias[channel];
            for tap in 0..taps {
                packed[block + (tap + 1) * lanes] = weight[channel * taps + tap];
            }
        }
        packed
    }

    /// [`Self::pack`] for weights that are integers, onto codes whose zero is zero.
    ///
    /// # Panics
    /// If the lengths are others, or zero is another code, which the pads are not.
    pub fn pack_int8(
        isa: Isa,
        channels: usize,
        kernel: usize,
        scaled: &Scaled<'_>,
    ) -> AlignedBuffer {
        let (lanes, taps) = (isa.lanes(), len([kernel, kernel]));
        let weights = len([channels, taps]);
        assert_eq!(scaled.weight.len(), weights, "length of the weights");
        assert_eq!(scaled.zero_point, 0, "code of the pads");
        let mut packed = zeros(Self::packed_len(isa, Precision::Int8, channels, kernel));
        for channel in 0..channels {
            let first = channel / lanes * lanes * (taps + 3) + channel % lanes;
            for tap in 0..taps {
                packed[first + (tap + 1) * lanes] = f32::from(scaled.weight[channel * taps + tap]);
            }
            packed[first + (taps + 1) * lanes] = scaled.factors[channel];
            packed[first + (taps + 2) * lanes] = scaled.biases[channel];
        }
        packed
    }

    /// Computes `output` (NHWC) from `input` (NHWC), and in `sums` (`[strips][channels]`) the sum of each
    /// strip's output over its pixels, after the activation.
    ///
    /// # Panics
    /// If a slice does not have the shape's length, or `packed` is another layer's; if the map is empty
    /// or smaller than the window, or a strip has no rows.
    pub fn run(
        &self,
        isa: Isa,
        workers: Workers<'_>,
        packed: &[f32],
        input: &[f32],
        output: &mut [f32],
        sums: Option<&mut [f32]>,
    ) {
        assert!(self.height > 0 && self.width > 0, "a map has pixels");
        if self.output.is_int8() {
            let made = DepthFirst {
                producer: Producer::Stored,
                depthwise: *self,
            };
            return made.run(isa, workers, [&[], packed], input, output, sums);
        }
        assert_eq!(input.len(), self.input_len(), "length of the input");
        let output = self.check_results(isa, packed, output, sums);
        workers.run(0, |share, _| {
            isa.run(Part {
                shape: self,
                packed,
                input,
                output,
                share,
            });
        });
    }

    /// Checks the lengths of weights and results.
    pub(super) fn check_results(
        &self,
        isa: Isa,
        packed: &[f32],
        output: &mut [f32],
        sums: Option<&mut [f32]>,
    ) -> Results {
        let expected = Self::packed_len(isa, self.output, self.channels, self.kernel);
        assert_eq!(packed.len(), expected, "length of the packed weights");
        let summed = sums.is_some() && self.output.is_int8();
        assert!(!summed, "codes are not summed");
        let expected = len([self.out_height(), self.out_width(), self.channels]);
        let expected = self.output.floats(expected);
        assert_eq!(output.len(), expected, "length of the output");
        Results {
            output: Disjoint::new(output),
            sums: sums.map(|sums| {
                let expected = len([self.strips(), self.channels]);
                assert_eq!(sums.len(), expected, "length of the sums");
                Disjoint::new(sums)
            }),
        }
    }

    /// The output rows of a strip.
    pub(super) fn strip_rows(&self, strip: usize) -> std::ops::Range<usize> {
        let first = strip * self.strip;
        first..(first + self.strip).min(self.out_height())
    }
}

/// Where results go; as long as the shape says.
#[derive(Clone, Copy)]
pub(super) struct Results {
    output: Disjoint,
    sums: Option<Disjoint>,
}

/// One thread's part of a call, its slices as long as the shape says.
struct Part<'a> {
    shape: &'a Depthwise,
    packed: &'a [f32],
    input: &'a [f32],
    output: Results,
    share: Share,
}

impl Kernel for Part<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let Self { shape, input, .. } = self;
        let vectors = shape.channels.div_ceil(S::LANES);
        let (strips, vectors) = self.share.of_grid(shape.split, shape.strips(), vectors);
        let row_len = shape.width * shape.channels;
        let columns = Columns::of_map(shape);
        for strip in strips {
            for vector in vectors.clone() {
                let source = Source {
                    rows: Rows::of_map(input[vector * S::LANES..].as_ptr(), row_len),
                    pitch: shape.channels,
                    columns,
                };
                // SAFETY: `Depthwise::run` has checked every length, and `Isa::run` the instruction set;
                // the rows are the map's.
                unsafe {
                    strip_of_vector::<S>(shape, self.packed, &source, self.output, strip, vector);
                }
            }
        }
    }
}

/// Computes one vector of channels of one strip.
///
/// # Safety
/// The source holds all rows and columns that the strip's windows touch inside the map, or all of the
/// columns if it has a margin; `packed` and `results` are as long as the shape says; strip and vector are
/// the caller's alone; the processor has the instruction set.
#[inline(always)]
pub(super) unsafe fn strip_of_vector<S: Simd>(
    shape: &Depthwise,
    packed: &[f32],
    source: &Source,
    results: Results,
    strip: usize,
    vector: usize,
) {
    let channel = vector * S::LANES;
    let lanes = S::LANES.min(shape.channels - channel);
    let block_len = shape.block_len(S::LANES);
    let lines = Strip {
        shape,
        source,
        lanes,
        packed: packed[vector * block_len..][..block_len].as_ptr(),
        output: results.output.place(shape.output, channel),
        rows: shape.strip_rows(strip),
        sums: match results.sums {
            Some(sums) => sums.at(strip * shape.channels + channel),
            None => std::ptr::null_mut(),
        },
    };
    // SAFETY: the caller's.
    unsafe { lines.compute::<S>() };
}
