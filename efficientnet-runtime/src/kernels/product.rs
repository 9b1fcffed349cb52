//! The micro-kernel of every matrix product over pixels, and the walk over the pixels of one panel.
//!
//! A tile is [`Simd::ROWS`] pixels by one to three vectors of output channels, held in registers over all
//! input channels. What a tile does after its sums are complete (activation, residual) is chosen there, once
//! a tile, so that the sums themselves are compiled once for all activations.

use std::mem::MaybeUninit;

use super::activation::{Activation, Epilogue, apply, with_epilogue};
use super::element::{Bf16, Operand, Precision};
use super::isa::Kernel;
use super::panel::Panel;
use super::simd::Simd;
use super::unroll::split;

/// Floats per cache line.
const LINE: usize = 16;

/// What is added behind the activation, placed as the output.
#[derive(Clone, Copy)]
pub(super) enum Shortcut {
    Nothing,
    F32(*const f32),
    Bf16(*const Bf16),
}

impl Shortcut {
    /// The map at a place of memory, from element `first` on.
    pub(super) fn new(precision: Precision, map: *const f32, first: usize) -> Self {
        match precision {
            Precision::F32 => Self::F32(map.wrapping_add(first)),
            Precision::Bf16 => Self::Bf16(map.cast::<Bf16>().wrapping_add(first)),
        }
    }

    fn is_nothing(self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// Moves on by so many elements.
    #[inline(always)]
    fn advance(&mut self, step: usize) {
        match self {
            Self::Nothing => {}
            Self::F32(from) => *from = from.wrapping_add(step),
            Self::Bf16(from) => *from = from.wrapping_add(step),
        }
    }

    /// `value` plus the first `lanes` elements from `at` on.
    ///
    /// # Safety
    /// They are there; the processor has the instruction set.
    #[inline(always)]
    unsafe fn add<S: Simd>(self, at: usize, lanes: usize, value: S::V) -> S::V {
        // SAFETY: the caller's.
        unsafe {
            let shortcut = match (self, lanes == S::LANES) {
                (Self::Nothing, _) => return value,
                (Self::F32(from), true) => f32::load::<S>(from.add(at)),
                (Self::F32(from), false) => f32::load_first::<S>(from.add(at), lanes),
                (Self::Bf16(from), true) => Bf16::load::<S>(from.add(at)),
                (Self::Bf16(from), false) => Bf16::load_first::<S>(from.add(at), lanes),
            };
            S::add(value, shortcut)
        }
    }
}

/// Operands of the micro-kernel, at the first pixel of what is left to do: inputs (and weights) `I`, outputs `O`.
#[derive(Clone, Copy)]
pub(super) struct Tile<I, O> {
    /// Input channels, and elements from one pixel's input to the next's.
    pub(super) inputs: usize,
    /// Bias and weights of the panel.
    pub(super) packed: *const f32,
    /// First input channel.
    pub(super) input: *const I,
    /// First output channel.
    pub(super) output: *mut O,
    /// Elements from one pixel's output to the next's.
    pub(super) pitch: usize,
    /// Pixels of a row of the map, those left of it, and elements between the rows: outputs may stand in a map
    /// with a margin.
    pub(super) row: usize,
    pub(super) row_left: usize,
    pub(super) gap: usize,
    /// Lanes of the last vector that are written.
    pub(super) lanes: usize,
    pub(super) residual: Shortcut,
    pub(super) activation: Activation,
    /// Weights that are read next, up to `ahead_end`: fetched into L2 meanwhile.
    pub(super) ahead: *const f32,
    pub(super) ahead_end: *const f32,
}

impl<I: Operand, O: Operand> Tile<I, O> {
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
            residual: Shortcut::Nothing,
            activation: Activation::Identity,
            ahead: packed.wrapping_add(panel.offset + pitch * (steps::<I>(inputs) + 1)),
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
        self.residual.advance(step);
    }
}

/// Steps of a product over so many input channels: rows of weights.
const fn steps<I: Operand>(inputs: usize) -> usize {
    inputs.div_ceil(I::PRECISION.channels_per_step())
}

/// Pixels of one panel, walked with the register tile of its width.
struct Walk<I, O> {
    tile: Tile<I, O>,
    panel: Panel,
    pixels: usize,
}

/// Walks `pixels` of one panel.
///
/// # Safety
/// As many pixels follow the tile's pointers, and the panel's weights its `packed`; the processor has the
/// instruction set.
#[inline(always)]
pub(super) unsafe fn walk_panel<S: Simd, I: Operand, O: Operand>(
    tile: Tile<I, O>,
    panel: Panel,
    pixels: usize,
) {
    // SAFETY: the caller's.
    unsafe {
        I::outlined::<S, _>(Walk {
            tile,
            panel,
            pixels,
        });
    }
}

impl<I: Operand, O: Operand> Kernel for Walk<I, O> {
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
                ([16, ..], 1) => walk::<S, I, O, 16, 15, 1>(tile, pixels),
                ([16, ..], 2) => walk::<S, I, O, 12, 11, 2>(tile, pixels),
                ([16, ..], _) => walk::<S, I, O, 8, 7, 3>(tile, pixels),
                ([12, ..], 1) => walk::<S, I, O, 12, 11, 1>(tile, pixels),
                ([12, ..], _) => walk::<S, I, O, 6, 5, 2>(tile, pixels),
                (_, 1) => walk::<S, I, O, 4, 3, 1>(tile, pixels),
                (_, _) => walk::<S, I, O, 2, 1, 2>(tile, pixels),
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
unsafe fn walk<S: Simd, I: Operand, O: Operand, const R: usize, const L: usize, const V: usize>(
    mut tile: Tile<I, O>,
    pixels: usize,
) {
    let (full, less) = split(pixels, R);
    // SAFETY: `full * R + less * L <= pixels`, and each step moves on by the pixels it has done.
    unsafe {
        for _ in 0..full {
            micro::<S, I, O, R, V>(&mut tile);
        }
        for _ in 0..less {
            micro::<S, I, O, L, V>(&mut tile);
        }
        for _ in full * R + less * L..pixels {
            micro::<S, I, O, 1, V>(&mut tile);
        }
    }
}

/// One tile: `R` pixels by `V` vectors of output channels, over all input channels. Moves on behind it.
///
/// # Safety
/// `R` pixels follow the tile's pointers, the panel has `V` vectors; the processor has the instruction
/// set.
#[inline(always)]
unsafe fn micro<S: Simd, I: Operand, O: Operand, const R: usize, const V: usize>(
    tile: &mut Tile<I, O>,
) {
    // SAFETY: the panel holds `V` vectors of biases and for each step of weights, each pixel `inputs` elements.
    unsafe {
        let bias: [S::V; V] = load_vectors::<S, V>(tile.packed);
        let mut sums = [bias; R];
        let mut weights = tile.packed.add(V * S::LANES);
        let (inputs, input) = (tile.inputs, tile.input);
        let mut ahead = tile.ahead;
        let channels = I::PRECISION.channels_per_step();
        for step in 0..inputs / channels {
            let w: [S::V; V] = load_vectors::<S, V>(weights);
            weights = weights.add(V * S::LANES);
            S::prefetch(ahead);
            ahead = ahead.wrapping_add(LINE);
            unroll!(ROW < R => {
                let x = I::broadcast::<S>(input.add(ROW * inputs + step * channels));
                for (sum, w) in sums[ROW].iter_mut().zip(w) {
                    *sum = I::multiply_add::<S>(x, w, *sum);
                }
            });
        }
        if inputs % channels != 0 {
            let w: [S::V; V] = load_vectors::<S, V>(weights);
            unroll!(ROW < R => {
                let x = I::broadcast_last::<S>(input.add(ROW * inputs + inputs - 1));
                for (sum, w) in sums[ROW].iter_mut().zip(w) {
                    *sum = I::multiply_add::<S>(x, w, *sum);
                }
            });
        }
        if ahead < tile.ahead_end {
            tile.ahead = ahead;
        }
        tile.input = input.add(R * inputs);
        let whole = tile.lanes == S::LANES && tile.residual.is_nothing();
        with_epilogue!(whole, tile.activation, epilogue => {
            unroll!(ROW < R => {
                for (vector, &sum) in sums[ROW].iter().enumerate() {
                    let value = Epilogue::<S>::apply(epilogue, sum);
                    O::store::<S>(tile.output.add(vector * S::LANES), value);
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
                store_any::<S, I, O, V>(tile, spilled.at(row, 0));
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
unsafe fn store_any<S: Simd, I: Operand, O: Operand, const V: usize>(
    tile: &mut Tile<I, O>,
    sums: *const f32,
) {
    // SAFETY: the caller's.
    unsafe {
        for vector in 0..V {
            let value = apply::<S>(tile.activation, S::load(sums.add(vector * LINE)));
            let at = vector * S::LANES;
            let lanes = if vector + 1 == V {
                tile.lanes
            } else {
                S::LANES
            };
            let value = tile.residual.add::<S>(at, lanes, value);
            if lanes == S::LANES {
                O::store::<S>(tile.output.add(at), value);
            } else {
                O::store_first::<S>(tile.output.add(at), lanes, value);
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
