//! Pointwise convolution: a matrix product over pixels, read straight from NHWC.
//!
//! Pixels are walked in strips, whose input and output stay in L2, panels inside strips, tiles inside
//! panels.

use super::activation::Activation;
use super::element::{Operand, Precision, with_element};
use super::isa::{Isa, Kernel};
use super::len::len;
use super::panel::{Panel, Panels};
use super::place::Place;
use super::product::{Tile, walk_panel};
use super::scaling::Scaled;
use super::simd::Simd;
use super::target::Target;
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
    /// Precision of the input and the weights.
    pub input: Precision,
    /// Precision of the output: f32, or the input's. Codes are not activated but clamped, and values of a product of
    /// codes are as its weights say.
    pub output: Precision,
    /// Precision of the residual: f32, or the input's.
    pub residual: Precision,
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
                self.in_channels
                    .div_ceil(self.input.channels_per_step())
                    .saturating_add(1),
                self.out_channels.next_multiple_of(16),
            ]),
            Some(GateMode::Input) => self.input.floats(len([
                if self.strip < self.rows {
                    self.strip
                } else {
                    self.rows
                },
                self.in_channels,
            ])),
        }
    }

    /// Packs `weight` (`[out_channels][in_channels]`), rounded to `precision`, and `bias` (`[out_channels]`).
    ///
    /// # Panics
    /// If the lengths are others.
    pub fn pack(
        isa: Isa,
        precision: Precision,
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
        Panels::new(isa, precision, out_channels, in_channels)
            .pack(bias, |channel, input| weight[channel * in_channels + input])
    }

    /// [`Self::pack`] for weights that are integers.
    ///
    /// # Panics
    /// If the lengths are others.
    pub fn pack_int8(
        isa: Isa,
        in_channels: usize,
        out_channels: usize,
        scaled: &Scaled<'_>,
    ) -> AlignedBuffer {
        let weights = len([in_channels, out_channels]);
        assert_eq!(scaled.weight.len(), weights, "length of the weights");
        let panels = Panels::new(isa, Precision::Int8, out_channels, in_channels);
        panels.pack_integers(scaled, |channel, input| {
            scaled.weight[channel * in_channels + input]
        })
    }

    /// Length of packed weights in floats.
    pub(crate) fn packed_len(
        isa: Isa,
        precision: Precision,
        in_channels: usize,
        out_channels: usize,
    ) -> usize {
        Panels::new(isa, precision, out_channels, in_channels).len()
    }

    /// Computes `output` (`[rows][out_channels]`) from `input` (`[rows][in_channels]`), floats, bfloat16 two to
    /// a float or codes four to a float, as the shape says.
    ///
    /// # Panics
    /// If a slice does not have the shape's length, or `packed` is another layer's; if the output's precision is
    /// neither f32 nor the input's; if there is a gate for codes.
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
        let panels = Panels::new(isa, self.input, self.out_channels, self.in_channels);
        assert!(self.strip > 0, "a strip has pixels");
        let given = [Precision::F32, self.input];
        assert!(given.contains(&self.output), "precision of the output");
        assert!(given.contains(&self.residual), "precision of the residual");
        let gated = gate.is_some() && self.input.is_int8();
        assert!(!gated, "no gate is multiplied into codes");
        assert_eq!(packed.len(), panels.len(), "length of the packed weights");
        let (inputs, outputs) = (
            self.input.floats(len([self.rows, self.in_channels])),
            len([self.rows, self.out_channels]),
        );
        assert_eq!(input.len(), inputs, "length of the input");
        let expected = self.output.floats(outputs);
        assert_eq!(output.len(), expected, "length of the output");
        if let Some(residual) = residual {
            let expected = self.residual.floats(outputs);
            assert_eq!(residual.len(), expected, "length of the residual");
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
            residual_factor: panels.second(packed),
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
    /// What codes of the residual are multiplied with.
    residual_factor: f32,
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
        unsafe { with_element!(self.call.shape.input, I => strips::<S, I>(self)) };
    }
}

/// Walks strips and panels.
///
/// # Safety
/// The call's slices have the shape's lengths, the scratch as many floats as the shape says; the processor
/// has the instruction set.
#[inline(always)]
unsafe fn strips<S: Simd, I: Operand>(part: Part<'_>) {
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
        let steps = in_channels.div_ceil(I::PRECISION.channels_per_step());
        for panel in panels.clone().map(|index| call.panels.get(index)) {
            let len = panel.vectors * S::LANES * (steps + 1);
            let weights = &call.packed[panel.offset..][..len];
            // SAFETY: the scratch has room for all panels of any instruction set.
            unsafe {
                gate_panel::<S, I>(weights, values, panel.vectors, &mut scratch[panel.offset..])
            };
        }
        packed = scratch.as_ptr();
    }
    for first in strips.map(|index| index * strip) {
        let count = strip.min(rows - first);
        let mut source = call
            .input
            .as_ptr()
            .cast::<I>()
            .wrapping_add(first * in_channels);
        if let Some(Gate {
            mode: GateMode::Input,
            values,
        }) = call.gate
        {
            let (precision, first) = (I::PRECISION, first * in_channels);
            let rows = GateRows {
                input: Place::new(precision, call.input.as_ptr().cast_mut(), first),
                gate: values,
                rows: count,
                output: Place::new(precision, scratch.as_mut_ptr(), 0),
            };
            // SAFETY: the strip has `count` rows of the gate's length, and so has the scratch.
            unsafe { I::outlined::<S, _>(rows) };
            source = scratch.as_ptr().cast::<I>();
        }
        for panel in panels.clone().map(|index| call.panels.get(index)) {
            let packed = (packed, call.packed.len());
            let target = target::<S>(call, panel, first);
            let tile = Tile::of_panel::<S>(panel, packed, (source, in_channels), target);
            // SAFETY: the pointers lie at the strip's first pixel, which `count` pixels follow.
            unsafe { walk_panel::<S, I>(tile, panel, count) };
        }
    }
}

/// Where the output of one panel goes from pixel `first` on.
#[inline(always)]
fn target<S: Simd>(call: &Call<'_>, panel: Panel, first: usize) -> Target {
    let Pointwise {
        out_channels,
        activation,
        output,
        residual,
        ..
    } = call.shape;
    let start = first * out_channels + panel.channel;
    Target {
        output: call.output.place(output, start),
        shortcut: call
            .residual
            .map(|map| Place::new(residual, map.as_ptr().cast_mut(), start)),
        shortcut_factor: call.residual_factor,
        activation: match output {
            Precision::Int8 => Activation::Identity,
            Precision::F32 | Precision::Bf16 => activation,
        },
        lanes: panel.channels - (panel.vectors - 1) * S::LANES,
        ..Target::dense::<S>(out_channels)
    }
}

/// `output = input * gate`, row by row.
struct GateRows<'a> {
    input: Place,
    gate: &'a [f32],
    rows: usize,
    output: Place,
}

impl Kernel for GateRows<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let channels = self.gate.len();
        for row in 0..self.rows {
            for channel in (0..channels).step_by(S::LANES) {
                let lanes = S::LANES.min(channels - channel);
                let at = row * channels + channel;
                let gate = self.gate[channel..].as_ptr();
                // SAFETY: whoever makes one has `rows` rows of the gate's length at both places.
                unsafe {
                    let factor = match lanes == S::LANES {
                        true => S::load(gate),
                        false => S::load_masked(gate, S::mask(lanes)),
                    };
                    let value = S::mul(self.input.further(at).load::<S>(lanes), factor);
                    self.output.further(at).store::<S>(lanes, value);
                }
            }
        }
    }
}

/// `scratch = panel`, each step's weights times their channels' gate; the bias stays.
///
/// # Safety
/// `weights` is a panel of `vectors` vectors over the gate's inputs, and `scratch` as long; the
/// processor has the instruction set.
#[inline(always)]
unsafe fn gate_panel<S: Simd, I: Operand>(
    weights: &[f32],
    gate: &[f32],
    vectors: usize,
    scratch: &mut [f32],
) {
    let width = vectors * S::LANES;
    scratch[..width].copy_from_slice(&weights[..width]);
    let rows = weights
        .chunks_exact(width)
        .zip(scratch.chunks_exact_mut(width))
        .skip(1);
    let factors = gate.chunks(I::PRECISION.channels_per_step());
    for ((row, scaled), factors) in rows.zip(factors) {
        for vector in 0..vectors {
            // SAFETY: the row has `vectors` vectors.
            unsafe {
                let value = S::load(row.as_ptr().add(vector * S::LANES));
                let scaled = scaled.as_mut_ptr().add(vector * S::LANES);
                S::store(scaled, I::scale_weights::<S>(value, factors));
            }
        }
    }
}
