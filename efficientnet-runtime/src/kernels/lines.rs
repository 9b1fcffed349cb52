//! The lines of a depthwise convolution: one vector of channels of some output rows, in tiles of columns.

use std::ops::Range;

use super::activation::{Epilogue, apply, with_epilogue};
use super::depthwise::Depthwise;
use super::element::{Precision, in_int8};
use super::isa::Kernel;
use super::place::Place;
use super::product::load_vectors;
use super::simd::Simd;
use super::target::{Spilled, Target};
use super::unroll::split;
use super::window::Axis;

/// Columns of the widest tile: its accumulators, the weights of one row of taps and one input fit into 16
/// registers.
pub(super) const WIDEST: usize = 8;

/// Where the rows of a map lie, one vector of channels of them.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    /// Rows from this one on follow each other.
    pub(super) from: usize,
    /// Row `from`.
    pub(super) base: *const f32,
    /// Earlier rows: each in the place that its number leaves modulo `kept_rows`.
    pub(super) kept: *const f32,
    pub(super) kept_rows: usize,
    /// Floats from one row to the next.
    pub(super) len: usize,
}

impl Rows {
    /// A map in memory.
    pub(super) fn of_map(base: *const f32, len: usize) -> Self {
        Self {
            from: 0,
            base,
            kept: std::ptr::null(),
            kept_rows: 1,
            len,
        }
    }

    /// A row's first column, `channel` floats further on.
    #[inline(always)]
    fn at(&self, row: usize) -> *const f32 {
        match row.checked_sub(self.from) {
            Some(below) => self.base.wrapping_add(below * self.len),
            None => self.kept.wrapping_add(row % self.kept_rows * self.len),
        }
    }
}

/// What the windows slide over.
#[derive(Clone, Copy)]
pub(super) struct Source {
    pub(super) rows: Rows,
    /// Floats from one column to the next.
    pub(super) pitch: usize,
    pub(super) columns: Columns,
}

/// The columns of every output row.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    axis: Axis,
    outputs: usize,
    /// Floats of columns are there for every tap of every tile, also outside the map: zeros under a window,
    /// whatever else under a tile that reaches over the end.
    margin: bool,
    /// Those whose window may be read as a whole.
    interior: (usize, usize),
    /// Numbers of the widest tiles and of those one column narrower, the last of which may reach over the
    /// end.
    tiles: (usize, usize),
}

/// Columns of the inputs of all tiles, with the pads on the left: what a margin has to hold.
pub(super) fn columns_with_margin(shape: &Depthwise) -> usize {
    let (full, less) = Columns::with_margin(shape).tiles;
    let tiled = full * WIDEST + less * (WIDEST - 1);
    ((tiled - 1) * shape.stride + shape.kernel)
        .max(shape.pads.left + shape.width + shape.pads.right)
}

impl Columns {
    /// Of a map without a margin.
    pub(super) fn of_map(shape: &Depthwise) -> Self {
        let axis = shape.columns();
        Self::new(axis, axis.interior(), false)
    }

    /// Of rows that begin with the left pads and go on to the last tile's last tap.
    pub(super) fn with_margin(shape: &Depthwise) -> Self {
        let axis = shape.columns();
        Self::new(axis, (0, axis.outputs()), true)
    }

    fn new(axis: Axis, interior: (usize, usize), margin: bool) -> Self {
        let outputs = axis.outputs();
        let (full, less) = split(outputs, WIDEST);
        let rest = outputs - full * WIDEST - less * (WIDEST - 1);
        Self {
            axis,
            outputs,
            margin,
            interior,
            tiles: (full + rest.div_ceil(WIDEST), less),
        }
    }
}

/// Some output rows of one vector of channels.
pub(super) struct Strip<'a> {
    pub(super) shape: &'a Depthwise,
    pub(super) source: &'a Source,
    /// Channels that exist.
    pub(super) lanes: usize,
    /// Bias and taps.
    pub(super) packed: *const f32,
    /// The map's first pixel.
    pub(super) output: Place,
    pub(super) rows: Range<usize>,
    /// Where the sums over the pixels go, if anywhere.
    pub(super) sums: *mut f32,
}

impl Kernel for Strip<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        // SAFETY: as for `compute`, which alone runs a strip.
        unsafe {
            let sum = match (self.shape.kernel, self.shape.stride) {
                _ if !S::TILES => self.singles::<S>(),
                (3, 1) => self.tiles::<S, 3, 1>(),
                (3, 2) => self.tiles::<S, 3, 2>(),
                (5, 1) => self.tiles::<S, 5, 1>(),
                (5, 2) => self.tiles::<S, 5, 2>(),
                (_, _) => self.singles::<S>(),
            };
            if !self.sums.is_null() {
                match self.lanes == S::LANES {
                    true => S::store(self.sums, sum),
                    false => S::store_masked(self.sums, S::mask(self.lanes), sum),
                }
            }
        }
    }
}

/// One output row of a strip.
struct Line<'a, const K: usize> {
    strip: &'a Strip<'a>,
    row: usize,
    /// Lanes that do not exist may be read as long as the map goes on behind a row for a vector at least:
    /// whether it does not.
    ends_map: bool,
    /// Rows of taps inside the map.
    taps: Range<usize>,
    /// Their input rows; borrowed, since a copy would wait for what was just written.
    inputs: &'a [*const f32; K],
    /// First output column.
    output: Place,
    /// Elements from one output row to the next.
    row_len: usize,
}

impl Strip<'_> {
    /// Computes the strip.
    ///
    /// # Safety
    /// The pointers are where the fields say, the source has what the rows' windows touch; the processor has
    /// the instruction set.
    #[inline(always)]
    pub(super) unsafe fn compute<S: Simd>(self) {
        // SAFETY: the caller's.
        unsafe { S::outlined(self) }
    }

    /// Computes the strip in tiles. Returns the sum over its pixels.
    ///
    /// # Safety
    /// As for [`Self::compute`].
    #[inline(always)]
    unsafe fn tiles<S: Simd, const K: usize, const T: usize>(&self) -> S::V {
        // SAFETY: the rows are the strip's.
        unsafe {
            let mut sum = S::splat(0.0);
            for row in self.rows.clone() {
                let mut inputs = [std::ptr::null(); K];
                let line = self.line::<S, K>(row, &mut inputs);
                sum = S::add(sum, line.tiles::<S, T>());
            }
            sum
        }
    }

    #[inline(always)]
    fn line<'a, S: Simd, const K: usize>(
        &'a self,
        row: usize,
        inputs: &'a mut [*const f32; K],
    ) -> Line<'a, K> {
        let axis = self.shape.rows();
        let ((begin, end), first) = (axis.taps(row), axis.first(row));
        for (offset, input) in inputs[begin..end].iter_mut().enumerate() {
            *input = self.source.rows.at(first + offset);
        }
        let row_len = self.source.columns.outputs * self.shape.channels;
        let reaches = first + (end - begin) == self.shape.height;
        Line {
            strip: self,
            row,
            ends_map: self.lanes < S::LANES && (reaches || self.source.rows.len < S::LANES),
            taps: begin..end,
            inputs,
            output: self.output.further(row * row_len),
            row_len,
        }
    }

    /// Computes the strip pixel by pixel. Returns the sum over its pixels.
    ///
    /// # Safety
    /// As for [`Self::compute`].
    #[inline(always)]
    unsafe fn singles<S: Simd>(&self) -> S::V {
        let outputs = self.source.columns.outputs;
        // SAFETY: every pixel is one of the strip's.
        unsafe {
            let mut sum = S::splat(0.0);
            for row in self.rows.clone() {
                for column in 0..outputs {
                    sum = S::add(sum, self.single::<S>(row, column));
                }
            }
            sum
        }
    }

    /// What a complete sum is worth.
    ///
    /// # Safety
    /// As for [`Self::compute`].
    #[inline(always)]
    unsafe fn value<S: Simd>(&self, sum: S::V) -> S::V {
        // SAFETY: the caller's.
        unsafe {
            match self.shape.output {
                Precision::Int8 => in_int8!(self.scaled::<S>(sum)),
                Precision::F32 | Precision::Bf16 => apply::<S>(self.shape.activation, sum),
            }
        }
    }

    /// [`Self::value`] of a sum of products of codes.
    ///
    /// # Safety
    /// As for [`Self::compute`].
    #[cfg(feature = "int8")]
    #[inline(always)]
    unsafe fn scaled<S: Simd>(&self, sum: S::V) -> S::V {
        let taps = self.shape.kernel * self.shape.kernel;
        // SAFETY: the caller's; factors and biases stand behind the taps.
        unsafe {
            let factors = self.packed.add((taps + 1) * S::LANES);
            let biases = S::load(factors.add(S::LANES));
            S::add(S::mul(sum, S::load(factors)), biases)
        }
    }

    /// One pixel, its window cut off at the borders. Returns its value.
    ///
    /// # Safety
    /// As for [`Self::singles`].
    #[inline(always)]
    unsafe fn single<S: Simd>(&self, row: usize, column: usize) -> S::V {
        let Strip {
            shape,
            source,
            packed,
            lanes,
            ..
        } = *self;
        let (rows, columns) = (shape.rows(), &source.columns);
        let (first, last) = columns.axis.taps(column);
        let left = if columns.margin { shape.pads.left } else { 0 };
        let start = (columns.axis.first(column) + left) * source.pitch;
        let (first_row, last_row) = rows.taps(row);
        let pixel = row * columns.outputs + column;
        // SAFETY: the caller's.
        unsafe {
            let mask = S::mask(lanes);
            let mut sum = S::load(packed);
            for tap_row in first_row..last_row {
                let input = source.rows.at(rows.first(row) + tap_row - first_row);
                let taps = packed.add((tap_row * shape.kernel + 1) * S::LANES);
                for tap in first..last {
                    let from = input.add(start + (tap - first) * source.pitch);
                    let value = S::load_masked(from, mask);
                    sum = S::fma(value, S::load(taps.add(tap * S::LANES)), sum);
                }
            }
            let value = self.value::<S>(sum);
            let to = self.output.further(pixel * shape.channels);
            to.store::<S>(lanes, value);
            value
        }
    }
}

impl<const K: usize> Line<'_, K> {
    /// Computes the line in tiles, and column by column where a tile would reach over the map. Returns the sum
    /// over its columns.
    ///
    /// # Safety
    /// As for [`Strip::compute`].
    #[inline(always)]
    unsafe fn tiles<S: Simd, const T: usize>(&self) -> S::V {
        let (full, less) = self.strip.source.columns.tiles;
        // SAFETY: every tile begins at an output column.
        unsafe {
            let sum = self.tiles_of::<S, T, { WIDEST - 1 }>(0, less, S::splat(0.0));
            self.tiles_of::<S, T, WIDEST>(less * (WIDEST - 1), full, sum)
        }
    }

    /// Computes `count` tiles of `N` columns from `column` on. Returns `sum` plus the sum over the columns.
    ///
    /// # Safety
    /// As for [`Self::tiles`].
    #[inline(always)]
    unsafe fn tiles_of<S: Simd, const T: usize, const N: usize>(
        &self,
        column: usize,
        count: usize,
        mut sum: S::V,
    ) -> S::V {
        let Columns {
            interior: (begin, end),
            outputs,
            margin,
            ..
        } = self.strip.source.columns;
        for column in (0..count).map(|index| column + index * N) {
            // SAFETY: every column is an output's, and a tile reads what is there.
            unsafe {
                if margin || (column >= begin && column + N <= end && !self.ends_map) {
                    sum = S::add(sum, self.tile::<S, T, N>(column));
                } else {
                    // In the order of a tile.
                    let mut total = S::splat(0.0);
                    for column in column..(column + N).min(outputs) {
                        total = S::add(total, self.strip.single::<S>(self.row, column));
                    }
                    sum = S::add(sum, total);
                }
            }
        }
        sum
    }

    /// `N` neighbouring columns: each input is loaded once per row of taps and used for every column that
    /// it falls into. Returns the columns' sum.
    ///
    /// # Safety
    /// All lanes of the columns' windows can be read; otherwise as for [`Self::tiles`].
    #[inline(always)]
    unsafe fn tile<S: Simd, const T: usize, const N: usize>(&self, column: usize) -> S::V {
        let Strip { shape, source, .. } = *self.strip;
        let left = if source.columns.margin {
            0
        } else {
            shape.pads.left
        };
        // SAFETY: the caller's.
        unsafe {
            let pixel = S::opaque(source.pitch * size_of::<f32>());
            // The next row's outputs: a line each, too far apart for the processor to foresee.
            let next = self.output.further(self.row_len + column * shape.channels);
            unroll!(COLUMN < N => {
                S::prefetch_write(next.further(COLUMN * shape.channels).floats());
            });
            let mut sums = [S::load(self.strip.packed); N];
            for tap in self.taps.clone() {
                let from = self.strip.packed.add((tap * K + 1) * S::LANES);
                let w: [S::V; K] = load_vectors::<S, K>(from);
                let input = self.inputs[tap].add((column * T - left) * source.pitch);
                unroll!(X < (N - 1) * T + K => {
                    let value = S::load(input.byte_add(X * pixel));
                    unroll!(COLUMN < N => {
                        if const { X.wrapping_sub(COLUMN * T) < K } {
                            sums[COLUMN] = S::fma(value, w[X - COLUMN * T], sums[COLUMN]);
                        }
                    });
                });
            }
            self.store::<S, N>(column, &sums)
        }
    }

    /// Activates and stores those columns and lanes of a tile that exist. Returns the columns' sum.
    ///
    /// # Safety
    /// As for [`Self::tile`].
    #[inline(always)]
    unsafe fn store<S: Simd, const N: usize>(&self, column: usize, sums: &[S::V; N]) -> S::V {
        let Depthwise {
            channels,
            activation,
            output: precision,
            ..
        } = *self.strip.shape;
        let lanes = self.strip.lanes;
        let count = self.strip.source.columns.outputs - column;
        let mut to = self.output.further(column * channels);
        // SAFETY: the caller's.
        unsafe {
            let is_whole = count >= N && lanes == S::LANES;
            if is_whole && precision.is_int8() {
                in_int8!(return self.store_codes::<S, N>(to, sums));
            }
            let mut total = S::splat(0.0);
            with_epilogue!(is_whole && !precision.is_int8(), activation, epilogue => {
                let mut values = *sums;
                unroll!(COLUMN < N => {
                    values[COLUMN] = Epilogue::<S>::apply(epilogue, sums[COLUMN]);
                    total = S::add(total, values[COLUMN]);
                });
                if precision == Precision::F32 {
                    unroll!(COLUMN < N => {
                        S::store(to.floats().wrapping_add(COLUMN * channels), values[COLUMN]);
                    });
                } else {
                    let mut spilled = Self::spill::<S, N>(&values);
                    let mut target = Target::dense::<S>(channels);
                    target.output = to;
                    target.store_spilled::<S>(spilled.at(0, 0), N, 1);
                }
            }, _ => {
                let mut spilled = Self::spill::<S, N>(sums);
                for index in 0..S::opaque(N).min(count) {
                    let value = self.strip.value::<S>(S::load(spilled.at(index, 0)));
                    to.store::<S>(lanes, value);
                    total = S::add(total, value);
                    to = to.further(channels);
                }
            });
            total
        }
    }

    /// [`Self::store`] of whole vectors of codes, which nobody sums.
    ///
    /// # Safety
    /// As for [`Self::tile`].
    #[cfg(feature = "int8")]
    #[inline(always)]
    unsafe fn store_codes<S: Simd, const N: usize>(&self, to: Place, sums: &[S::V; N]) -> S::V {
        // SAFETY: the caller's.
        unsafe {
            unroll!(COLUMN < N => {
                let to = to.further(COLUMN * self.strip.shape.channels);
                S::narrow_codes(to.bytes(), self.strip.scaled::<S>(sums[COLUMN]));
            });
            S::splat(0.0)
        }
    }

    /// A tile's columns in memory.
    ///
    /// # Safety
    /// The processor has the instruction set.
    #[inline(always)]
    unsafe fn spill<S: Simd, const N: usize>(values: &[S::V; N]) -> Spilled<N, 1> {
        let mut spilled = Spilled::new();
        // SAFETY: the caller's; there is room for `N` vectors.
        unsafe {
            unroll!(COLUMN < N => {
                S::store(spilled.at(COLUMN, 0), values[COLUMN]);
            });
        }
        spilled
    }
}
