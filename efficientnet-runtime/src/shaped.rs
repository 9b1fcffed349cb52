//! The statically shaped layer that generated code calls: shapes are const generics, and each wrapper
//! inlines one call of a run-time-shaped operation of [`crate::ops`].
//!
//! A tensor is a value whose type carries its shape and which holds its arena address, so that a call
//! on the wrong shape does not compile. This module re-exports all that generated code names.

pub use crate::Activation;
pub use crate::checkpoint::Padding;
pub use crate::model::{Model, OutputShape};
pub use crate::weights::Affine::{self, Norm};
pub use crate::weights::{Layer, LoadError, Packed, Weights};
pub use crate::workspace::Workspace;

use crate::kernels::{
    Convolution, Dense, Depthwise, GateMode, Mean, Pads, Pointwise, SqueezeExcite,
};
use crate::ops;

/// A feature map in the arena: height, width, channels (NHWC).
#[derive(Clone, Copy, Debug)]
pub struct Map<const H: usize, const W: usize, const C: usize>(usize);

impl<const H: usize, const W: usize, const C: usize> Map<H, W, C> {
    /// Its values; `LEN` is `H * W * C`.
    #[inline]
    pub fn values<const LEN: usize>(self, arena: &[f32]) -> &[f32; LEN] {
        const { assert!(LEN == H * W * C, "the map has another number of values") };
        values(arena, self.0)
    }
}

/// The `LEN` floats at an address.
#[inline]
fn values<const LEN: usize>(arena: &[f32], address: usize) -> &[f32; LEN] {
    match arena[address..].first_chunk() {
        Some(values) => values,
        None => unreachable!("the plan's verifier places every buffer inside the arena"),
    }
}

/// A vector in the arena.
#[derive(Clone, Copy, Debug)]
pub struct Vector<const C: usize>(usize);

impl<const C: usize> Vector<C> {
    /// Its values.
    #[inline]
    pub fn values(self, arena: &[f32]) -> &[f32; C] {
        values(arena, self.0)
    }
}

/// A gate and how a projection applies it.
#[derive(Clone, Copy, Debug)]
pub struct Gate<const C: usize>(ops::Gate);

/// A gate multiplied into each weight panel, once per strip, in `scratch`; as [`project`] takes it.
#[inline]
pub fn gate_weights<const C: usize>(gate: Vector<C>, scratch: usize) -> Option<Gate<C>> {
    Some(Gate(ops::Gate {
        mode: GateMode::Weights,
        values: gate.0,
        scratch,
    }))
}

/// A gate multiplied into each strip of the input, in `scratch`; as [`project`] takes it.
#[inline]
pub fn gate_input<const C: usize>(gate: Vector<C>, scratch: usize) -> Option<Gate<C>> {
    Some(Gate(ops::Gate {
        mode: GateMode::Input,
        values: gate.0,
        scratch,
    }))
}

/// An activation as a type.
pub trait Act {
    /// The same as a value.
    const KIND: Activation;
}

macro_rules! activations {
    ($($name:ident = $kind:ident: $doc:literal;)*) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl Act for $name {
            const KIND: Activation = Activation::$kind;
        }
    )*};
}

activations! {
    Linear = Identity: "No activation.";
    Silu = Silu: "`x * sigmoid(x)`.";
    Relu = Relu: "`max(x, 0)`.";
    Relu6 = Relu6: "`min(max(x, 0), 6)`.";
    Sigmoid = Sigmoid: "`1 / (1 + exp(-x))`.";
}

/// A rule for the zeros around a map, as a type.
pub trait PaddingRule {
    /// The same as a value.
    const RULE: Rule;
}

/// A rule for the zeros around a map.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// `kernel / 2` on every side.
    Symmetric,
    /// TensorFlow's SAME: as many as `ceil(size / stride)` outputs need, the odd one at the end.
    Same,
    /// As given.
    Explicit(Pads),
}

/// [`Rule::Symmetric`].
#[derive(Clone, Copy, Debug)]
pub struct Symmetric;

/// [`Rule::Same`].
#[derive(Clone, Copy, Debug)]
pub struct Same;

/// [`Rule::Explicit`]: zeros above, below, to the left and to the right.
#[derive(Clone, Copy, Debug)]
pub struct ExplicitPadding<const T: usize, const B: usize, const L: usize, const R: usize>;

impl PaddingRule for Symmetric {
    const RULE: Rule = Rule::Symmetric;
}

impl PaddingRule for Same {
    const RULE: Rule = Rule::Same;
}

impl<const T: usize, const B: usize, const L: usize, const R: usize> PaddingRule
    for ExplicitPadding<T, B, L, R>
{
    const RULE: Rule = Rule::Explicit(Pads {
        top: T,
        bottom: B,
        left: L,
        right: R,
    });
}

impl Rule {
    /// ExplicitPadding around a map of `height` x `width` under a window of `kernel` and `stride`.
    const fn pads(self, height: usize, width: usize, kernel: usize, stride: usize) -> Pads {
        match self {
            Rule::Symmetric => {
                let each = kernel / 2;
                Pads {
                    top: each,
                    bottom: each,
                    left: each,
                    right: each,
                }
            }
            Rule::Same => {
                let (top, bottom) = same(height, kernel, stride);
                let (left, right) = same(width, kernel, stride);
                Pads {
                    top,
                    bottom,
                    left,
                    right,
                }
            }
            Rule::Explicit(pads) => pads,
        }
    }
}

/// ExplicitPadding before and after one axis, by TensorFlow's rule.
const fn same(size: usize, kernel: usize, stride: usize) -> (usize, usize) {
    let total = ((size.div_ceil(stride) - 1) * stride + kernel).saturating_sub(size);
    (total / 2, total - total / 2)
}

/// Fails to compile unless a window over `size` with these zeros gives `out`.
const fn check_window(size: usize, zeros: usize, kernel: usize, stride: usize, out: usize) {
    assert!(
        (size + zeros - kernel) / stride + 1 == out,
        "the window does not give this output size"
    );
}

/// Direct convolution of the network's input (the stem).
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
    Z: PaddingRule,
    A: Act,
>(
    layer: &Packed,
    arena: &mut [f32],
    image: &[f32],
    output: usize,
) -> Map<OH, OW, OC> {
    let pads = const {
        let pads = Z::RULE.pads(H, W, K, S);
        check_window(H, pads.top + pads.bottom, K, S, OH);
        check_window(W, pads.left + pads.right, K, S, OW);
        pads
    };
    let shape = Convolution {
        height: H,
        width: W,
        in_channels: C,
        out_channels: OC,
        kernel: K,
        stride: S,
        pads,
        activation: A::KIND,
    };
    ops::convolution(&shape, layer, arena, image, output);
    Map(output)
}

/// Product over all pixels, with an activation.
#[inline]
pub fn pointwise<
    const H: usize,
    const W: usize,
    const C: usize,
    const OC: usize,
    const STRIP: usize,
    A: Act,
>(
    layer: &Packed,
    arena: &mut [f32],
    x: Map<H, W, C>,
    output: usize,
) -> Map<H, W, OC> {
    let shape = Pointwise {
        rows: H * W,
        in_channels: C,
        out_channels: OC,
        activation: A::KIND,
        strip: STRIP,
    };
    ops::pointwise(&shape, layer, arena, x.0, output, None, None);
    Map(output)
}

/// Linear product over all pixels, of a gated map, onto a shortcut; both optional.
#[inline]
pub fn project<
    const H: usize,
    const W: usize,
    const C: usize,
    const OC: usize,
    const STRIP: usize,
>(
    layer: &Packed,
    arena: &mut [f32],
    x: Map<H, W, C>,
    output: usize,
    gate: Option<Gate<C>>,
    residual: Option<Map<H, W, OC>>,
) -> Map<H, W, OC> {
    let shape = Pointwise {
        rows: H * W,
        in_channels: C,
        out_channels: OC,
        activation: Activation::Identity,
        strip: STRIP,
    };
    let gate = gate.map(|gate| gate.0);
    let residual = residual.map(|map| map.0);
    ops::pointwise(&shape, layer, arena, x.0, output, gate, residual);
    Map(output)
}

/// The static shape of a depthwise kernel, checked against its output's size.
#[inline]
const fn depthwise_shape<Z: PaddingRule, A: Act>(
    (height, width, channels): (usize, usize, usize),
    (out_height, out_width): (usize, usize),
    kernel: usize,
    stride: usize,
) -> Depthwise {
    let pads = Z::RULE.pads(height, width, kernel, stride);
    check_window(height, pads.top + pads.bottom, kernel, stride, out_height);
    check_window(width, pads.left + pads.right, kernel, stride, out_width);
    Depthwise {
        height,
        width,
        channels,
        kernel,
        stride,
        pads,
        activation: A::KIND,
    }
}

/// One filter a channel.
#[inline]
pub fn depthwise<
    const H: usize,
    const W: usize,
    const C: usize,
    const OH: usize,
    const OW: usize,
    const K: usize,
    const S: usize,
    Z: PaddingRule,
    A: Act,
>(
    layer: &Packed,
    arena: &mut [f32],
    x: Map<H, W, C>,
    output: usize,
) -> Map<OH, OW, C> {
    let shape = const { depthwise_shape::<Z, A>((H, W, C), (OH, OW), K, S) };
    ops::depthwise(&shape, layer, arena, x.0, output, None);
    Map(output)
}

/// One filter a channel, and the sums over the output's pixels.
#[inline]
pub fn depthwise_sums<
    const H: usize,
    const W: usize,
    const C: usize,
    const OH: usize,
    const OW: usize,
    const K: usize,
    const S: usize,
    Z: PaddingRule,
    A: Act,
>(
    layer: &Packed,
    arena: &mut [f32],
    x: Map<H, W, C>,
    output: usize,
    sums: usize,
) -> (Map<OH, OW, C>, Vector<C>) {
    let shape = const { depthwise_shape::<Z, A>((H, W, C), (OH, OW), K, S) };
    ops::depthwise(&shape, layer, arena, x.0, output, Some(sums));
    (Map(output), Vector(sums))
}

/// Pooled sums over `PIXELS` to the gate, by way of `SQUEEZED` values in `scratch`.
#[inline]
pub fn squeeze_excite<
    const C: usize,
    const SQUEEZED: usize,
    const PIXELS: usize,
    A: Act,
    G: Act,
>(
    layer: &Packed,
    arena: &mut [f32],
    sums: Vector<C>,
    output: usize,
    scratch: usize,
) -> Vector<C> {
    let shape = SqueezeExcite {
        channels: C,
        squeezed: SQUEEZED,
        pixels: PIXELS,
        activation: A::KIND,
        gate: G::KIND,
    };
    ops::squeeze_excite(&shape, layer, arena, sums.0, output, scratch);
    Vector(output)
}

/// Mean over the pixels.
#[inline]
pub fn mean<const H: usize, const W: usize, const C: usize>(
    weights: &Weights,
    arena: &mut [f32],
    x: Map<H, W, C>,
    output: usize,
) -> Vector<C> {
    let shape = Mean {
        pixels: H * W,
        channels: C,
    };
    ops::mean(&shape, weights.isa(), arena, x.0, output);
    Vector(output)
}

/// Vector times matrix, with bias.
#[inline]
pub fn dense<const C: usize, const OC: usize>(
    layer: &Packed,
    arena: &mut [f32],
    x: Vector<C>,
    output: usize,
) -> Vector<OC> {
    let shape = Dense {
        in_channels: C,
        out_channels: OC,
        activation: Activation::Identity,
    };
    ops::dense(&shape, layer, arena, x.0, output);
    Vector(output)
}
