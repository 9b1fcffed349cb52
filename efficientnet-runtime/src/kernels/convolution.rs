//! Direct dense convolution for few input channels: the stem.
//!
//! A row of the window times the input's channels is contiguous in NHWC, so one output is a product of
//! `kernel` such runs with the weights; weights are packed in panels like the pointwise kernel's, with
//! the inputs in the order row, column, channel. Behind the panels stands the border: what a pad is
//! worth in each input channel, where the input's normalisation is folded into the weights.

use super::activation::{Activation, Epilogue, with_epilogue};
use super::isa::{Isa, Kernel};
use super::len::len;
use super::panel::{Panel, Panels};
use super::pointwise::load_vectors;
use super::simd::Simd;
use super::window::{Axis, Pads};
use crate::workspace::AlignedBuffer;

/// Static shape of a dense convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Input rows.
    pub height: usize,
    /// Input columns.
    pub width: usize,
    /// Input channels.
    pub in_channels: usize,
    /// Output channels.
    pub out_channels: usize,
    /// Kernel size.
    pub kernel: usize,
    /// Stride.
    pub stride: usize,
    /// Zeros around the input.
    pub pads: Pads,
    /// Epilogue.
    pub activation: Activation,
}

impl Convolution {
    /// Rows as the window sees them.
    const fn rows(&self) -> Axis {
        Axis::rows(self.height, self.kernel, self.stride, self.pads)
    }

    /// Columns as the window sees them.
    const fn columns(&self) -> Axis {
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

    /// Packs `weight` (`[out_channels][in_channels][kernel][kernel]`), `bias` (`[out_channels]`) and
    /// `border` (`[in_channels]`): the value of pads, zeros unless the input is shifted by the weights.
    ///
    /// # Panics
    /// If the lengths are others.
    pub fn pack(
        isa: Isa,
        in_channels: usize,
        out_channels: usize,
        kernel: usize,
        weight: &[f32],
        bias: &[f32],
        border: &[f32],
    ) -> AlignedBuffer {
        let taps = len([kernel, kernel]);
        let inputs = len([taps, in_channels]);
        assert_eq!(
            weight.len(),
            len([inputs, out_channels]),
            "length of the weights"
        );
        assert_eq!(bias.len(), out_channels, "length of the bias");
        assert_eq!(border.len(), in_channels, "length of the border");
        let panels = Panels::new(isa, out_channels, inputs);
        let mut packed = panels.pack(bias, |channel, input| {
            let (tap, in_channel) = (input / in_channels, input % in_channels);
            weight[(channel * in_channels + in_channel) * taps + tap]
        });
        packed.extend_from_slice(border);
        packed
    }

    /// Length of packed weights in floats.
    pub(crate) fn packed_len(
        isa: Isa,
        in_channels: usize,
        out_channels: usize,
        kernel: usize,
    ) -> usize {
        let inputs = len([kernel, kernel, in_channels]);
        Panels::new(isa, out_channels, inputs).len() + in_channels
    }

    /// Computes `output` (NHWC) from `input` (NHWC).
    ///
    /// # Panics
    /// If a slice does not have the shape's length, or `packed` is another layer's; if the map is empty
    /// or smaller than the window.
    pub fn run(&self, isa: Isa, packed: &[f32], input: &[f32], output: &mut [f32]) {
        let inputs = len([self.kernel, self.kernel, self.in_channels]);
        let panels = Panels::new(isa, self.out_channels, inputs);
        assert!(self.height > 0 && self.width > 0, "a map has pixels");
        let expected = Self::packed_len(isa, self.in_channels, self.out_channels, self.kernel);
        assert_eq!(packed.len(), expected, "length of the packed weights");
        let (packed, border) = packed.split_at(panels.len());
        let has_border = border.iter().any(|&value| value != 0.0);
        assert_eq!(
            input.len(),
            len([self.height, self.width, self.in_channels]),
            "length of the input"
        );
        assert_eq!(
            output.len(),
            len([self.out_height(), self.out_width(), self.out_channels]),
            "length of the output"
        );
        isa.run(Task {
            shape: *self,
            panels,
            packed,
            border: has_border.then_some(border),
            input,
            output,
        });
    }
}

/// One call, its slices as long as the shape says.
struct Task<'a> {
    shape: Convolution,
    panels: Panels,
    packed: &'a [f32],
    /// Values of pads per input channel, unless they are zeros.
    border: Option<&'a [f32]>,
    input: &'a [f32],
    output: &'a mut [f32],
}

impl Kernel for Task<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        // SAFETY: `Convolution::run` has checked every length, and `Isa::run` the instruction set.
        with_epilogue!(self.shape.activation, epilogue => unsafe { map::<S, _>(self, epilogue) });
    }
}

/// Walks output rows, panels inside them.
///
/// # Safety
/// The task's slices have the shape's lengths; the processor has the instruction set.
#[inline(always)]
unsafe fn map<S: Simd, E: Epilogue<S>>(task: Task<'_>, epilogue: E) {
    let Task {
        shape,
        panels,
        packed,
        border,
        input,
        output,
    } = task;
    let (rows, columns) = (shape.rows(), shape.columns());
    let row_len = shape.width * shape.in_channels;
    let out_row_len = columns.outputs() * shape.out_channels;
    for out_row in 0..rows.outputs() {
        for panel in (0..panels.count()).map(|index| panels.get(index)) {
            let line = Line {
                shape,
                columns,
                row_taps: rows.taps(out_row),
                panel,
                packed: packed[panel.offset..].as_ptr(),
                border,
                input: input[rows.first(out_row) * row_len..].as_ptr(),
                output: output[out_row * out_row_len + panel.channel..].as_mut_ptr(),
            };
            // SAFETY: the line's pointers lie at the first input row that its window touches, and at
            // the panel's first channel of its output row.
            unsafe {
                match panel.vectors {
                    1 => row::<S, E, 1>(&line, epilogue),
                    2 => row::<S, E, 2>(&line, epilogue),
                    _ => row::<S, E, 3>(&line, epilogue),
                }
            }
        }
    }
}

/// One output row of one panel.
struct Line<'a> {
    shape: Convolution,
    columns: Axis,
    /// Rows of taps inside the map.
    row_taps: (usize, usize),
    panel: Panel,
    packed: *const f32,
    border: Option<&'a [f32]>,
    /// First input row that a tap reads, first column.
    input: *const f32,
    /// First output column.
    output: *mut f32,
}

/// Output columns per step: with three vectors, 12 accumulators.
const COLUMNS: usize = 6;

/// Computes one line: columns with whole windows several at a time, the others one by one.
///
/// # Safety
/// The line's pointers are where its fields say; the processor has the instruction set.
#[inline(always)]
unsafe fn row<S: Simd, E: Epilogue<S>, const V: usize>(line: &Line<'_>, epilogue: E) {
    let (begin, end) = line.columns.interior();
    let mut column = 0;
    // SAFETY: every column is an output column, and tiles of several lie inside the map.
    unsafe {
        while column < line.columns.outputs() {
            if column >= begin && column + COLUMNS <= end {
                tile::<S, E, COLUMNS, V>(line, column, epilogue);
                column += COLUMNS;
            } else {
                tile::<S, E, 1, V>(line, column, epilogue);
                column += 1;
            }
        }
    }
}

/// `N` neighbouring columns, which share the taps of the first.
///
/// # Safety
/// As for [`row`]; more than one column only where all windows lie inside the map.
#[inline(always)]
unsafe fn tile<S: Simd, E: Epilogue<S>, const N: usize, const V: usize>(
    line: &Line<'_>,
    column: usize,
    epilogue: E,
) {
    let Convolution {
        width,
        in_channels,
        out_channels,
        kernel,
        stride,
        ..
    } = line.shape;
    let (first, last) = line.columns.taps(column);
    let (first_row, last_row) = line.row_taps;
    // SAFETY: the caller's.
    unsafe {
        let bias: [S::V; V] = load_vectors::<S, V>(line.packed);
        let mut sums = [bias; N];
        if let Some(border) = line.border {
            add_border::<S, N, V>(line, border, (first, last), &mut sums);
        }
        let start = line.input.add(line.columns.first(column) * in_channels);
        for tap_row in first_row..last_row {
            let input = start.add((tap_row - first_row) * width * in_channels);
            let tap = (tap_row * kernel + first) * in_channels;
            let mut weights = line.packed.add((tap + 1) * V * S::LANES);
            for run in 0..(last - first) * in_channels {
                let w: [S::V; V] = load_vectors::<S, V>(weights);
                weights = weights.add(V * S::LANES);
                for (column, sums) in sums.iter_mut().enumerate() {
                    let x = S::splat(*input.add(column * stride * in_channels + run));
                    for (sum, w) in sums.iter_mut().zip(w) {
                        *sum = S::fma(x, w, *sum);
                    }
                }
            }
        }
        let mask = S::mask(line.panel.channels - (V - 1) * S::LANES);
        for (index, sums) in sums.iter().enumerate() {
            let output = line.output.add((column + index) * out_channels);
            for (vector, &sum) in sums.iter().enumerate() {
                let (to, value) = (output.add(vector * S::LANES), epilogue.apply(sum));
                match vector + 1 == V {
                    true => S::store_masked(to, mask, value),
                    false => S::store(to, value),
                }
            }
        }
    }
}

/// Adds what the taps outside the map are worth: they are the same for all columns of a tile.
///
/// # Safety
/// As for [`tile`], whose columns' taps inside the map are `first..last`; `border` has a value a channel.
#[inline(always)]
unsafe fn add_border<S: Simd, const N: usize, const V: usize>(
    line: &Line<'_>,
    border: &[f32],
    (first, last): (usize, usize),
    sums: &mut [[S::V; V]; N],
) {
    let kernel = line.shape.kernel;
    let (first_row, last_row) = line.row_taps;
    for tap in 0..kernel * kernel {
        let (row, column) = (tap / kernel, tap % kernel);
        if (first_row..last_row).contains(&row) && (first..last).contains(&column) {
            continue;
        }
        for (channel, &value) in border.iter().enumerate() {
            let input = tap * border.len() + channel;
            // SAFETY: the panel has weights for every tap and channel, behind its bias.
            unsafe {
                let w: [S::V; V] =
                    load_vectors::<S, V>(line.packed.add((input + 1) * V * S::LANES));
                let x = S::splat(value);
                for sums in &mut *sums {
                    for (sum, w) in sums.iter_mut().zip(w) {
                        *sum = S::fma(x, w, *sum);
                    }
                }
            }
        }
    }
}
