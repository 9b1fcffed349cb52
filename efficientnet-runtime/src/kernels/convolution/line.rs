//! The micro-kernel: some output rows of one panel, tiles of neighbouring columns in registers.

use std::marker::PhantomData;
use std::ops::Range;

use super::{Convolution, Operands};
#[cfg(feature = "int8")]
use crate::kernels::element::Q8;
use crate::kernels::element::{Operand, Precision, in_int8};
use crate::kernels::isa::Kernel;
use crate::kernels::panel::Panel;
use crate::kernels::product::{finish, load_vectors};
use crate::kernels::simd::Simd;
use crate::kernels::target::Target;
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
        let rows = PanelRows {
            operands,
            panel,
            rows,
            target,
            row_len,
        };
        match operands.shape.precision {
            Precision::Int8 => in_int8!(S::outlined_codes(Of::<Q8>(rows, PhantomData))),
            Precision::F32 | Precision::Bf16 => S::outlined(Of::<f32>(rows, PhantomData)),
        }
    }
}

/// Of inputs and weights `I`.
struct Of<'a, I>(PanelRows<'a>, PhantomData<I>);

impl<I: Operand> Kernel for Of<'_, I> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        // SAFETY: as for `panel_rows`, which alone makes one.
        unsafe { lines::<S, I>(self.0) }
    }
}

/// Walks the rows.
///
/// # Safety
/// As for [`panel_rows`].
#[inline(always)]
unsafe fn lines<S: Simd, I: Operand>(panel_rows: PanelRows<'_>) {
    let PanelRows {
        operands,
        panel,
        rows,
        target,
        row_len,
    } = panel_rows;
    let shape = &operands.shape;
    let (axis, columns, channels) = (shape.rows(), shape.columns(), shape.stored_channels());
    let input = operands.input.as_ptr().cast::<I>();
    for (index, row) in rows.enumerate() {
        let line = Line::<I> {
            shape,
            columns,
            row_taps: axis.taps(row),
            packed: operands.packed[panel.offset..].as_ptr(),
            border: operands.border.as_ptr().cast(),
            has_border: operands.has_border,
            input: input.wrapping_add(axis.first(row) * shape.width * channels),
            channels,
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
struct Line<'a, I> {
    shape: &'a Convolution,
    columns: Axis,
    /// Rows of taps inside the map.
    row_taps: (usize, usize),
    packed: *const f32,
    border: *const I,
    /// Whether pads are worth anything.
    has_border: bool,
    /// First input row that a tap reads, first column.
    input: *const I,
    /// Its channels as they are stored.
    channels: usize,
    target: Target,
}

impl<I: Operand> Line<'_, I> {
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
        let one_by_one = self.channels < FEW_CHANNELS || outputs < R;
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
            kernel,
            stride,
            ..
        } = *self.shape;
        let (channels, each) = (self.channels, I::PRECISION.channels_per_step());
        let (first_row, last_row) = self.row_taps;
        // SAFETY: the caller's.
        unsafe {
            let mut sums = [load_vectors::<S, V>(self.packed); N];
            let start = self.input.add(self.columns.first(column) * channels);
            let step = stride * channels;
            for tap_row in first_row..last_row {
                let input = start.add((tap_row - first_row) * width * channels);
                let mut weights = self.weights::<S, V>(tap_row * kernel);
                for run in (0..kernel * channels).step_by(each) {
                    let w: [S::V; V] = load_vectors::<S, V>(weights);
                    weights = weights.add(V * S::LANES);
                    unroll!(COLUMN < N => {
                        let x = I::broadcast::<S>(input.add(COLUMN * step + run));
                        for (sum, w) in sums[COLUMN].iter_mut().zip(w) {
                            *sum = I::multiply_add::<S>(x, w, *sum);
                        }
                    });
                }
            }
            self.store::<S, N, V>(column, sums);
        }
    }

    /// `N` neighbouring columns, wherever their windows lie: a tap outside the map reads the border.
    ///
    /// # Safety
    /// As for [`Self::run`].
    #[inline(always)]
    unsafe fn at_edge<S: Simd, const N: usize, const V: usize>(&self, column: usize) {
        let kernel = self.shape.kernel;
        let each = I::PRECISION.channels_per_step();
        // Rows of taps whose pads are zeros add nothing.
        let (first_row, last_row) = match self.has_border {
            true => (0, kernel),
            false => self.row_taps,
        };
        // SAFETY: the caller's.
        unsafe {
            let mut sums = [load_vectors::<S, V>(self.packed); N];
            for tap in first_row * kernel..last_row * kernel {
                let (tap_row, tap_column) = (tap / kernel, tap % kernel);
                let mut inputs = [self.border; N];
                unroll!(COLUMN < N => {
                    if let Some(pixel) = self.pixel(tap_row, column + COLUMN, tap_column) {
                        inputs[COLUMN] = pixel;
                    }
                });
                let mut weights = self.weights::<S, V>(tap);
                for channel in (0..self.channels).step_by(each) {
                    let w: [S::V; V] = load_vectors::<S, V>(weights);
                    weights = weights.add(V * S::LANES);
                    unroll!(COLUMN < N => {
                        let x = I::broadcast::<S>(inputs[COLUMN].add(channel));
                        for (sum, w) in sums[COLUMN].iter_mut().zip(w) {
                            *sum = I::multiply_add::<S>(x, w, *sum);
                        }
                    });
                }
            }
            self.store::<S, N, V>(column, sums);
        }
    }

    /// The weights of a tap, behind the panel's header.
    #[inline(always)]
    fn weights<S: Simd, const V: usize>(&self, tap: usize) -> *const f32 {
        let steps = tap * self.channels / I::PRECISION.channels_per_step();
        let rows = I::PRECISION.header_rows() + steps;
        self.packed.wrapping_add(rows * V * S::LANES)
    }

    /// The channels that a tap of an output column reads, if it is inside the map.
    #[inline(always)]
    fn pixel(&self, tap_row: usize, column: usize, tap_column: usize) -> Option<*const I> {
        let (first_row, last_row) = self.row_taps;
        let (first, last) = self.columns.taps(column);
        if !(first_row..last_row).contains(&tap_row) || !(first..last).contains(&tap_column) {
            return None;
        }
        let row = (tap_row - first_row) * self.shape.width;
        let pixel = row + self.columns.first(column) + tap_column - first;
        Some(self.input.wrapping_add(pixel * self.channels))
    }

    /// Epilogue of `N` neighbouring columns.
    ///
    /// # Safety
    /// As for [`Self::run`]; `column` is the first of `N` output columns.
    #[inline(always)]
    unsafe fn store<S: Simd, const N: usize, const V: usize>(
        &self,
        column: usize,
        mut sums: [[S::V; V]; N],
    ) {
        let mut target = self.target.further(column * self.target.pitch);
        // SAFETY: the caller's; the panel's header is there.
        unsafe { finish::<S, I, N, V>(self.packed, &mut sums, &mut target) };
    }
}
