//! Depthwise convolution: one filter a channel, vectorised over channels.
//!
//! Packed weights, for each vector of channels: the bias, then the window's taps row by row; channels
//! beyond the last are zeros. Zeros around the map are never stored: columns whose window reaches
//! over the border are computed one by one with a shortened window, rows with fewer taps.

use super::activation::{Activation, Epilogue, with_epilogue};
use super::isa::{Isa, Kernel};
use super::simd::Simd;
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
        Axis::new(
            self.height,
            self.kernel,
            self.stride,
            self.pads.top,
            self.pads.bottom,
        )
    }

    /// Columns as the window sees them.
    const fn columns(&self) -> Axis {
        Axis::new(
            self.width,
            self.kernel,
            self.stride,
            self.pads.left,
            self.pads.right,
        )
    }

    /// Output rows.
    pub const fn out_height(&self) -> usize {
        self.rows().outputs()
    }

    /// Output columns.
    pub const fn out_width(&self) -> usize {
        self.columns().outputs()
    }

    fn packed_len(&self, lanes: usize) -> usize {
        self.channels.next_multiple_of(lanes) * (self.kernel * self.kernel + 1)
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
        let (lanes, taps) = (isa.lanes(), kernel * kernel);
        assert_eq!(weight.len(), channels * taps, "length of the weights");
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
    /// If a slice does not have the shape's length, or `packed` is another layer's.
    pub fn run(
        &self,
        isa: Isa,
        packed: &[f32],
        input: &[f32],
        output: &mut [f32],
        mut sums: Option<&mut [f32]>,
    ) {
        let pixels = self.out_height() * self.out_width();
        assert_eq!(
            packed.len(),
            self.packed_len(isa.lanes()),
            "length of the packed weights"
        );
        assert_eq!(
            input.len(),
            self.height * self.width * self.channels,
            "length of the input"
        );
        assert_eq!(output.len(), pixels * self.channels, "length of the output");
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

/// Output columns per step in the middle of a row: their accumulators, the taps of one row and the
/// inputs fit into 16 registers.
const COLUMNS: usize = 4;

/// Walks output rows, vectors of channels inside them. `K` and `T` are kernel and stride, or 0 for any.
///
/// # Safety
/// The task's slices have the shape's lengths; the processor has the instruction set.
#[inline(always)]
unsafe fn map<S: Simd, E: Epilogue<S>, const K: usize, const T: usize>(
    mut task: Task<'_>,
    epilogue: E,
) {
    let shape = task.shape;
    let (rows, columns) = (shape.rows(), shape.columns());
    let row_len = shape.width * shape.channels;
    let out_row_len = columns.outputs() * shape.channels;
    let block_len = S::LANES * (shape.kernel * shape.kernel + 1);
    for out_row in 0..rows.outputs() {
        let taps = rows.taps(out_row);
        let first_row = rows.first(out_row);
        for channel in (0..shape.channels).step_by(S::LANES) {
            let block = &task.packed[channel / S::LANES * block_len..][..block_len];
            let line = Line {
                shape,
                columns,
                row_taps: taps,
                lanes: S::LANES.min(shape.channels - channel),
                packed: block.as_ptr(),
                input: task.input[first_row * row_len + channel..].as_ptr(),
                output: task.output[out_row * out_row_len + channel..].as_mut_ptr(),
            };
            // SAFETY: the line's pointers lie at its first channel of the first input row that its
            // window touches, and of its output row.
            let sum = unsafe { row::<S, E, K, T>(&line, epilogue) };
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

/// One output row of one vector of channels.
struct Line {
    shape: Depthwise,
    columns: Axis,
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

/// Computes one line, several columns at a time where there are as many and all lanes exist. Returns
/// the sum over the columns.
///
/// # Safety
/// The line's pointers are where its fields say; the processor has the instruction set.
#[inline(always)]
unsafe fn row<S: Simd, E: Epilogue<S>, const K: usize, const T: usize>(
    line: &Line,
    epilogue: E,
) -> S::V {
    let outputs = line.columns.outputs();
    let (begin, end) = line.columns.interior();
    let tiled = K > 0 && outputs >= COLUMNS && line.lanes == S::LANES;
    // SAFETY: every column is an output column, and `INSIDE` is true only where windows are.
    unsafe {
        let mut sum = S::splat(0.0);
        let mut done = 0;
        while done < outputs {
            if !tiled {
                sum = S::add(sum, single::<S, E>(line, done, epilogue));
                done += 1;
                continue;
            }
            // The last tile is moved back to end with the row: what it computes again, it neither
            // stores nor sums.
            let column = done.min(outputs - COLUMNS);
            let tile = if column >= begin && column + COLUMNS <= end {
                tile::<S, E, K, T, true>(line, column, done - column, epilogue)
            } else {
                tile::<S, E, K, T, false>(line, column, done - column, epilogue)
            };
            sum = S::add(sum, tile);
            done = column + COLUMNS;
        }
        sum
    }
}

/// `COLUMNS` neighbouring columns, all lanes: each input is loaded once per row of taps and used for
/// every column that it falls into. Returns the sum of all but the first `skip`, and stores those.
///
/// # Safety
/// `INSIDE` only if the columns' windows lie inside the map; otherwise as for [`row`].
#[inline(always)]
unsafe fn tile<S: Simd, E: Epilogue<S>, const K: usize, const T: usize, const INSIDE: bool>(
    line: &Line,
    column: usize,
    skip: usize,
    epilogue: E,
) -> S::V {
    let channels = line.shape.channels;
    let row_len = line.shape.width * channels;
    let (first_tap, last_tap) = line.row_taps;
    // The input columns that the tile reads, counted from the first zero.
    let zeros = line.shape.pads.left;
    let start = column * T;
    // SAFETY: the caller's; inputs among the zeros are not loaded.
    unsafe {
        let mut sums = [S::load(line.packed); COLUMNS];
        let mut input = line.input;
        let mut taps = line.packed.add((first_tap * K + 1) * S::LANES);
        for _ in first_tap..last_tap {
            let w: [S::V; K] = super::pointwise::load_vectors::<S, K>(taps);
            unroll!(x < (COLUMNS - 1) * T + K => {
                let position = start + x;
                if INSIDE || (position >= zeros && position < zeros + line.shape.width) {
                    let value = S::load(input.add((position - zeros) * channels));
                    for (column, sum) in sums.iter_mut().enumerate() {
                        if x >= column * T && x - column * T < K {
                            *sum = S::fma(value, w[x - column * T], *sum);
                        }
                    }
                }
            });
            input = input.add(row_len);
            taps = taps.add(K * S::LANES);
        }
        let output = line.output.add(column * channels);
        let mut total = S::splat(0.0);
        unroll!(column < COLUMNS => {
            if column >= skip {
                let value = epilogue.apply(sums[column]);
                S::store(output.add(column * channels), value);
                total = S::add(total, value);
            }
        });
        total
    }
}

/// One column, its window cut off at the borders. Returns its value, zero in lanes that do not exist.
///
/// # Safety
/// As for [`row`].
#[inline(always)]
unsafe fn single<S: Simd, E: Epilogue<S>>(line: &Line, column: usize, epilogue: E) -> S::V {
    let Depthwise {
        channels,
        kernel,
        width,
        ..
    } = line.shape;
    let (first, last) = line.columns.taps(column);
    let (first_row, last_row) = line.row_taps;
    // SAFETY: the caller's.
    unsafe {
        let mask = S::mask(line.lanes);
        let mut sum = S::load(line.packed);
        let start = line.input.add(line.columns.first(column) * channels);
        for tap_row in first_row..last_row {
            let input = start.add((tap_row - first_row) * width * channels);
            let taps = line.packed.add((tap_row * kernel + 1) * S::LANES);
            for tap in first..last {
                let value = S::load_masked(input.add((tap - first) * channels), mask);
                sum = S::fma(value, S::load(taps.add(tap * S::LANES)), sum);
            }
        }
        let value = epilogue.apply(sum);
        S::store_masked(line.output.add(column * channels), mask, value);
        value
    }
}
