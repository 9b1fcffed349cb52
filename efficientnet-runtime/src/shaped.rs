//! The statically shaped layer that generated code calls: shapes are const generics, and each wrapper
//! inlines one call of a run-time-shaped operation of [`crate::ops`].
//!
//! A tensor is a value whose type carries its shape and which holds its arena address, so that a call
//! on the wrong shape does not compile. This module re-exports all that generated code names.

#[cfg(feature = "int8")]
mod codes;
mod depthwise;
mod markers;

#[cfg(feature = "int8")]
pub use codes::{
    dequantize, dequantize_vector, quantize, quantize_vector, quantized_stem_convolution,
    quantized_stem_depthwise,
};
pub use depthwise::{
    depthwise, depthwise_sums, expand_depthwise, expand_depthwise_sums, stem_depthwise,
    stem_depthwise_sums,
};
pub use markers::{
    Act, Channels, ExplicitPadding, HardSigmoid, HardSwish, Linear, PaddingRule, Relu, Relu6, Rows,
    Rule, Same, Sigmoid, Silu, SplitAxis, Symmetric,
};

pub use crate::Activation;
pub use crate::checkpoint::Padding;
#[cfg(feature = "bf16")]
pub use crate::kernels::Bf16;
#[cfg(feature = "int8")]
pub use crate::kernels::Q8;
pub use crate::kernels::{Element, Precision, Threads};
pub use crate::model::{Model, OutputShape};
pub use crate::weights::Affine::{self, Norm};
pub use crate::weights::{Layer, LoadError, Packed, Weights};
pub use crate::workspace::{Arena, Workspace};

use std::marker::PhantomData;

use crate::kernels::{
    Convolution, Dense, GateMode, Mean, Pointwise, PooledPointwise, SqueezeExcite,
};
use crate::ops;

/// A feature map in the arena: height, width, channels (NHWC), of `f32`, or with a feature of that name `Bf16` or
/// (`int8`) `Q8`.
#[derive(Clone, Copy, Debug)]
pub struct Map<const H: usize, const W: usize, const C: usize, E = f32>(usize, PhantomData<E>);

impl<const H: usize, const W: usize, const C: usize, E> Map<H, W, C, E> {
    #[inline]
    const fn at(address: usize) -> Self {
        Self(address, PhantomData)
    }
}

impl<const H: usize, const W: usize, const C: usize, E: Element> Map<H, W, C, E> {
    /// Precision of its values.
    #[inline]
    const fn precision(&self) -> Precision {
        E::PRECISION
    }
}

impl<const H: usize, const W: usize, const C: usize> Map<H, W, C> {
    /// Its values; `LEN` is `H * W * C`.
    #[inline]
    pub fn values<const LEN: usize>(self, arena: &Arena) -> &[f32; LEN] {
        const { assert!(LEN == H * W * C, "the map has another number of values") };
        values(arena, self.0)
    }
}

/// The `LEN` floats at an address.
#[inline]
fn values<const LEN: usize>(arena: &Arena, address: usize) -> &[f32; LEN] {
    match arena.tensors()[address..].first_chunk() {
        Some(values) => values,
        None => unreachable!("the plan's verifier places every buffer inside the arena"),
    }
}

/// A vector in the arena.
#[derive(Clone, Copy, Debug)]
pub struct Vector<const C: usize, E = f32>(usize, PhantomData<E>);

impl<const C: usize, E> Vector<C, E> {
    #[inline]
    const fn at(address: usize) -> Self {
        Self(address, PhantomData)
    }
}

impl<const C: usize> Vector<C> {
    /// Its values.
    #[inline]
    pub fn values(self, arena: &Arena) -> &[f32; C] {
        values(arena, self.0)
    }
}

/// Sums over the pixels of each strip of a map in the arena: as many rows of `C` as there are strips.
#[derive(Clone, Copy, Debug)]
pub struct Sums<const C: usize> {
    address: usize,
    strips: usize,
}

/// Values that are pooled already are sums of one strip.
impl<const C: usize> From<Vector<C>> for Sums<C> {
    #[inline]
    fn from(values: Vector<C>) -> Self {
        Self {
            address: values.0,
            strips: 1,
        }
    }
}

/// A gate and how a projection applies it.
#[derive(Clone, Copy, Debug)]
pub struct Gate<const C: usize>(ops::Gate);

/// A gate multiplied into all weights, once per call; as [`project`] takes it.
#[inline]
pub fn gate_weights<const C: usize>(gate: Vector<C>) -> Option<Gate<C>> {
    Some(Gate(ops::Gate {
        mode: GateMode::Weights,
        values: gate.0,
    }))
}

/// A gate multiplied into each strip of the input; as [`project`] takes it.
#[inline]
pub fn gate_input<const C: usize>(gate: Vector<C>) -> Option<Gate<C>> {
    Some(Gate(ops::Gate {
        mode: GateMode::Input,
        values: gate.0,
    }))
}

/// A map that a projection adds, of either precision.
#[derive(Clone, Copy, Debug)]
pub struct Shortcut<const H: usize, const W: usize, const C: usize> {
    address: usize,
    precision: Precision,
}

/// A map to be added; as [`project`] takes it.
#[inline]
pub fn shortcut<const H: usize, const W: usize, const C: usize, E: Element>(
    map: Map<H, W, C, E>,
) -> Option<Shortcut<H, W, C>> {
    Some(Shortcut {
        address: map.0,
        precision: E::PRECISION,
    })
}

/// Fails to compile unless a window over `size` with these zeros gives `out`.
const fn check_window(size: usize, zeros: usize, kernel: usize, stride: usize, out: usize) {
    assert!(
        (size + zeros - kernel) / stride + 1 == out,
        "the window does not give this output size"
    );
}

/// The shape of a direct convolution, whose output is `OH` times `OW`.
const fn convolution_shape<
    const H: usize,
    const W: usize,
    const C: usize,
    const OH: usize,
    const OW: usize,
    const OC: usize,
    const K: usize,
    const S: usize,
    const STRIP: usize,
    P: SplitAxis,
    Z: PaddingRule,
    A: Act,
    E: Element,
>() -> Convolution {
    let pads = Z::RULE.pads(H, W, K, S);
    check_window(H, pads.top + pads.bottom, K, S, OH);
    check_window(W, pads.left + pads.right, K, S, OW);
    Convolution {
        height: H,
        width: W,
        in_channels: C,
        out_channels: OC,
        kernel: K,
        stride: S,
        pads,
        activation: A::KIND,
        strip: STRIP,
        split: P::SPLIT,
        precision: E::PRECISION,
    }
}

/// Direct convolution of the network's input.
#[inline]
pub fn stem_convolution<
    const H: usize,
    const W: usize,
    const C: usize,
    const OH: usize,
    const OW: usize,
    const OC: usize,
    const K: usize,
    const S: usize,
    const STRIP: usize,
    P: SplitAxis,
    Z: PaddingRule,
    A: Act,
>(
    layer: &Packed,
    arena: &mut Arena,
    image: &[f32],
    output: usize,
) -> Map<OH, OW, OC> {
    let shape = const { convolution_shape::<H, W, C, OH, OW, OC, K, S, STRIP, P, Z, A, f32>() };
    ops::stem(&shape, layer, arena, image, output);
    Map::at(output)
}

/// Direct convolution of an inner map, with an activation, onto a shortcut, which is optional.
#[inline]
pub fn convolution<
    const H: usize,
    const W: usize,
    const C: usize,
    const OH: usize,
    const OW: usize,
    const OC: usize,
    const K: usize,
    const S: usize,
    const STRIP: usize,
    P: SplitAxis,
    Z: PaddingRule,
    A: Act,
>(
    layer: &Packed,
    arena: &mut Arena,
    x: Map<H, W, C>,
    output: usize,
    residual: Option<Map<OH, OW, OC>>,
) -> Map<OH, OW, OC> {
    let shape = const { convolution_shape::<H, W, C, OH, OW, OC, K, S, STRIP, P, Z, A, f32>() };
    let residual = residual.map(|map| map.0);
    ops::convolution(&shape, layer, arena, x.0, output, residual);
    Map::at(output)
}

/// Product over all pixels, with an activation; gives elements `E`.
#[inline]
pub fn pointwise<
    const H: usize,
    const W: usize,
    const C: usize,
    const OC: usize,
    const STRIP: usize,
    P: SplitAxis,
    A: Act,
    E: Element,
>(
    layer: &Packed,
    arena: &mut Arena,
    x: Map<H, W, C, impl Element>,
    output: usize,
) -> Map<H, W, OC, E> {
    let shape = Pointwise {
        rows: H * W,
        in_channels: C,
        out_channels: OC,
        activation: A::KIND,
        strip: STRIP,
        split: P::SPLIT,
        input: x.precision(),
        output: E::PRECISION,
        residual: E::PRECISION,
    };
    ops::pointwise(&shape, layer, arena, x.0, output, None, None);
    Map::at(output)
}

/// Linear product over all pixels, of a gated map, onto a shortcut; both optional. Gives elements `E`.
#[inline]
pub fn project<
    const H: usize,
    const W: usize,
    const C: usize,
    const OC: usize,
    const STRIP: usize,
    P: SplitAxis,
    E: Element,
>(
    layer: &Packed,
    arena: &mut Arena,
    x: Map<H, W, C, impl Element>,
    output: usize,
    gate: Option<Gate<C>>,
    residual: Option<Shortcut<H, W, OC>>,
) -> Map<H, W, OC, E> {
    let shape = Pointwise {
        rows: H * W,
        in_channels: C,
        out_channels: OC,
        activation: Activation::Identity,
        strip: STRIP,
        split: P::SPLIT,
        input: x.precision(),
        output: E::PRECISION,
        residual: residual.map_or(E::PRECISION, |shortcut| shortcut.precision),
    };
    let gate = gate.map(|gate| gate.0);
    let residual = residual.map(|shortcut| shortcut.address);
    ops::pointwise(&shape, layer, arena, x.0, output, gate, residual);
    Map::at(output)
}

/// Product over all pixels, with an activation, averaged over the pixels; gives elements `E`: `Q8` of such, else `f32`.
#[inline]
pub fn pooled_pointwise<
    const H: usize,
    const W: usize,
    const C: usize,
    const OC: usize,
    A: Act,
    E: Element,
>(
    layer: &Packed,
    arena: &mut Arena,
    x: Map<H, W, C, impl Element>,
    output: usize,
) -> Vector<OC, E> {
    let shape = PooledPointwise {
        rows: H * W,
        in_channels: C,
        out_channels: OC,
        activation: A::KIND,
        input: x.precision(),
    };
    ops::pooled_pointwise(&shape, layer, arena, x.0, output);
    Vector::at(output)
}

/// Pooled sums over `PIXELS` to the gate, by way of `SQUEEZED` values.
#[inline]
pub fn squeeze_excite<
    const C: usize,
    const SQUEEZED: usize,
    const PIXELS: usize,
    A: Act,
    G: Act,
>(
    layer: &Packed,
    arena: &mut Arena,
    sums: impl Into<Sums<C>>,
    output: usize,
) -> Vector<C> {
    let Sums { address, strips } = sums.into();
    let shape = SqueezeExcite {
        channels: C,
        squeezed: SQUEEZED,
        pixels: PIXELS,
        strips,
        activation: A::KIND,
        gate: G::KIND,
        weights: layer.precision(),
    };
    ops::squeeze_excite(&shape, layer, arena, address, output);
    Vector::at(output)
}

/// Mean over the pixels.
#[inline]
pub fn mean<const H: usize, const W: usize, const C: usize>(
    weights: &Weights,
    arena: &mut Arena,
    x: Map<H, W, C>,
    output: usize,
) -> Vector<C> {
    let shape = Mean {
        pixels: H * W,
        channels: C,
    };
    ops::mean(&shape, weights.isa(), arena, x.0, output);
    Vector::at(output)
}

/// Vector times matrix, with bias and an activation.
#[inline]
pub fn dense<const C: usize, const OC: usize, A: Act>(
    layer: &Packed,
    arena: &mut Arena,
    x: Vector<C, impl Element>,
    output: usize,
) -> Vector<OC> {
    let shape = Dense {
        in_channels: C,
        out_channels: OC,
        activation: A::KIND,
        weights: layer.precision(),
    };
    ops::dense(&shape, layer, arena, x.0, output);
    Vector::at(output)
}

/// The map as floats.
#[cfg(feature = "bf16")]
#[inline]
pub fn widen<const H: usize, const W: usize, const C: usize>(
    weights: &Weights,
    arena: &mut Arena,
    x: Map<H, W, C, Bf16>,
    output: usize,
) -> Map<H, W, C> {
    let shape = crate::kernels::Widen { values: H * W * C };
    ops::widen(&shape, weights.isa(), arena, x.0, output);
    Map::at(output)
}
