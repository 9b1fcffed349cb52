//! A vector times a matrix, plus bias: the classifier, and both halves of squeeze and excite.
//!
//! Every weight is used once: the panels, packed as for a [`super::Pointwise`], stream through memory in
//! order. One row of sums would wait for its own results, so that inputs are dealt to four in turn.

use super::activation::{Activation, apply};
use super::element::{Precision, in_bf16};
use super::isa::{Isa, Kernel};
use super::panel::{Panel, Panels};
use super::pointwise::Pointwise;
use super::product::load_vectors;
use super::simd::Simd;
use super::threads::{Disjoint, Share, Split, Workers};
use crate::workspace::AlignedBuffer;

/// Static shape of a fully connected layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dense {
    /// Input length.
    pub in_channels: usize,
    /// Output length.
    pub out_channels: usize,
    /// Epilogue.
    pub activation: Activation,
    /// Precision of the weights. Integers are multiplied with an input of codes; any other input, and every output, is
    /// f32.
    pub weights: Precision,
}

impl Dense {
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
        Pointwise::pack(isa, precision, in_channels, out_channels, weight, bias)
    }

    /// Length of packed weights in floats.
    pub(crate) fn packed_len(
        isa: Isa,
        precision: Precision,
        in_channels: usize,
        out_channels: usize,
    ) -> usize {
        Pointwise::packed_len(isa, precision, in_channels, out_channels)
    }

    /// Floats of the input.
    pub const fn input_len(&self) -> usize {
        match self.weights {
            Precision::F32 | Precision::Bf16 => self.in_channels,
            Precision::Int8 => self.weights.floats(self.in_channels),
        }
    }

    /// The product as a map of one pixel.
    fn pixel(&self) -> Pointwise {
        Pointwise {
            rows: 1,
            in_channels: self.in_channels,
            out_channels: self.out_channels,
            activation: self.activation,
            strip: 1,
            split: Split::Channels,
            input: self.weights,
            output: Precision::F32,
            residual: Precision::F32,
        }
    }

    /// Computes `output` (`[out_channels]`) from `input` (`[in_channels]`). Threads share the panels.
    ///
    /// # Panics
    /// If a slice does not have the shape's length, or `packed` is another layer's.
    pub fn run(
        &self,
        isa: Isa,
        workers: Workers<'_>,
        packed: &[f32],
        input: &[f32],
        output: &mut [f32],
    ) {
        if self.weights.is_int8() {
            return self
                .pixel()
                .run(isa, workers, packed, input, None, None, output);
        }
        let panels = Panels::new(isa, self.weights, self.out_channels, self.in_channels);
        assert_eq!(packed.len(), panels.len(), "length of the packed weights");
        assert_eq!(input.len(), self.in_channels, "length of the input");
        assert_eq!(output.len(), self.out_channels, "length of the output");
        let output = Disjoint::new(output);
        workers.run(0, |share, _| {
            isa.run(Part {
                shape: self,
                panels,
                packed,
                input,
                output,
                share,
            });
        });
    }
}

/// One thread's part of a call, its slices as long as the shape says.
struct Part<'a> {
    shape: &'a Dense,
    panels: Panels,
    packed: &'a [f32],
    input: &'a [f32],
    output: Disjoint,
    share: Share,
}

impl Kernel for Part<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        // SAFETY: `Dense::run` has checked every length, and `Isa::run` the instruction set.
        unsafe { matrix::<S>(self) };
    }
}

/// Walks panels.
///
/// # Safety
/// The call's slices have the shape's lengths; the processor has the instruction set.
#[inline(always)]
unsafe fn matrix<S: Simd>(part: Part<'_>) {
    let Part {
        shape,
        panels,
        packed,
        input,
        output,
        share,
    } = part;
    for panel in share.of(panels.count()).map(|index| panels.get(index)) {
        let weights = &packed[panel.offset..];
        let output = output.at(panel.channel);
        // SAFETY: a panel's weights and outputs begin there.
        unsafe {
            match panel.vectors {
                1 => product::<S, 1>(shape, panel, weights, input, output),
                2 => product::<S, 2>(shape, panel, weights, input, output),
                _ => product::<S, 3>(shape, panel, weights, input, output),
            }
        }
    }
}

/// Sums to which the inputs are dealt in turn.
const CHAINS: usize = 4;

/// One panel of `V` vectors.
///
/// # Safety
/// `weights` and `output` hold the panel's, for all inputs; the processor has the instruction set.
#[inline(always)]
unsafe fn product<S: Simd, const V: usize>(
    shape: &Dense,
    panel: Panel,
    weights: &[f32],
    input: &[f32],
    output: *mut f32,
) {
    // SAFETY: the panel holds the bias and as many rows of `V` vectors as there are steps of inputs.
    unsafe {
        let bias: [S::V; V] = load_vectors::<S, V>(weights.as_ptr());
        let weights = weights.as_ptr().add(V * S::LANES);
        let sums = match shape.weights {
            Precision::F32 => singles::<S, V>(weights, input),
            Precision::Bf16 => in_bf16!(pairs::<S, V>(weights, input)),
            Precision::Int8 => unreachable!("integers are a pixel's"),
        };
        let tail = S::mask(panel.channels - (V - 1) * S::LANES);
        for vector in 0..V {
            let pairs = S::add(
                S::add(sums[0][vector], sums[1][vector]),
                S::add(sums[2][vector], sums[3][vector]),
            );
            let value = apply::<S>(shape.activation, S::add(bias[vector], pairs));
            let to = output.add(vector * S::LANES);
            if vector + 1 == V {
                S::store_masked(to, tail, value);
            } else {
                S::store(to, value);
            }
        }
    }
}

/// The chains of sums over f32 weights.
///
/// # Safety
/// `weights` has `V` vectors for each input; the processor has the instruction set.
#[inline(always)]
unsafe fn singles<S: Simd, const V: usize>(
    mut weights: *const f32,
    input: &[f32],
) -> [[S::V; V]; CHAINS] {
    // SAFETY: the caller's.
    unsafe {
        let mut sums = [[S::splat(0.0); V]; CHAINS];
        let (turns, rest) = input.as_chunks::<CHAINS>();
        for turn in turns {
            for (sums, &x) in sums.iter_mut().zip(turn) {
                accumulate::<S, V>(x, load_vectors::<S, V>(weights), sums);
                weights = weights.add(V * S::LANES);
            }
        }
        for &x in rest {
            accumulate::<S, V>(x, load_vectors::<S, V>(weights), &mut sums[0]);
            weights = weights.add(V * S::LANES);
        }
        sums
    }
}

/// The same sums over pairs of bfloat16, which inputs are multiplied with as f32.
///
/// # Safety
/// `weights` has `V` vectors for each pair of inputs; the processor has the instruction set.
#[cfg(feature = "bf16")]
#[inline(always)]
unsafe fn pairs<S: Simd, const V: usize>(
    mut weights: *const f32,
    input: &[f32],
) -> [[S::V; V]; CHAINS] {
    // SAFETY: the caller's.
    unsafe {
        let mut sums = [[S::splat(0.0); V]; CHAINS];
        let (turns, rest) = input.as_chunks::<CHAINS>();
        for turn in turns {
            let halves = sums.as_chunks_mut::<2>().0.iter_mut();
            for ([even, odd], x) in halves.zip(turn.as_chunks::<2>().0) {
                let both = load_vectors::<S, V>(weights);
                weights = weights.add(V * S::LANES);
                accumulate::<S, V>(x[0], map::<S, V>(both, |w| S::even(w)), even);
                accumulate::<S, V>(x[1], map::<S, V>(both, |w| S::odd(w)), odd);
            }
        }
        for x in rest.chunks(2) {
            let both = load_vectors::<S, V>(weights);
            weights = weights.add(V * S::LANES);
            accumulate::<S, V>(x[0], map::<S, V>(both, |w| S::even(w)), &mut sums[0]);
            if let Some(&x) = x.get(1) {
                accumulate::<S, V>(x, map::<S, V>(both, |w| S::odd(w)), &mut sums[0]);
            }
        }
        sums
    }
}

/// `array::map`, which would not be inlined into code of this instruction set.
#[cfg(feature = "bf16")]
#[inline(always)]
fn map<S: Simd, const V: usize>(mut vectors: [S::V; V], f: impl Fn(S::V) -> S::V) -> [S::V; V] {
    for vector in &mut vectors {
        *vector = f(*vector);
    }
    vectors
}

/// `sums += x * weights`.
///
/// # Safety
/// The processor has the instruction set.
#[inline(always)]
unsafe fn accumulate<S: Simd, const V: usize>(x: f32, weights: [S::V; V], sums: &mut [S::V; V]) {
    // SAFETY: the caller's.
    unsafe {
        for (sum, w) in sums.iter_mut().zip(weights) {
            *sum = S::fma(S::splat(x), w, *sum);
        }
    }
}
