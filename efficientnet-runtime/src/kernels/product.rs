//! The micro-kernel of every matrix product over pixels, and the walk over the pixels of one panel.
//!
//! A tile is [`Simd::ROWS`] pixels by one to three vectors of output channels, held in registers over all
//! input channels. What a tile does after its sums are complete (activation, residual) is chosen there, once
//! a tile, so that the sums themselves are compiled once for all activations.

use super::element::Operand;
use super::isa::Kernel;
use super::panel::Panel;
use super::simd::Simd;
use super::target::Target;
use super::unroll::split;

/// Floats per cache line.
const LINE: usize = 16;

/// Operands of the micro-kernel, at the first pixel of what is left to do: inputs (and weights) `I`.
#[derive(Clone, Copy)]
pub(super) struct Tile<I> {
    /// Input channels, and elements from one pixel's input to the next's.
    pub(super) inputs: usize,
    /// Bias and weights of the panel.
    pub(super) packed: *const f32,
    /// First input channel.
    pub(super) input: *const I,
    pub(super) target: Target,
    /// Weights that are read next, up to `ahead_end`: fetched into L2 meanwhile.
    pub(super) ahead: *const f32,
    pub(super) ahead_end: *const f32,
}

impl<I: Operand> Tile<I> {
    /// Of one of the panels that lie in `len` floats from `packed` on.
    pub(super) fn of_panel<S: Simd>(
        panel: Panel,
        (packed, len): (*const f32, usize),
        (input, inputs): (*const I, usize),
        target: Target,
    ) -> Self {
        let rows = I::PRECISION.header_rows() + steps::<I>(inputs);
        let weights = panel.vectors * S::LANES * rows;
        Self {
            inputs,
            packed: packed.wrapping_add(panel.offset),
            input,
            target,
            ahead: packed.wrapping_add(panel.offset + weights),
            ahead_end: packed.wrapping_add(len),
        }
    }
}

/// Steps of a product over so many input channels: rows of weights.
const fn steps<I: Operand>(inputs: usize) -> usize {
    inputs.div_ceil(I::PRECISION.channels_per_step())
}

/// Pixels of one panel, walked with the register tile of its width.
struct Walk<I> {
    tile: Tile<I>,
    panel: Panel,
    pixels: usize,
}

/// Walks `pixels` of one panel.
///
/// # Safety
/// As many pixels follow the tile's pointers, and the panel's weights its `packed`; the processor has the
/// instruction set.
#[inline(always)]
pub(super) unsafe fn walk_panel<S: Simd, I: Operand>(tile: Tile<I>, panel: Panel, pixels: usize) {
    // SAFETY: the caller's.
    unsafe {
        I::outlined::<S, _>(Walk {
            tile,
            panel,
            pixels,
        });
    }
}

impl<I: Operand> Kernel for Walk<I> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let Self {
            tile,
            panel,
            pixels,
        } = self;
        // SAFETY: as for `walk_panel`, which alone makes a walk. The constants are `S::ROWS` and one less,
        // which a const generic of a trait's constant cannot say yet; conditions that are constants keep the
        // compiler from making tiles of other instruction sets.
        unsafe {
            if const { S::ROWS[0] == 16 } {
                match panel.vectors {
                    1 => walk::<S, I, 16, 15, 1>(tile, pixels),
                    2 => walk::<S, I, 12, 11, 2>(tile, pixels),
                    _ => walk::<S, I, 8, 7, 3>(tile, pixels),
                }
            } else if const { I::PRECISION.is_int8() && !S::MULTIPLIES_CODES && S::ROWS[0] == 12 } {
                match panel.vectors {
                    1 => walk::<S, I, 8, 7, 1>(tile, pixels),
                    _ => walk::<S, I, 4, 3, 2>(tile, pixels),
                }
            } else if const { S::ROWS[0] == 12 } {
                match panel.vectors {
                    1 => walk::<S, I, 12, 11, 1>(tile, pixels),
                    _ => walk::<S, I, 6, 5, 2>(tile, pixels),
                }
            } else {
                match panel.vectors {
                    1 => walk::<S, I, 4, 3, 1>(tile, pixels),
                    _ => walk::<S, I, 2, 1, 2>(tile, pixels),
                }
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
unsafe fn walk<S: Simd, I: Operand, const R: usize, const L: usize, const V: usize>(
    mut tile: Tile<I>,
    pixels: usize,
) {
    let (full, less) = split(pixels, R);
    // SAFETY: `full * R + less * L <= pixels`, and each step moves on by the pixels it has done.
    unsafe {
        for _ in 0..full {
            micro::<S, I, R, V>(&mut tile);
        }
        for _ in 0..less {
            micro::<S, I, L, V>(&mut tile);
        }
        for _ in full * R + less * L..pixels {
            micro::<S, I, 1, V>(&mut tile);
        }
    }
}

/// One tile: `R` pixels by `V` vectors of output channels, over all input channels. Moves on behind it.
///
/// # Safety
/// `R` pixels follow the tile's pointers, the panel has `V` vectors; the processor has the instruction
/// set.
#[inline(always)]
unsafe fn micro<S: Simd, I: Operand, const R: usize, const V: usize>(tile: &mut Tile<I>) {
    // SAFETY: the panel holds `V` vectors of biases and for each step of weights, each pixel `inputs` elements.
    unsafe {
        let header = tile.packed;
        let first: [S::V; V] = load_vectors::<S, V>(header);
        let mut sums = [first; R];
        let mut weights = header.add(I::PRECISION.header_rows() * V * S::LANES);
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
        let rest = inputs % channels;
        if const { I::PRECISION.channels_per_step() > 1 } && rest > 0 {
            let w: [S::V; V] = load_vectors::<S, V>(weights);
            unroll!(ROW < R => {
                let from = input.add(ROW * inputs + inputs - rest);
                let x = I::broadcast_last::<S>(from, rest);
                for (sum, w) in sums[ROW].iter_mut().zip(w) {
                    *sum = I::multiply_add::<S>(x, w, *sum);
                }
            });
        }
        if ahead < tile.ahead_end {
            tile.ahead = ahead;
        }
        tile.input = input.add(R * inputs);
        finish::<S, I, R, V>(header, &mut sums, &mut tile.target);
    }
}

/// Makes values of a tile's sums, as its panel's header says, and stores them.
///
/// # Safety
/// The header has its rows of `V` vectors; there is room for the tile at the target; the processor has the
/// instruction set.
#[inline(always)]
pub(super) unsafe fn finish<S: Simd, I: Operand, const R: usize, const V: usize>(
    header: *const f32,
    sums: &mut [[S::V; V]; R],
    target: &mut Target,
) {
    // SAFETY: the caller's.
    unsafe {
        if const { I::PRECISION.is_int8() } {
            let factors: [S::V; V] = load_vectors::<S, V>(header.add(V * S::LANES));
            let biases: [S::V; V] = load_vectors::<S, V>(header.add(2 * V * S::LANES));
            unroll!(ROW < R => {
                for (sum, (&factor, &bias)) in sums[ROW].iter_mut().zip(factors.iter().zip(&biases)) {
                    *sum = I::finish::<S>(*sum, factor, bias);
                }
            });
            target.store::<S, true, R, V>(sums);
        } else {
            target.store::<S, false, R, V>(sums);
        }
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
