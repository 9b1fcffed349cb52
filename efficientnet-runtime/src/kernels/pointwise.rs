//! Pointwise convolution: a matrix product over pixels, read straight from NHWC.
//!
//! Pixels are walked in strips, whose input and output stay in L2, panels inside strips, tiles inside
//! panels.

use super::activation::Activation;
use super::isa::{Isa, Kernel};
use super::len::len;
use super::panel::{Panel, Panels};
use super::product::{Tile, walk_panel};
use super::simd::Simd;
use super::threads::{Disjoint, Share, Split, Workers};
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
    /// How threads share the call.
    pub split: Split,
}

/// Where a squeeze-excite gate is multiplied in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GateMode {
    /// Into the weights, once a call.
    Weights,
    /// Into each strip of the input.
    Input,
}

/// A squeeze-excite gate.
#[derive(Clone, Copy, Debug)]
pub struct Gate<'a> {
    /// Where it is multiplied in.
    pub mode: GateMode,
    /// Factors, one an input channel.
    pub values: &'a [f32],
}

impl Pointwise {
    /// Room that a thread needs, in floats; the same for every instruction set, so that workspaces can be
    /// laid out at compile time.
    pub const fn scratch_len(&self, gate: Option<GateMode>) -> usize {
        match gate {
            None => 0,
            Some(GateMode::Weights) => len([
                self.in_channels.saturating_add(1),
                self.out_channels.next_multiple_of(16),
            ]),
            Some(GateMode::Input) => len([
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
    #[expect(clippy::too_many_arguments, reason = "the operands of one kernel")]
    pub fn run(
        &self,
        isa: Isa,
        workers: Workers<'_>,
        packed: &[f32],
        input: &[f32],
        gate: Option<Gate<'_>>,
        residual: Option<&[f32]>,
        output: &mut [f32],
    ) {
        let panels = Panels::new(isa, self.out_channels, self.in_channels);
        assert!(self.strip > 0, "a strip has pixels");
        assert_eq!(packed.len(), panels.len(), "length of the packed weights");
        let (inputs, outputs) = (
            len([self.rows, self.in_channels]),
            len([self.rows, self.out_channels]),
        );
        assert_eq!(input.len(), inputs, "length of the input");
        assert_eq!(output.len(), outputs, "length of the output");
        if let Some(residual) = residual {
            assert_eq!(residual.len(), outputs, "length of the residual");
        }
        if let Some(gate) = &gate {
            assert_eq!(gate.values.len(), self.in_channels, "length of the gate");
        }
        let call = Call {
            shape: *self,
            panels,
            packed,
            input,
            gate,
            residual,
            output: Disjoint::new(output),
        };
        let scratch_len = self.scratch_len(gate.map(|gate| gate.mode));
        workers.run(scratch_len, |share, scratch| {
            isa.run(Part {
                call: &call,
                share,
                scratch,
            });
        });
    }
}

/// One call, its slices as long as the shape says.
struct Call<'a> {
    shape: Pointwise,
    panels: Panels,
    packed: &'a [f32],
    input: &'a [f32],
    gate: Option<Gate<'a>>,
    residual: Option<&'a [f32]>,
    output: Disjoint,
}

/// One thread's part of a call.
struct Part<'a> {
    call: &'a Call<'a>,
    share: Share,
    scratch: &'a mut [f32],
}

impl Kernel for Part<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        // SAFETY: `Pointwise::run` has checked every length, `Workers::run` the scratch, and `Isa::run` the
        // instruction set; shares are disjoint.
        unsafe { strips::<S>(self) };
    }
}

/// Walks strips and panels.
///
/// # Safety
/// The call's slices have the shape's lengths, the scratch as many floats as the shape says; the processor
/// has the instruction set.
#[inline(always)]
unsafe fn strips<S: Simd>(part: Part<'_>) {
    let Part {
        call,
        share,
        scratch,
    } = part;
    let Pointwise {
        rows,
        in_channels,
        strip,
        split,
        ..
    } = call.shape;
    let (strips, panels) = share.of_grid(split, rows.div_ceil(strip), call.panels.count());
    if strips.is_empty() || panels.is_empty() {
        return;
    }
    let mut packed = call.packed.as_ptr();
    if let Some(Gate {
        mode: GateMode::Weights,
        values,
    }) = call.gate
    {
        for panel in panels.clone().map(|index| call.panels.get(index)) {
            let len = panel.vectors * S::LANES * (in_channels + 1);
            let weights = &call.packed[panel.offset..][..len];
            // SAFETY: the scratch has room for all panels of any instruction set.
            unsafe {
                gate_panel::<S>(weights, values, panel.vectors, &mut scratch[panel.offset..])
            };
        }
        packed = scratch.as_ptr();
    }
    for first in strips.map(|index| index * strip) {
        let count = strip.min(rows - first);
        let input = &call.input[first * in_channels..][..count * in_channels];
        let mut source = input.as_ptr();
        if let Some(Gate {
            mode: GateMode::Input,
            values,
        }) = call.gate
        {
            // SAFETY: the strip has `count` rows of the gate's length, and so has the scratch.
            unsafe { gate_rows::<S>(input, values, scratch) };
            source = scratch.as_ptr();
        }
        for panel in panels.clone().map(|index| call.panels.get(index)) {
            // SAFETY: the pointers lie at the strip's first pixel, which `count` pixels follow.
            unsafe { walk_panel::<S>(tile::<S>(call, panel, packed, source, first), panel, count) };
        }
    }
}

/// The operands of one panel from pixel `first` on, whose input lies at `input`.
#[inline(always)]
fn tile<S: Simd>(
    call: &Call<'_>,
    panel: Panel,
    packed: *const f32,
    input: *const f32,
    first: usize,
) -> Tile {
    let Pointwise {
        in_channels,
        out_channels,
        activation,
        ..
    } = call.shape;
    let start = first * out_channels + panel.channel;
    Tile {
        input,
        output: call.output.at(start),
        pitch: out_channels,
        lanes: panel.channels - (panel.vectors - 1) * S::LANES,
        residual: call
            .residual
            .map_or(std::ptr::null(), |r| r[start..].as_ptr()),
        activation,
        ..Tile::of_panel::<S>(panel, in_channels, packed, call.packed.len())
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
