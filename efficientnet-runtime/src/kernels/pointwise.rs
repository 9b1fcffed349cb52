//! Pointwise convolution: a matrix product over all pixels, `output = act(input W + bias) + residual`.
//!
//! Input and output are NHWC as they are: the micro-kernel broadcasts the input's values one by one
//! and never packs them. A tile is `ROWS` pixels by one to three vectors of output channels, held in
//! registers over all input channels. Pixels are walked in strips, whose input and output stay in L2,
//! panels inside strips, tiles inside panels.

use super::activation::{Activation, Epilogue, with_epilogue};
use super::isa::{Isa, Kernel};
use super::len::len;
use super::panel::{Panel, Panels};
use super::simd::Simd;
use super::unroll::split;
use crate::workspace::AlignedBuffer;

/// Static shape and tile of a pointwise convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointwise {
    /// Pixels: height times width.
    pub rows: usize,
    /// Input channels.
    pub in_channels: usize,
    /// Output channels.
    pub out_channels: usize,
    /// Epilogue, before the residual is added.
    pub activation: Activation,
    /// Pixels per pass over all panels.
    pub strip: usize,
}

/// Where a squeeze-excite gate is multiplied in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GateMode {
    /// Into each weight panel, once per strip.
    Weights,
    /// Into each strip of the input.
    Input,
}

/// A squeeze-excite gate.
#[derive(Debug)]
pub struct Gate<'a> {
    /// Where it is multiplied in.
    pub mode: GateMode,
    /// Factors, one an input channel.
    pub values: &'a [f32],
    /// Room of [`Pointwise::gate_scratch_len`] floats.
    pub scratch: &'a mut [f32],
}

impl Pointwise {
    /// Room that a gate needs, in floats; the same for every instruction set, so that arenas can be
    /// laid out at compile time.
    pub const fn gate_scratch_len(&self, mode: GateMode) -> usize {
        match mode {
            // The widest panel: three vectors of 16, and its bias.
            GateMode::Weights => len([self.in_channels.saturating_add(1), 48]),
            GateMode::Input => len([
                if self.strip < self.rows {
                    self.strip
                } else {
                    self.rows
                },
                self.in_channels,
            ]),
        }
    }

    /// Packs `weight` (`[out_channels][in_channels]`) and `bias` (`[out_channels]`).
    ///
    /// # Panics
    /// If the lengths are others.
    pub fn pack(
        isa: Isa,
        in_channels: usize,
        out_channels: usize,
        weight: &[f32],
        bias: &[f32],
    ) -> AlignedBuffer {
        assert_eq!(
            weight.len(),
            len([in_channels, out_channels]),
            "length of the weights"
        );
        assert_eq!(bias.len(), out_channels, "length of the bias");
        Panels::new(isa, out_channels, in_channels)
            .pack(bias, |channel, input| weight[channel * in_channels + input])
    }

    /// Length of packed weights in floats.
    pub(crate) fn packed_len(isa: Isa, in_channels: usize, out_channels: usize) -> usize {
        Panels::new(isa, out_channels, in_channels).len()
    }

    /// Computes `output` (`[rows][out_channels]`) from `input` (`[rows][in_channels]`).
    ///
    /// # Panics
    /// If a slice does not have the shape's length, or `packed` is another layer's.
    pub fn run(
        &self,
        isa: Isa,
        packed: &[f32],
        input: &[f32],
        gate: Option<Gate<'_>>,
        residual: Option<&[f32]>,
        output: &mut [f32],
    ) {
        let panels = Panels::new(isa, self.out_channels, self.in_channels);
        assert!(self.strip > 0, "a strip has pixels");
        assert_eq!(packed.len(), panels.len(), "length of the packed weights");
        assert_eq!(
            input.len(),
            len([self.rows, self.in_channels]),
            "length of the input"
        );
        assert_eq!(
            output.len(),
            len([self.rows, self.out_channels]),
            "length of the output"
        );
        if let Some(residual) = residual {
            assert_eq!(residual.len(), output.len(), "length of the residual");
        }
        if let Some(gate) = &gate {
            assert_eq!(gate.values.len(), self.in_channels, "length of the gate");
            let scratch = self.gate_scratch_len(gate.mode);
            assert!(
                gate.scratch.len() >= scratch,
                "length of the gate's scratch"
            );
        }
        isa.run(Task {
            shape: *self,
            panels,
            packed,
            input,
            gate,
            residual,
            output,
        });
    }
}

/// One call, its slices as long as the shape says.
struct Task<'a> {
    shape: Pointwise,
    panels: Panels,
    packed: &'a [f32],
    input: &'a [f32],
    gate: Option<Gate<'a>>,
    residual: Option<&'a [f32]>,
    output: &'a mut [f32],
}

impl Kernel for Task<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        // SAFETY: `Pointwise::run` has checked every length, and `Isa::run` the instruction set.
        with_epilogue!(self.shape.activation, epilogue => unsafe { strips::<S, _>(self, epilogue) });
    }
}

/// Walks strips and panels.
///
/// # Safety
/// The task's slices have the shape's lengths; the processor has the instruction set.
#[inline(always)]
unsafe fn strips<S: Simd, E: Epilogue<S>>(mut task: Task<'_>, epilogue: E) {
    let Pointwise {
        rows,
        in_channels,
        out_channels,
        strip,
        ..
    } = task.shape;
    let mut first = 0;
    while first < rows {
        let count = strip.min(rows - first);
        let input = &task.input[first * in_channels..][..count * in_channels];
        let mut source = input.as_ptr();
        if let Some(Gate {
            mode: GateMode::Input,
            values,
            scratch,
        }) = &mut task.gate
        {
            // SAFETY: the strip has `count` rows of the gate's length, and so has the scratch.
            unsafe { gate_rows::<S>(input, values, scratch) };
            source = scratch.as_ptr();
        }
        for panel in (0..task.panels.count()).map(|index| task.panels.get(index)) {
            let len = panel.vectors * S::LANES * (in_channels + 1);
            let weights = &task.packed[panel.offset..][..len];
            let mut packed = weights.as_ptr();
            if let Some(Gate {
                mode: GateMode::Weights,
                values,
                scratch,
            }) = &mut task.gate
            {
                // SAFETY: the scratch has room for the widest panel of any instruction set.
                unsafe { gate_panel::<S>(weights, values, panel.vectors, scratch) };
                packed = scratch.as_ptr();
            }
            let start = first * out_channels + panel.channel;
            let tile = Tile {
                inputs: in_channels,
                stride: out_channels,
                channels: panel.channels,
                packed,
                input: source,
                residual: task
                    .residual
                    .map_or(std::ptr::null(), |r| r[start..].as_ptr()),
                output: task.output[start..].as_mut_ptr(),
            };
            // SAFETY: the tile's pointers lie at the strip's first row, which `count` rows follow.
            unsafe { tile_rows::<S, E>(&tile, panel, count, epilogue) };
        }
        first += count;
    }
}

/// `scratch = input * gate`, row by row.
///
/// # Safety
/// `input` and `scratch` hold whole rows of the gate's length; the processor has the instruction set.
#[inline(always)]
unsafe fn gate_rows<S: Simd>(input: &[f32], gate: &[f32], scratch: &mut [f32]) {
    let channels = gate.len();
    let whole = channels - channels % S::LANES;
    for (row, scaled) in input
        .chunks_exact(channels)
        .zip(scratch.chunks_exact_mut(channels))
    {
        let mut channel = 0;
        while channel < whole {
            // SAFETY: a vector from `channel` on ends inside the row.
            unsafe {
                let factor = S::load(gate.as_ptr().add(channel));
                let value = S::mul(S::load(row.as_ptr().add(channel)), factor);
                S::store(scaled.as_mut_ptr().add(channel), value);
            }
            channel += S::LANES;
        }
        for channel in whole..channels {
            scaled[channel] = row[channel] * gate[channel];
        }
    }
}

/// `scratch = panel`, each input's weights times the gate; the bias stays.
///
/// # Safety
/// `weights` is a panel of `vectors` vectors over the gate's inputs, and `scratch` as long; the
/// processor has the instruction set.
#[inline(always)]
unsafe fn gate_panel<S: Simd>(weights: &[f32], gate: &[f32], vectors: usize, scratch: &mut [f32]) {
    let width = vectors * S::LANES;
    scratch[..width].copy_from_slice(&weights[..width]);
    let rows = weights
        .chunks_exact(width)
        .zip(scratch.chunks_exact_mut(width))
        .skip(1);
    for ((row, scaled), &factor) in rows.zip(gate) {
        for vector in 0..vectors {
            // SAFETY: the row has `vectors` vectors.
            unsafe {
                let value = S::load(row.as_ptr().add(vector * S::LANES));
                let scaled = scaled.as_mut_ptr().add(vector * S::LANES);
                S::store(scaled, S::mul(value, S::splat(factor)));
            }
        }
    }
}

/// Operands of the micro-kernel, at the first row of what is left to do.
#[derive(Clone, Copy)]
struct Tile {
    /// Input channels, and floats from one input row to the next.
    inputs: usize,
    /// Floats from one output row to the next.
    stride: usize,
    /// Output channels of the panel.
    channels: usize,
    packed: *const f32,
    input: *const f32,
    /// Null where there is none.
    residual: *const f32,
    output: *mut f32,
}

impl Tile {
    /// The same, `rows` further down; nothing may be read there where no row is left.
    #[inline(always)]
    fn skip(self, rows: usize) -> Self {
        Self {
            input: self.input.wrapping_add(rows * self.inputs),
            residual: match self.residual.is_null() {
                true => self.residual,
                false => self.residual.wrapping_add(rows * self.stride),
            },
            output: self.output.wrapping_add(rows * self.stride),
            ..self
        }
    }
}

/// Walks the rows of one panel with the register tile of its width.
///
/// # Safety
/// `rows` rows follow the tile's pointers; the processor has the instruction set.
#[inline(always)]
unsafe fn tile_rows<S: Simd, E: Epilogue<S>>(tile: &Tile, panel: Panel, rows: usize, epilogue: E) {
    // SAFETY: the caller's. The constants are `S::ROWS` and one less, which a const generic of a
    // trait's constant cannot say yet.
    unsafe {
        match (S::ROWS, panel.vectors) {
            ([16, ..], 1) => walk::<S, E, 16, 15, 1>(tile, rows, epilogue),
            ([16, ..], 2) => walk::<S, E, 12, 11, 2>(tile, rows, epilogue),
            ([16, ..], _) => walk::<S, E, 8, 7, 3>(tile, rows, epilogue),
            ([12, ..], 1) => walk::<S, E, 12, 11, 1>(tile, rows, epilogue),
            ([12, ..], _) => walk::<S, E, 6, 5, 2>(tile, rows, epilogue),
            (_, 1) => walk::<S, E, 4, 3, 1>(tile, rows, epilogue),
            (_, _) => walk::<S, E, 2, 1, 2>(tile, rows, epilogue),
        }
    }
}

/// Tiles of `R` rows, then of `L = R - 1`, so chosen that as few as possible are left for tiles of
/// one row, which wait for their own results most of the time.
///
/// # Safety
/// As for [`tile_rows`].
#[inline(always)]
unsafe fn walk<S: Simd, E: Epilogue<S>, const R: usize, const L: usize, const V: usize>(
    tile: &Tile,
    rows: usize,
    epilogue: E,
) {
    let (full, less) = split(rows, R);
    let mut tile = *tile;
    // SAFETY: `full * R + less * L <= rows`, and each step moves on by the rows it has done.
    unsafe {
        for _ in 0..full {
            micro::<S, E, R, V>(&tile, epilogue);
            tile = tile.skip(R);
        }
        for _ in 0..less {
            micro::<S, E, L, V>(&tile, epilogue);
            tile = tile.skip(L);
        }
        for _ in full * R + less * L..rows {
            micro::<S, E, 1, V>(&tile, epilogue);
            tile = tile.skip(1);
        }
    }
}

/// One tile: `R` rows by `V` vectors of output channels, over all input channels.
///
/// # Safety
/// `R` rows follow the tile's pointers, and `channels` is more than `V - 1` vectors and at most `V`;
/// the processor has the instruction set.
#[inline(always)]
unsafe fn micro<S: Simd, E: Epilogue<S>, const R: usize, const V: usize>(tile: &Tile, epilogue: E) {
    // SAFETY: the panel holds `inputs + 1` times `V` vectors, each input row `inputs` floats.
    unsafe {
        let bias: [S::V; V] = load_vectors::<S, V>(tile.packed);
        let mut sums = [bias; R];
        let mut weights = tile.packed.add(V * S::LANES);
        for input in 0..tile.inputs {
            let w: [S::V; V] = load_vectors::<S, V>(weights);
            weights = weights.add(V * S::LANES);
            unroll!(ROW < R => {
                let x = S::splat(*tile.input.add(ROW * tile.inputs + input));
                for (sum, w) in sums[ROW].iter_mut().zip(w) {
                    *sum = S::fma(x, w, *sum);
                }
            });
        }
        let tail = tile.channels - (V - 1) * S::LANES;
        unroll!(ROW < R => {
            for (vector, &sum) in sums[ROW].iter().enumerate() {
                let at = ROW * tile.stride + vector * S::LANES;
                let lanes = if vector + 1 == V { tail } else { S::LANES };
                store::<S, E>(tile, at, lanes, sum, epilogue);
            }
        });
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

/// Epilogue of the first `lanes` lanes of one vector, `at` floats from the tile's first output.
///
/// # Safety
/// Those floats are the output's; the processor has the instruction set.
#[inline(always)]
unsafe fn store<S: Simd, E: Epilogue<S>>(
    tile: &Tile,
    at: usize,
    lanes: usize,
    sum: S::V,
    epilogue: E,
) {
    // SAFETY: the caller's; the residual has the output's shape.
    unsafe {
        let mut value = epilogue.apply(sum);
        let output = tile.output.add(at);
        if lanes == S::LANES {
            if !tile.residual.is_null() {
                value = S::add(value, S::load(tile.residual.add(at)));
            }
            S::store(output, value);
        } else {
            let mask = S::mask(lanes);
            if !tile.residual.is_null() {
                value = S::add(value, S::load_masked(tile.residual.add(at), mask));
            }
            S::store_masked(output, mask, value);
        }
    }
}
