//! The micro-kernel: some output rows of one panel, tiles of neighbouring columns in registers.

use std::ops::Range;

use super::{Convolution, Operands};
use crate::kernels::activation::{Epilogue, with_epilogue};
use crate::kernels::isa::Kernel;
use crate::kernels::panel::Panel;
use crate::kernels::product::load_vectors;
use crate::kernels::simd::Simd;
use crate::kernels::target::{Spilled, Target};
use crate::kernels::window::Axis;

/// Some output rows of one panel.
struct PanelRows<'a> {
    operands: &'a Operands<'a>,
    panel: Panel,
    rows: Range<usize>,
    target: Target,
    row_len: usize,
}

/// Computes some output rows of one panel, `row_len` elements from one to the next.
///
/// # Safety
/// The target has room for them, and for a row each time; the operands are as long as their shape says; the processor has the
/// instruction set.
#[inline(always)]
pub(in crate::kernels) unsafe fn panel_rows<S: Simd>(
    operands: &Operands<'_>,
    panel: Panel,
    rows: Range<usize>,
    target: Target,
    row_len: usize,
) {
    // SAFETY: the caller's.
    unsafe {
        S::outlined(PanelRows {
            operands,
            panel,
            rows,
            target,
            row_len,
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
        row_len,
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
            has_border: operands.has_border,
            input: operands.input[axis.first(row) * shape.width * shape.in_channels..].as_ptr(),
            target: target.further(index * row_len),
        };
        // SAFETY: the line's pointers lie at the first input row that its window touches, and at the
        // panel's first channel of its output row. Constants as in `product`.
        unsafe {
            if const { S::ROWS[0] == 16 } {
                match panel.vectors {
                    1 => line.run::<S, 16, 1>(),
                    2 => line.run::<S, 12, 2>(),
                    _ => line.run::<S, 8, 3>(),
                }
            } else if const { S::ROWS[0] == 12 } {
                match panel.vectors {
                    1 => line.run::<S, 12, 1>(),
                    _ => line.run::<S, 6, 2>(),
                }
            } else {
                match panel.vectors {
                    1 => line.run::<S, 4, 1>(),
                    _ => line.run::<S, 2, 2>(),
                }
            }
        }
    }
}

/// Input channels below which a tile spends more time on where its taps lie than on products.
const FEW_CHANNELS: usize = 16;

/// One output row of one panel.
struct Line<'a> {
    shape: &'a Convolution,
    columns: Axis,
    /// Rows of taps inside the map.
    row_taps: (usize, usize),
    packed: *const f32,
    border: &'a [f32],
    /// Whether pads are worth anything.
    has_border: bool,
    /// First input row that a tap reads, first column.
    input: *const f32,
    target: Target,
}

impl Line<'_> {
    /// Computes the line `R` columns at a time, of which the last tile may repeat some. Where windows are not
    /// inside the map, tiles are slower, and with few channels columns one by one are less slow.
    ///
    /// # Safety
    /// The line's pointers are where its fields say; the panel has `V` vectors; the processor has the
    /// instruction set.
    #[inline(always)]
    unsafe fn run<S: Simd, const R: usize, const V: usize>(&self) {
        let outputs = self.columns.outputs();
        let inside = match self.has_border && self.is_cut() {
            true => outputs..outputs,
            false => self.columns.interior().0..self.columns.interior().1,
        };
        let one_by_one = self.shape.in_channels < FEW_CHANNELS || outputs < R;
        let tiled = match one_by_one {
            false => 0..outputs,
            true if inside.len() >= R => inside.clone(),
            true => outputs..outputs,
        };
        // SAFETY: every column is an output column, and tiles inside lie in `inside`.
        unsafe {
            for column in (0..tiled.start).chain(tiled.end..outputs) {
                self.at_edge::<S, 1, V>(column);
            }
            for index in 0..tiled.len().div_ceil(R) {
                let column = (tiled.start + index * R).min(tiled.end - R);
                match inside.start <= column && column + R <= inside.end {
                    true => self.inside::<S, R, V>(column),
                    false => self.at_edge::<S, R, V>(column),
                }
            }
        }
    }

    /// Whether rows of taps lie outside the map.
    fn is_cut(&self) -> bool {
        let (first, last) = self.row_taps;
        last - first < self.shape.kernel
    }

    /// `N` neighbouring columns whose windows lie inside the map: a row of taps is one run of the input.
    ///
    /// # Safety
    /// As for [`Self::run`]; the windows are inside, but for rows of taps whose pads are zeros.
    #[inline(always)]
    unsafe fn inside<S: Simd, const N: usize, const V: usize>(&self, column: usize) {
        let Convolution {
            width,
            in_channels,
            kernel,
            stride,
            ..
        } = *self.shape;
        let (first_row, last_row) = self.row_taps;
        // SAFETY: the caller's.
        unsafe {
            let bias: [S::V; V] = load_vectors::<S, V>(self.packed);
            let mut sums = [bias; N];
            let start = self.input.add(self.columns.first(column) * in_channels);
            let step = stride * in_channels;
            for tap_row in first_row..last_row {
                let input = start.add((tap_row - first_row) * width * in_channels);
                let tap = tap_row * kernel * in_channels;
                let mut weights = self.packed.add((tap + 1) * V * S::LANES);
                for run in 0..kernel * in_channels {
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
            self.store::<S, N, V>(column, &sums);
        }
    }

    /// `N` neighbouring columns, wherever their windows lie: a tap outside the map reads the border.
    ///
    /// # Safety
    /// As for [`Self::run`].
    #[inline(always)]
    unsafe fn at_edge<S: Simd, const N: usize, const V: usize>(&self, column: usize) {
        let Convolution {
            in_channels,
            kernel,
            ..
        } = *self.shape;
        // Rows of taps whose pads are zeros add nothing.
        let (first_row, last_row) = match self.has_border {
            true => (0, kernel),
            false => self.row_taps,
        };
        // SAFETY: the caller's.
        unsafe {
            let bias: [S::V; V] = load_vectors::<S, V>(self.packed);
            let mut sums = [bias; N];
            for tap in first_row * kernel..last_row * kernel {
                let (tap_row, tap_column) = (tap / kernel, tap % kernel);
                let mut inputs = [self.border.as_ptr(); N];
                unroll!(COLUMN < N => {
                    if let Some(pixel) = self.pixel(tap_row, column + COLUMN, tap_column) {
                        inputs[COLUMN] = pixel;
                    }
                });
                let mut weights = self.packed.add((tap * in_channels + 1) * V * S::LANES);
                for channel in 0..in_channels {
                    let w: [S::V; V] = load_vectors::<S, V>(weights);
                    weights = weights.add(V * S::LANES);
                    unroll!(COLUMN < N => {
                        let x = S::splat(*inputs[COLUMN].add(channel));
                        for (sum, w) in sums[COLUMN].iter_mut().zip(w) {
                            *sum = S::fma(x, w, *sum);
                        }
                    });
                }
            }
            self.store::<S, N, V>(column, &sums);
        }
    }

    /// The channels that a tap of an output column reads, if it is inside the map.
    #[inline(always)]
    fn pixel(&self, tap_row: usize, column: usize, tap_column: usize) -> Option<*const f32> {
        let (first_row, last_row) = self.row_taps;
        let (first, last) = self.columns.taps(column);
        if !(first_row..last_row).contains(&tap_row) || !(first..last).contains(&tap_column) {
            return None;
        }
        let row = (tap_row - first_row) * self.shape.width;
        let pixel = row + self.columns.first(column) + tap_column - first;
        Some(self.input.wrapping_add(pixel * self.shape.in_channels))
    }

    /// Epilogue of `N` neighbouring columns.
    ///
    /// # Safety
    /// As for [`Self::run`]; `column` is the first of `N` output columns.
    #[inline(always)]
    unsafe fn store<S: Simd, const N: usize, const V: usize>(
        &self,
        column: usize,
        sums: &[[S::V; V]; N],
    ) {
        // SAFETY: the caller's.
        unsafe {
            let mut target = self.target.further(column * self.target.pitch);
            with_epilogue!(target.is_common::<S>(), target.activation, epilogue => {
                let output = target.output.floats();
                unroll!(COLUMN < N => {
                    for (vector, &sum) in sums[COLUMN].iter().enumerate() {
                        let value = Epilogue::<S>::apply(epilogue, sum);
                        S::store(output.add(COLUMN * target.pitch + vector * S::LANES), value);
                    }
                });
            }, _ => {
                let mut spilled = Spilled::<N, V>::new();
                unroll!(COLUMN < N => {
                    for (vector, &sum) in sums[COLUMN].iter().enumerate() {
                        S::store(spilled.at(COLUMN, vector), sum);
                    }
                });
                target.store_spilled::<S>(spilled.at(0, 0), N, V);
            });
        }
    }
}
