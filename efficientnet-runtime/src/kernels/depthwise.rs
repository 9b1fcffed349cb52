//! Depthwise convolution: one filter a channel, vectorised over channels.
//!
//! Packed weights, for each vector of channels: the bias, then the window's taps row by row; channels
//! beyond the last are zeros. Zeros around the map are never stored: where a window reaches over the
//! border, the inputs outside are left out.

use super::activation::{Activation, Epilogue, with_epilogue};
use super::isa::{Isa, Kernel};
use super::len::len;
use super::simd::Simd;
use super::unroll::split;
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
}

impl Depthwise {
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

    /// Computes `output` (NHWC) from `input` (NHWC), and in `sums` (`[channels]`) the sum of the output
    /// over its pixels, after the activation.
    ///
    /// # Panics
    /// If a slice does not have the shape's length, or `packed` is another layer's; if the map is empty
    /// or smaller than the window.
    pub fn run(
        &self,
        isa: Isa,
        packed: &[f32],
        input: &[f32],
        output: &mut [f32],
        mut sums: Option<&mut [f32]>,
    ) {
        assert!(self.height > 0 && self.width > 0, "a map has pixels");
        assert_eq!(
            packed.len(),
            Self::packed_len(isa, self.channels, self.kernel),
            "length of the packed weights"
        );
        assert_eq!(
            input.len(),
            len([self.height, self.width, self.channels]),
            "length of the input"
        );
        assert_eq!(
            output.len(),
            len([self.out_height(), self.out_width(), self.channels]),
            "length of the output"
        );
        if let Some(sums) = &mut sums {
            assert_eq!(sums.len(), self.channels, "length of the sums");
            sums.fill(0.0);
        }
        isa.run(Task {
            shape: *self,
            packed,
            input,
            output,
            sums,
        });
    }
}

/// One call, its slices as long as the shape says.
struct Task<'a> {
    shape: Depthwise,
    packed: &'a [f32],
    input: &'a [f32],
    output: &'a mut [f32],
    sums: Option<&'a mut [f32]>,
}

impl Kernel for Task<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        // SAFETY: `Depthwise::run` has checked every length, and `Isa::run` the instruction set.
        with_epilogue!(self.shape.activation, epilogue => unsafe {
            match (self.shape.kernel, self.shape.stride) {
                (3, 1) => map::<S, _, 3, 1>(self, epilogue),
                (3, 2) => map::<S, _, 3, 2>(self, epilogue),
                (5, 1) => map::<S, _, 5, 1>(self, epilogue),
                (5, 2) => map::<S, _, 5, 2>(self, epilogue),
                (_, _) => map::<S, _, 0, 0>(self, epilogue),
            }
        });
    }
}

/// Walks vectors of channels, output rows inside them: the rows under the window stay in L1 from one
/// output row to the next. `K` and `T` are kernel and stride, or 0 for any.
///
/// # Safety
/// The task's slices have the shape's lengths; the processor has the instruction set.
#[inline(always)]
unsafe fn map<S: Simd, E: Epilogue<S>, const K: usize, const T: usize>(
    mut task: Task<'_>,
    epilogue: E,
) {
    let shape = task.shape;
    let (rows, columns) = (shape.rows(), Columns::new(&shape));
    let row_len = shape.width * shape.channels;
    let out_row_len = columns.outputs * shape.channels;
    let block_len = S::LANES * (shape.kernel * shape.kernel + 1);
    for channel in (0..shape.channels).step_by(S::LANES) {
        let block = &task.packed[channel / S::LANES * block_len..][..block_len];
        for out_row in 0..rows.outputs() {
            let line = Line {
                shape: &shape,
                columns: &columns,
                row_taps: rows.taps(out_row),
                lanes: S::LANES.min(shape.channels - channel),
                packed: block.as_ptr(),
                input: task.input[rows.first(out_row) * row_len + channel..].as_ptr(),
                output: task.output[out_row * out_row_len + channel..].as_mut_ptr(),
            };
            // SAFETY: the line's pointers lie at its first channel of the first input row that its
            // window touches, and of its output row.
            let sum = unsafe {
                if const { K == 0 || !S::TILES } {
                    match line.lanes == S::LANES {
                        true => singles::<S, E, false>(&line, epilogue),
                        false => singles::<S, E, true>(&line, epilogue),
                    }
                } else {
                    tiles::<S, E, K, T>(&line, epilogue)
                }
            };
            if let Some(sums) = &mut task.sums {
                // SAFETY: `lanes` sums follow `channel`.
                unsafe { add_sums::<S>(&mut sums[channel..], line.lanes, sum) };
            }
        }
    }
}

/// Adds a vector to the first `lanes` sums.
///
/// # Safety
/// They are there; the processor has the instruction set.
#[inline(always)]
unsafe fn add_sums<S: Simd>(sums: &mut [f32], lanes: usize, sum: S::V) {
    let to = sums.as_mut_ptr();
    // SAFETY: the caller's.
    unsafe {
        if lanes == S::LANES {
            S::store(to, S::add(S::load(to), sum));
        } else {
            let mask = S::mask(lanes);
            S::store_masked(to, mask, S::add(S::load_masked(to, mask), sum));
        }
    }
}

/// Columns of the widest tile: its accumulators, the weights of one row of taps and one input fit into 16
/// registers.
const WIDEST: usize = 8;

/// The columns of every output row.
struct Columns {
    axis: Axis,
    outputs: usize,
    /// Those whose window lies inside the map.
    interior: (usize, usize),
    /// Numbers of the widest tiles and of those one column narrower, the last of which may reach over the
    /// end.
    tiles: (usize, usize),
}

impl Columns {
    fn new(shape: &Depthwise) -> Self {
        let axis = shape.columns();
        let (full, less) = split(axis.outputs(), WIDEST);
        let rest = axis.outputs() - full * WIDEST - less * (WIDEST - 1);
        Self {
            axis,
            outputs: axis.outputs(),
            interior: axis.interior(),
            tiles: (full + rest.div_ceil(WIDEST), less),
        }
    }
}

/// One output row of one vector of channels.
struct Line<'a> {
    shape: &'a Depthwise,
    columns: &'a Columns,
    /// Rows of taps inside the map.
    row_taps: (usize, usize),
    /// Channels that exist.
    lanes: usize,
    /// Bias and taps.
    packed: *const f32,
    /// First input row that a tap reads, first column.
    input: *const f32,
    /// First output column.
    output: *mut f32,
}

/// Computes one line in tiles. Returns the sum over the columns.
///
/// # Safety
/// The line's pointers are where its fields say; the processor has the instruction set.
#[inline(always)]
unsafe fn tiles<S: Simd, E: Epilogue<S>, const K: usize, const T: usize>(
    line: &Line<'_>,
    epilogue: E,
) -> S::V {
    let (full, less) = line.columns.tiles;
    // SAFETY: every tile begins at an output column.
    unsafe {
        let sum = run::<S, E, K, T, { WIDEST - 1 }>(line, 0, less, S::splat(0.0), epilogue);
        run::<S, E, K, T, WIDEST>(line, less * (WIDEST - 1), full, sum, epilogue)
    }
}

/// Computes `count` tiles of `N` columns from `column` on. Returns `sum` plus the sum over the columns.
///
/// # Safety
/// As for [`tiles`].
#[inline(always)]
unsafe fn run<S: Simd, E: Epilogue<S>, const K: usize, const T: usize, const N: usize>(
    line: &Line<'_>,
    column: usize,
    count: usize,
    mut sum: S::V,
    epilogue: E,
) -> S::V {
    let (begin, end) = line.columns.interior;
    for column in (0..count).map(|index| column + index * N) {
        let inside = column >= begin && column + N <= end && line.lanes == S::LANES;
        // SAFETY: a tile without guard lies inside with all its lanes.
        unsafe {
            let tile_sum = match inside {
                true => tile::<S, E, K, T, N, false>(line, column, epilogue),
                false => tile::<S, E, K, T, N, true>(line, column, epilogue),
            };
            sum = S::add(sum, tile_sum);
        }
    }
    sum
}

/// `N` neighbouring columns: each input is loaded once per row of taps and used for every column that
/// it falls into. With `GUARD`, inputs and outputs outside the map and lanes that do not exist are
/// left out. Returns the columns' sum.
///
/// # Safety
/// Without `GUARD` the columns' windows lie inside the map, and all lanes exist; otherwise as for
/// [`tiles`].
#[inline(always)]
unsafe fn tile<
    S: Simd,
    E: Epilogue<S>,
    const K: usize,
    const T: usize,
    const N: usize,
    const GUARD: bool,
>(
    line: &Line<'_>,
    column: usize,
    epilogue: E,
) -> S::V {
    let Depthwise {
        channels,
        width,
        pads,
        ..
    } = *line.shape;
    let (first_tap, last_tap) = line.row_taps;
    // Inputs of the tile that exist.
    let (low, high) = (
        pads.left.saturating_sub(column * T),
        (width + pads.left).saturating_sub(column * T),
    );
    let count = line.columns.outputs - column;
    // SAFETY: the caller's; with a guard, only inputs, outputs and lanes that exist are touched.
    unsafe {
        let mask = S::mask(line.lanes);
        let pixel = S::opaque(channels * size_of::<f32>());
        let mut sums = [S::load(line.packed); N];
        let mut input = line
            .input
            .wrapping_add(column * T * channels)
            .wrapping_sub(pads.left * channels);
        let mut taps = line.packed.add((first_tap * K + 1) * S::LANES);
        for _ in first_tap..last_tap {
            let w: [S::V; K] = super::pointwise::load_vectors::<S, K>(taps);
            unroll!(X < (N - 1) * T + K => {
                if !GUARD || (low..high).contains(&X) {
                    let from = input.wrapping_byte_add(X * pixel);
                    let value = load::<S, GUARD>(from, mask);
                    unroll!(COLUMN < N => {
                        if const { X.wrapping_sub(COLUMN * T) < K } {
                            sums[COLUMN] = S::fma(value, w[X - COLUMN * T], sums[COLUMN]);
                        }
                    });
                }
            });
            input = input.wrapping_add(width * channels);
            taps = taps.add(K * S::LANES);
        }
        let output = line.output.add(column * channels);
        let mut total = S::splat(0.0);
        unroll!(COLUMN < N => {
            if !GUARD || COLUMN < count {
                let value = epilogue.apply(sums[COLUMN]);
                let to = output.byte_add(COLUMN * pixel);
                store::<S, GUARD>(to, mask, value);
                total = S::add(total, value);
            }
        });
        total
    }
}

/// Computes one line column by column. Returns the sum over the columns.
///
/// # Safety
/// As for [`tiles`]; without `GUARD` all lanes exist.
#[inline(always)]
unsafe fn singles<S: Simd, E: Epilogue<S>, const GUARD: bool>(
    line: &Line<'_>,
    epilogue: E,
) -> S::V {
    // SAFETY: every column is an output column.
    unsafe {
        let mut sum = S::splat(0.0);
        for column in 0..line.columns.outputs {
            sum = S::add(sum, single::<S, E, GUARD>(line, column, epilogue));
        }
        sum
    }
}

/// One column, its window cut off at the borders. Returns its value.
///
/// # Safety
/// As for [`singles`].
#[inline(always)]
unsafe fn single<S: Simd, E: Epilogue<S>, const GUARD: bool>(
    line: &Line<'_>,
    column: usize,
    epilogue: E,
) -> S::V {
    let Depthwise {
        channels,
        kernel,
        width,
        ..
    } = *line.shape;
    let (first, last) = line.columns.axis.taps(column);
    let (first_row, last_row) = line.row_taps;
    // SAFETY: the caller's.
    unsafe {
        let mask = S::mask(line.lanes);
        let mut sum = S::load(line.packed);
        let start = line.input.add(line.columns.axis.first(column) * channels);
        for tap_row in first_row..last_row {
            let input = start.add((tap_row - first_row) * width * channels);
            let taps = line.packed.add((tap_row * kernel + 1) * S::LANES);
            for tap in first..last {
                let value = load::<S, GUARD>(input.add((tap - first) * channels), mask);
                sum = S::fma(value, S::load(taps.add(tap * S::LANES)), sum);
            }
        }
        let value = epilogue.apply(sum);
        store::<S, GUARD>(line.output.add(column * channels), mask, value);
        value
    }
}

/// A vector; with `GUARD`, those lanes that exist.
///
/// # Safety
/// They are there; the processor has the instruction set.
#[inline(always)]
unsafe fn load<S: Simd, const GUARD: bool>(from: *const f32, mask: S::Mask) -> S::V {
    // SAFETY: the caller's.
    unsafe {
        match GUARD {
            true => S::load_masked(from, mask),
            false => S::load(from),
        }
    }
}

/// Stores a vector; with `GUARD`, those lanes that exist.
///
/// # Safety
/// They are there; the processor has the instruction set.
#[inline(always)]
unsafe fn store<S: Simd, const GUARD: bool>(to: *mut f32, mask: S::Mask, value: S::V) {
    // SAFETY: the caller's.
    unsafe {
        match GUARD {
            true => S::store_masked(to, mask, value),
            false => S::store(to, value),
        }
    }
}
