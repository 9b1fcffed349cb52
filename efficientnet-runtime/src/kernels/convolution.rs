//! Direct dense convolution: the stem, and fused blocks.
//!
//! Rows of output are walked in strips, whose input stays in L2 while one panel of filters after the other passes
//! over it. A row of the window times the input's channels is contiguous in NHWC, so one output is a product of
//! `kernel` such runs with the weights; weights are packed in panels like the pointwise kernel's, with
//! the inputs in the order row, column, channel. Behind the panels stands the border: what a pad is
//! worth in each input channel, where the input's normalisation is folded into the weights.

use std::ops::Range;

use super::activation::{Activation, Epilogue, apply, with_epilogue};
use super::isa::{Isa, Kernel};
use super::len::len;
use super::panel::{Panel, Panels};
use super::product::{Spilled, load_vectors};
use super::simd::Simd;
use super::threads::{Disjoint, Share, Split, Workers};
use super::window::{Axis, Pads};
use crate::workspace::{AlignedBuffer, zeros};

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
    /// Epilogue, before the residual is added.
    pub activation: Activation,
    /// Output rows per pass over all panels.
    pub strip: usize,
    /// How threads share the call.
    pub split: Split,
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
        let panels = panels.pack(bias, |channel, input| {
            let (tap, in_channel) = (input / in_channels, input % in_channels);
            weight[(channel * in_channels + in_channel) * taps + tap]
        });
        let mut packed = zeros(panels.len() + border.len());
        packed[..panels.len()].copy_from_slice(&panels);
        packed[panels.len()..].copy_from_slice(border);
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

    /// Computes `output` (NHWC) from `input` (NHWC) and adds `residual`, a map like the output.
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
        residual: Option<&[f32]>,
        output: &mut [f32],
    ) {
        let operands = Operands::new(*self, isa, packed, input);
        let outputs = len([self.out_height(), self.out_width(), self.out_channels]);
        assert!(self.strip > 0, "a strip has rows");
        assert_eq!(output.len(), outputs, "length of the output");
        if let Some(residual) = residual {
            assert_eq!(residual.len(), outputs, "length of the residual");
        }
        let output = Disjoint::new(output);
        workers.run(0, |share, _| {
            isa.run(Part {
                operands: &operands,
                residual,
                output,
                share,
            });
        });
    }
}

/// What a convolution reads, as long as its shape says.
pub(super) struct Operands<'a> {
    shape: Convolution,
    panels: Panels,
    packed: &'a [f32],
    /// What pads are worth, unless they are zeros.
    border: Option<&'a [f32]>,
    input: &'a [f32],
}

impl<'a> Operands<'a> {
    /// Checks the lengths.
    pub(super) fn new(shape: Convolution, isa: Isa, packed: &'a [f32], input: &'a [f32]) -> Self {
        let Convolution {
            height,
            width,
            in_channels,
            out_channels,
            kernel,
            ..
        } = shape;
        assert!(height > 0 && width > 0, "a map has pixels");
        let panels = Panels::new(isa, out_channels, len([kernel, kernel, in_channels]));
        let expected = Convolution::packed_len(isa, in_channels, out_channels, kernel);
        assert_eq!(packed.len(), expected, "length of the packed weights");
        assert_eq!(
            input.len(),
            len([height, width, in_channels]),
            "length of the input"
        );
        let (packed, border) = packed.split_at(panels.len());
        let has_border = border.iter().any(|&value| value != 0.0);
        Self {
            shape,
            panels,
            packed,
            border: has_border.then_some(border),
            input,
        }
    }

    pub(super) fn panels(&self) -> Panels {
        self.panels
    }
}

/// One thread's part of a call.
struct Part<'a> {
    operands: &'a Operands<'a>,
    residual: Option<&'a [f32]>,
    output: Disjoint,
    share: Share,
}

impl Kernel for Part<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let Operands { shape, panels, .. } = self.operands;
        let (height, strip) = (shape.out_height(), shape.strip);
        let grid = (height.div_ceil(strip), panels.count());
        let (strips, numbers) = self.share.of_grid(shape.split, grid.0, grid.1);
        let row_len = shape.out_width() * shape.out_channels;
        for first in strips.map(|index| index * strip) {
            let rows = first..(first + strip).min(height);
            for panel in numbers.clone().map(|index| panels.get(index)) {
                let start = first * row_len + panel.channel;
                let residual = self.residual.map(|residual| residual[start..].as_ptr());
                let target = Target {
                    output: self.output.at(start),
                    residual: residual.unwrap_or(std::ptr::null()),
                    pitch: shape.out_channels,
                    row_len,
                    lanes: panel.channels - (panel.vectors - 1) * S::LANES,
                };
                // SAFETY: `Operands::new` and `Convolution::run` have checked every length, and `Isa::run` the
                // instruction set; shares are disjoint.
                unsafe { panel_rows::<S>(self.operands, panel, rows.clone(), target) };
            }
        }
    }
}

/// Where the output of one panel goes.
#[derive(Clone, Copy)]
pub(super) struct Target {
    /// First row that is computed, first column, first channel.
    pub(super) output: *mut f32,
    /// What is added behind the activation, placed as the output; null where there is nothing.
    pub(super) residual: *const f32,
    /// Floats from one column to the next.
    pub(super) pitch: usize,
    /// Floats from one row to the next.
    pub(super) row_len: usize,
    /// Lanes of the last vector that are written.
    pub(super) lanes: usize,
}

/// Some output rows of one panel.
struct PanelRows<'a> {
    operands: &'a Operands<'a>,
    panel: Panel,
    rows: Range<usize>,
    target: Target,
}

/// Computes some output rows of one panel.
///
/// # Safety
/// The target has room for them; the operands are as long as their shape says; the processor has the
/// instruction set.
#[inline(always)]
pub(super) unsafe fn panel_rows<S: Simd>(
    operands: &Operands<'_>,
    panel: Panel,
    rows: Range<usize>,
    target: Target,
) {
    // SAFETY: the caller's.
    unsafe {
        S::outlined(PanelRows {
            operands,
            panel,
            rows,
            target,
        });
    }
}

impl Kernel for PanelRows<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        // SAFETY: as for `panel_rows`, which alone makes one.
        unsafe { lines::<S>(self) }
    }
}

/// Walks the rows.
///
/// # Safety
/// As for [`panel_rows`].
#[inline(always)]
unsafe fn lines<S: Simd>(panel_rows: PanelRows<'_>) {
    let PanelRows {
        operands,
        panel,
        rows,
        target,
    } = panel_rows;
    let shape = &operands.shape;
    let (axis, columns) = (shape.rows(), shape.columns());
    for (index, row) in rows.enumerate() {
        let line = Line {
            shape,
            columns,
            row_taps: axis.taps(row),
            packed: operands.packed[panel.offset..].as_ptr(),
            border: operands.border,
            input: operands.input[axis.first(row) * shape.width * shape.in_channels..].as_ptr(),
            target: Target {
                output: target.output.wrapping_add(index * target.row_len),
                residual: shifted(target.residual, index * target.row_len),
                ..target
            },
        };
        // SAFETY: the line's pointers lie at the first input row that its window touches, and at the
        // panel's first channel of its output row. Constants as in `product`.
        unsafe {
            match (S::ROWS, panel.vectors) {
                ([16, ..], 1) => line.run::<S, 16, 1>(),
                ([16, ..], 2) => line.run::<S, 12, 2>(),
                ([16, ..], _) => line.run::<S, 8, 3>(),
                ([12, ..], 1) => line.run::<S, 12, 1>(),
                ([12, ..], _) => line.run::<S, 6, 2>(),
                (_, 1) => line.run::<S, 4, 1>(),
                (_, _) => line.run::<S, 2, 2>(),
            }
        }
    }
}

/// A pointer further on, unless it is null.
fn shifted(pointer: *const f32, floats: usize) -> *const f32 {
    match pointer.is_null() {
        true => pointer,
        false => pointer.wrapping_add(floats),
    }
}

/// One output row of one panel.
struct Line<'a> {
    shape: &'a Convolution,
    columns: Axis,
    /// Rows of taps inside the map.
    row_taps: (usize, usize),
    packed: *const f32,
    border: Option<&'a [f32]>,
    /// First input row that a tap reads, first column.
    input: *const f32,
    target: Target,
}

impl Line<'_> {
    /// Computes the line: columns with whole windows `R` at a time, the last of which may be computed twice,
    /// the others one by one, and so all of a line whose border is not zeros.
    ///
    /// # Safety
    /// The line's pointers are where its fields say; the panel has `V` vectors; the processor has the
    /// instruction set.
    #[inline(always)]
    unsafe fn run<S: Simd, const R: usize, const V: usize>(&self) {
        let outputs = self.columns.outputs();
        let (begin, end) = match self.border.is_some() && self.is_cut() {
            true => (outputs, outputs),
            false => self.columns.interior(),
        };
        // SAFETY: every column is an output column, and tiles of several lie inside the map.
        unsafe {
            if begin + R > end {
                return (0..outputs).for_each(|column| self.tile::<S, 1, V>(column));
            }
            (0..begin).for_each(|column| self.tile::<S, 1, V>(column));
            let tiles = (end - begin).div_ceil(R);
            for index in 0..tiles {
                self.tile::<S, R, V>((begin + index * R).min(end - R));
            }
            (end..outputs).for_each(|column| self.tile::<S, 1, V>(column));
        }
    }

    /// Whether rows of taps lie outside the map.
    fn is_cut(&self) -> bool {
        let (first, last) = self.row_taps;
        last - first < self.shape.kernel
    }

    /// `N` neighbouring columns, which share the taps of the first.
    ///
    /// # Safety
    /// As for [`Self::run`]; more than one column only where all windows lie inside the map.
    #[inline(always)]
    unsafe fn tile<S: Simd, const N: usize, const V: usize>(&self, column: usize) {
        let Convolution {
            width,
            in_channels,
            kernel,
            stride,
            ..
        } = *self.shape;
        let (first, last) = self.columns.taps(column);
        let (first_row, last_row) = self.row_taps;
        // SAFETY: the caller's.
        unsafe {
            let bias: [S::V; V] = load_vectors::<S, V>(self.packed);
            let mut sums = [bias; N];
            if let (1, Some(border)) = (N, self.border) {
                self.add_border::<S, V>(border, (first, last), &mut sums[0]);
            }
            let start = self.input.add(self.columns.first(column) * in_channels);
            let step = stride * in_channels;
            for tap_row in first_row..last_row {
                let input = start.add((tap_row - first_row) * width * in_channels);
                let tap = (tap_row * kernel + first) * in_channels;
                let mut weights = self.packed.add((tap + 1) * V * S::LANES);
                for run in 0..(last - first) * in_channels {
                    let w: [S::V; V] = load_vectors::<S, V>(weights);
                    weights = weights.add(V * S::LANES);
                    unroll!(COLUMN < N => {
                        let x = S::splat(*input.add(COLUMN * step + run));
                        for (sum, w) in sums[COLUMN].iter_mut().zip(w) {
                            *sum = S::fma(x, w, *sum);
                        }
                    });
                }
            }
            let Target { pitch, lanes, .. } = self.target;
            let mut output = self.target.output.add(column * pitch);
            let mut residual = shifted(self.target.residual, column * pitch);
            let whole = lanes == S::LANES && residual.is_null();
            with_epilogue!(whole, self.shape.activation, epilogue => {
                unroll!(COLUMN < N => {
                    for (vector, &sum) in sums[COLUMN].iter().enumerate() {
                        let value = Epilogue::<S>::apply(epilogue, sum);
                        S::store(output.add(vector * S::LANES), value);
                    }
                    output = output.wrapping_add(pitch);
                });
            }, _ => {
                let mut spilled = Spilled::<N, V>::new();
                unroll!(COLUMN < N => {
                    for (vector, &sum) in sums[COLUMN].iter().enumerate() {
                        S::store(spilled.at(COLUMN, vector), sum);
                    }
                });
                for column in 0..S::opaque(N) {
                    for vector in 0..V {
                        let mask = match vector + 1 == V {
                            true => S::mask(lanes),
                            false => S::mask(S::LANES),
                        };
                        let value = S::load(spilled.at(column, vector));
                        let mut value = apply::<S>(self.shape.activation, value);
                        if !residual.is_null() {
                            let shortcut = residual.add(vector * S::LANES);
                            value = S::add(value, S::load_masked(shortcut, mask));
                        }
                        S::store_masked(output.add(vector * S::LANES), mask, value);
                    }
                    output = output.wrapping_add(pitch);
                    residual = shifted(residual, pitch);
                }
            });
        }
    }

    /// Adds what the taps outside the map are worth.
    ///
    /// # Safety
    /// As for [`Self::tile`] of one column, whose taps inside the map are `first..last`; `border` has a value a
    /// channel.
    #[inline(always)]
    unsafe fn add_border<S: Simd, const V: usize>(
        &self,
        border: &[f32],
        (first, last): (usize, usize),
        sums: &mut [S::V; V],
    ) {
        let kernel = self.shape.kernel;
        let (first_row, last_row) = self.row_taps;
        for tap in 0..kernel * kernel {
            let (row, column) = (tap / kernel, tap % kernel);
            if (first_row..last_row).contains(&row) && (first..last).contains(&column) {
                continue;
            }
            for (channel, &value) in border.iter().enumerate() {
                let input = tap * border.len() + channel;
                // SAFETY: the panel has weights for every tap and channel, behind its bias.
                unsafe {
                    let weights = self.packed.add((input + 1) * V * S::LANES);
                    let w: [S::V; V] = load_vectors::<S, V>(weights);
                    let x = S::splat(value);
                    for (sum, w) in sums.iter_mut().zip(w) {
                        *sum = S::fma(x, w, *sum);
                    }
                }
            }
        }
    }
}
