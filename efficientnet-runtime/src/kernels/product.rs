//! The micro-kernel of every matrix product over pixels, and the walk over the pixels of one panel.
//!
//! A tile is [`Simd::ROWS`] pixels by one to three vectors of output channels, held in registers over all
//! input channels. What a tile does after its sums are complete (activation, residual) is chosen there, once
//! a tile, so that the sums themselves are compiled once for all activations.

use std::mem::MaybeUninit;

use super::activation::{Activation, Epilogue, apply, with_epilogue};
use super::isa::Kernel;
use super::panel::Panel;
use super::simd::Simd;
use super::unroll::split;

/// Floats per cache line.
const LINE: usize = 16;

/// Operands of the micro-kernel, at the first pixel of what is left to do.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    /// Input channels, and floats from one pixel's input to the next's.
    pub(super) inputs: usize,
    /// Bias and weights of the panel.
    pub(super) packed: *const f32,
    /// First input channel.
    pub(super) input: *const f32,
    /// First output channel.
    pub(super) output: *mut f32,
    /// Floats from one pixel's output to the next's.
    pub(super) pitch: usize,
    /// Pixels of a row of the map, those left of it, and floats between the rows: outputs may stand in a map
    /// with a margin.
    pub(super) row: usize,
    pub(super) row_left: usize,
    pub(super) gap: usize,
    /// Lanes of the last vector that are written.
    pub(super) lanes: usize,
    /// What is added behind the activation, placed as the output; null where there is nothing.
    pub(super) residual: *const f32,
    pub(super) activation: Activation,
    /// Weights that are read next, up to `ahead_end`: fetched into L2 meanwhile.
    pub(super) ahead: *const f32,
    pub(super) ahead_end: *const f32,
}

impl Tile {
    /// Of one of the panels that lie in `len` floats from `packed` on: pixels follow each other, all lanes are
    /// written, nothing is added. Where input and output lie is left to say.
    pub(super) fn of_panel<S: Simd>(
        panel: Panel,
        inputs: usize,
        packed: *const f32,
        len: usize,
    ) -> Self {
        let pitch = panel.vectors * S::LANES;
        Self {
            inputs,
            packed: packed.wrapping_add(panel.offset),
            input: std::ptr::null(),
            output: std::ptr::null_mut(),
            pitch,
            row: usize::MAX,
            row_left: usize::MAX,
            gap: 0,
            lanes: S::LANES,
            residual: std::ptr::null(),
            activation: Activation::Identity,
            ahead: packed.wrapping_add(panel.offset + pitch * (inputs + 1)),
            ahead_end: packed.wrapping_add(len),
        }
    }

    /// Moves on to the next pixel's output.
    #[inline(always)]
    fn next_output(&mut self) {
        let mut step = self.pitch;
        self.row_left -= 1;
        if self.row_left == 0 {
            self.row_left = self.row;
            step += self.gap;
        }
        self.output = self.output.wrapping_add(step);
        if !self.residual.is_null() {
            self.residual = self.residual.wrapping_add(step);
        }
    }
}

/// Pixels of one panel, walked with the register tile of its width.
struct Walk {
    tile: Tile,
    panel: Panel,
    pixels: usize,
}

/// Walks `pixels` of one panel.
///
/// # Safety
/// As many pixels follow the tile's pointers, and the panel's weights its `packed`; the processor has the
/// instruction set.
#[inline(always)]
pub(super) unsafe fn walk_panel<S: Simd>(tile: Tile, panel: Panel, pixels: usize) {
    // SAFETY: the caller's.
    unsafe {
        S::outlined(Walk {
            tile,
            panel,
            pixels,
        });
    }
}

impl Kernel for Walk {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let Self {
            tile,
            panel,
            pixels,
        } = self;
        // SAFETY: as for `walk_panel`, which alone makes a walk. The constants are `S::ROWS` and one less,
        // which a const generic of a trait's constant cannot say yet.
        unsafe {
            match (S::ROWS, panel.vectors) {
                ([16, ..], 1) => walk::<S, 16, 15, 1>(tile, pixels),
                ([16, ..], 2) => walk::<S, 12, 11, 2>(tile, pixels),
                ([16, ..], _) => walk::<S, 8, 7, 3>(tile, pixels),
                ([12, ..], 1) => walk::<S, 12, 11, 1>(tile, pixels),
                ([12, ..], _) => walk::<S, 6, 5, 2>(tile, pixels),
                (_, 1) => walk::<S, 4, 3, 1>(tile, pixels),
                (_, _) => walk::<S, 2, 1, 2>(tile, pixels),
            }
        }
    }
}

/// Tiles of `R` pixels, then of `L = R - 1`, so chosen that as few as possible are left for tiles of
/// one pixel, which wait for their own results most of the time.
///
/// # Safety
/// As for [`walk_panel`].
#[inline(always)]
unsafe fn walk<S: Simd, const R: usize, const L: usize, const V: usize>(
    mut tile: Tile,
    pixels: usize,
) {
    let (full, less) = split(pixels, R);
    // SAFETY: `full * R + less * L <= pixels`, and each step moves on by the pixels it has done.
    unsafe {
        for _ in 0..full {
            micro::<S, R, V>(&mut tile);
        }
        for _ in 0..less {
            micro::<S, L, V>(&mut tile);
        }
        for _ in full * R + less * L..pixels {
            micro::<S, 1, V>(&mut tile);
        }
    }
}

/// One tile: `R` pixels by `V` vectors of output channels, over all input channels. Moves on behind it.
///
/// # Safety
/// `R` pixels follow the tile's pointers, the panel has `V` vectors; the processor has the instruction
/// set.
#[inline(always)]
unsafe fn micro<S: Simd, const R: usize, const V: usize>(tile: &mut Tile) {
    // SAFETY: the panel holds `inputs + 1` times `V` vectors, each pixel `inputs` floats.
    unsafe {
        let bias: [S::V; V] = load_vectors::<S, V>(tile.packed);
        let mut sums = [bias; R];
        let mut weights = tile.packed.add(V * S::LANES);
        let (inputs, input) = (tile.inputs, tile.input);
        let mut ahead = tile.ahead;
        for channel in 0..inputs {
            let w: [S::V; V] = load_vectors::<S, V>(weights);
            weights = weights.add(V * S::LANES);
            S::prefetch(ahead);
            ahead = ahead.wrapping_add(LINE);
            unroll!(ROW < R => {
                let x = S::splat(*input.add(ROW * inputs + channel));
                for (sum, w) in sums[ROW].iter_mut().zip(w) {
                    *sum = S::fma(x, w, *sum);
                }
            });
        }
        if ahead < tile.ahead_end {
            tile.ahead = ahead;
        }
        tile.input = input.add(R * inputs);
        let whole = tile.lanes == S::LANES && tile.residual.is_null();
        with_epilogue!(whole, tile.activation, epilogue => {
            unroll!(ROW < R => {
                for (vector, &sum) in sums[ROW].iter().enumerate() {
                    let value = Epilogue::<S>::apply(epilogue, sum);
                    S::store(tile.output.add(vector * S::LANES), value);
                }
                tile.next_output();
            });
        }, _ => {
            let mut spilled = Spilled::<R, V>::new();
            unroll!(ROW < R => {
                for (vector, &sum) in sums[ROW].iter().enumerate() {
                    S::store(spilled.at(ROW, vector), sum);
                }
            });
            for row in 0..S::opaque(R) {
                store_any::<S, V>(tile, spilled.at(row, 0));
            }
        });
    }
}

/// Sums of a register tile in memory, for what is done in a loop instead of written out.
#[repr(align(64))]
pub(super) struct Spilled<const R: usize, const V: usize>(MaybeUninit<[[[f32; LINE]; V]; R]>);

impl<const R: usize, const V: usize> Spilled<R, V> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self(MaybeUninit::uninit())
    }

    /// The place of one vector.
    #[inline(always)]
    pub(super) fn at(&mut self, row: usize, vector: usize) -> *mut f32 {
        let first = self.0.as_mut_ptr().cast::<f32>();
        first.wrapping_add((row * V + vector) * LINE)
    }
}

/// Epilogue of one pixel, whatever it is, from its spilled sums.
///
/// # Safety
/// The tile's output has room for `V` vectors but for the lanes of the last that are not written, and so
/// has its residual; the sums are written; the processor has the instruction set.
#[inline(always)]
unsafe fn store_any<S: Simd, const V: usize>(tile: &mut Tile, sums: *const f32) {
    // SAFETY: the caller's.
    unsafe {
        for vector in 0..V {
            let mut value = apply::<S>(tile.activation, S::load(sums.add(vector * LINE)));
            let (at, last) = (vector * S::LANES, vector + 1 == V);
            let output = tile.output.add(at);
            let residual = tile.residual.wrapping_add(at);
            match last && tile.lanes < S::LANES {
                false => {
                    if !tile.residual.is_null() {
                        value = S::add(value, S::load(residual));
                    }
                    S::store(output, value);
                }
                true => {
                    let mask = S::mask(tile.lanes);
                    if !tile.residual.is_null() {
                        value = S::add(value, S::load_masked(residual, mask));
                    }
                    S::store_masked(output, mask, value);
                }
            }
        }
        tile.next_output();
    }
}

/// `V` vectors in a row.
///
/// # Safety
/// They are there; the processor has the instruction set.
#[inline(always)]
pub(super) unsafe fn load_vectors<S: Simd, const V: usize>(from: *const f32) -> [S::V; V] {
    // SAFETY: the caller's.
    unsafe {
        let mut vectors = [S::splat(0.0); V];
        for (index, vector) in vectors.iter_mut().enumerate() {
            *vector = S::load(from.add(index * S::LANES));
        }
        vectors
    }
}
