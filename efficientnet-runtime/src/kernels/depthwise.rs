//! Depthwise convolution: one filter a channel, vectorised over channels.
//!
//! Packed weights, for each vector of channels: the bias, then the window's taps row by row; channels
//! beyond the last are zeros. Zeros around the map are never stored: where a window reaches over the
//! border, the inputs outside are left out.
//!
//! The rows under the window stay in L1 from one output row to the next, since one vector of channels is
//! walked down a whole strip of rows.

use super::activation::Activation;
use super::element::Precision;
use super::isa::{Isa, Kernel};
use super::len::len;
use super::lines::{Columns, Rows, Source, Strip};
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
    /// Precision of the output; input, weights and sums are f32, and sums are of what is not rounded yet.
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

    /// Length of packed weights in floats.
    pub(crate) fn packed_len(isa: Isa, channels: usize, kernel: usize) -> usize {
        let (lanes, taps) = (isa.lanes(), len([kernel, kernel]));
        len([channels.div_ceil(lanes), lanes, taps.saturating_add(1)])
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
        let mut packed = zeros(channels.next_multiple_of(lanes) * (taps + 1));
        for channel in 0..channels {
            let block = channel / lanes * lanes * (taps + 1) + channel % lanes;
            packed[block] = bias[channel];
            for tap in 0..taps {
                packed[block + (tap + 1) * lanes] = weight[channel * taps + tap];
            }
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
        assert_eq!(
            input.len(),
            len([self.height, self.width, self.channels]),
            "length of the input"
        );
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
        let expected = Self::packed_len(isa, self.channels, self.kernel);
        assert_eq!(packed.len(), expected, "length of the packed weights");
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
    let block_len = S::LANES * (shape.kernel * shape.kernel + 1);
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
