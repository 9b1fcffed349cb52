//! Depthwise convolutions, of stored maps and of maps that are made strip by strip.

use super::{Act, Arena, Element, Map, Packed, PaddingRule, SplitAxis, Sums, check_window};
use crate::kernels::{DepthFirst, Depthwise, Producer};
use crate::ops;

/// Rows, columns and channels.
type Extents = (usize, usize, usize);

/// A window's kernel and stride.
type Square = (usize, usize);

/// The static shape of a depthwise kernel, checked against its output's size.
#[inline]
pub(super) const fn depthwise_shape<P: SplitAxis, Z: PaddingRule, A: Act, O: Element>(
    (height, width, channels): Extents,
    (out_height, out_width): (usize, usize),
    (kernel, stride): Square,
    strip: usize,
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
        strip,
        split: P::SPLIT,
        output: O::PRECISION,
    }
}

/// The stem as a producer, checked against the size of the map that it makes.
#[inline]
pub(super) const fn stem<Z: PaddingRule, A: Act, I: Element>(
    (height, width, in_channels): Extents,
    (out_height, out_width): (usize, usize),
    (kernel, stride): Square,
) -> Producer {
    let pads = Z::RULE.pads(height, width, kernel, stride);
    check_window(height, pads.top + pads.bottom, kernel, stride, out_height);
    check_window(width, pads.left + pads.right, kernel, stride, out_width);
    Producer::Convolution {
        height,
        width,
        in_channels,
        kernel,
        stride,
        pads,
        activation: A::KIND,
        input: I::PRECISION,
    }
}

/// Both results of a kernel that sums.
#[inline]
fn with_sums<const H: usize, const W: usize, const C: usize, O>(
    shape: &Depthwise,
    output: usize,
    sums: usize,
) -> (Map<H, W, C, O>, Sums<C>) {
    let sums = Sums {
        address: sums,
        strips: shape.strips(),
    };
    (Map::at(output), sums)
}

/// One filter a channel; gives elements `O`.
#[inline]
pub fn depthwise<
    const H: usize,
    const W: usize,
    const C: usize,
    const OH: usize,
    const OW: usize,
    const K: usize,
    const S: usize,
    const STRIP: usize,
    P: SplitAxis,
    Z: PaddingRule,
    A: Act,
    O: Element,
>(
    layer: &Packed,
    arena: &mut Arena,
    x: Map<H, W, C, impl Element>,
    output: usize,
) -> Map<OH, OW, C, O> {
    let shape = const { depthwise_shape::<P, Z, A, O>((H, W, C), (OH, OW), (K, S), STRIP) };
    ops::depthwise(&shape, layer, arena, x.0, output, None);
    Map::at(output)
}

/// One filter a channel, and the sums over the pixels of each strip of the output.
#[inline]
pub fn depthwise_sums<
    const H: usize,
    const W: usize,
    const C: usize,
    const OH: usize,
    const OW: usize,
    const K: usize,
    const S: usize,
    const STRIP: usize,
    P: SplitAxis,
    Z: PaddingRule,
    A: Act,
    O: Element,
>(
    layer: &Packed,
    arena: &mut Arena,
    x: Map<H, W, C>,
    output: usize,
    sums: usize,
) -> (Map<OH, OW, C, O>, Sums<C>) {
    let shape = const { depthwise_shape::<P, Z, A, O>((H, W, C), (OH, OW), (K, S), STRIP) };
    ops::depthwise(&shape, layer, arena, x.0, output, Some(sums));
    with_sums(&shape, output, sums)
}

/// [`depthwise`] of the map of `EC` channels that a product over all pixels, with activation `E`, makes of
/// `x`; the map itself is never stored.
#[inline]
pub fn expand_depthwise<
    const H: usize,
    const W: usize,
    const C: usize,
    const EC: usize,
    const OH: usize,
    const OW: usize,
    const K: usize,
    const S: usize,
    const STRIP: usize,
    P: SplitAxis,
    Z: PaddingRule,
    E: Act,
    A: Act,
    O: Element,
>(
    expand: &Packed,
    layer: &Packed,
    arena: &mut Arena,
    x: Map<H, W, C, impl Element>,
    output: usize,
) -> Map<OH, OW, EC, O> {
    let shape = DepthFirst {
        producer: Producer::Pointwise {
            in_channels: C,
            activation: E::KIND,
            input: x.precision(),
        },
        depthwise: const { depthwise_shape::<P, Z, A, O>((H, W, EC), (OH, OW), (K, S), STRIP) },
    };
    ops::expand_depthwise(&shape, [expand, layer], arena, x.0, output, None);
    Map::at(output)
}

/// [`depthwise_sums`] of the map of `EC` channels that a product over all pixels, with activation `E`, makes
/// of `x`; the map itself is never stored.
#[inline]
pub fn expand_depthwise_sums<
    const H: usize,
    const W: usize,
    const C: usize,
    const EC: usize,
    const OH: usize,
    const OW: usize,
    const K: usize,
    const S: usize,
    const STRIP: usize,
    P: SplitAxis,
    Z: PaddingRule,
    E: Act,
    A: Act,
    O: Element,
>(
    expand: &Packed,
    layer: &Packed,
    arena: &mut Arena,
    x: Map<H, W, C, impl Element>,
    output: usize,
    sums: usize,
) -> (Map<OH, OW, EC, O>, Sums<EC>) {
    let shape = DepthFirst {
        producer: Producer::Pointwise {
            in_channels: C,
            activation: E::KIND,
            input: x.precision(),
        },
        depthwise: const { depthwise_shape::<P, Z, A, O>((H, W, EC), (OH, OW), (K, S), STRIP) },
    };
    ops::expand_depthwise(&shape, [expand, layer], arena, x.0, output, Some(sums));
    with_sums(&shape.depthwise, output, sums)
}

/// [`depthwise`] of the map that the stem, a convolution with kernel `EK`, stride `ES`, zeros `EZ` and
/// activation `E`, makes of the network's input; the map itself is never stored.
#[inline]
pub fn stem_depthwise<
    const H: usize,
    const W: usize,
    const C: usize,
    const EH: usize,
    const EW: usize,
    const EC: usize,
    const EK: usize,
    const ES: usize,
    const OH: usize,
    const OW: usize,
    const K: usize,
    const S: usize,
    const STRIP: usize,
    P: SplitAxis,
    EZ: PaddingRule,
    Z: PaddingRule,
    E: Act,
    A: Act,
    O: Element,
>(
    first: &Packed,
    layer: &Packed,
    arena: &mut Arena,
    image: &[f32],
    output: usize,
) -> Map<OH, OW, EC, O> {
    let shape = const {
        DepthFirst {
            producer: stem::<EZ, E, f32>((H, W, C), (EH, EW), (EK, ES)),
            depthwise: depthwise_shape::<P, Z, A, O>((EH, EW, EC), (OH, OW), (K, S), STRIP),
        }
    };
    ops::stem_depthwise(&shape, [first, layer], arena, image, output, None);
    Map::at(output)
}

/// [`depthwise_sums`] of the map that the stem, a convolution with kernel `EK`, stride `ES`, zeros `EZ` and
/// activation `E`, makes of the network's input; the map itself is never stored.
#[inline]
pub fn stem_depthwise_sums<
    const H: usize,
    const W: usize,
    const C: usize,
    const EH: usize,
    const EW: usize,
    const EC: usize,
    const EK: usize,
    const ES: usize,
    const OH: usize,
    const OW: usize,
    const K: usize,
    const S: usize,
    const STRIP: usize,
    P: SplitAxis,
    EZ: PaddingRule,
    Z: PaddingRule,
    E: Act,
    A: Act,
    O: Element,
>(
    first: &Packed,
    layer: &Packed,
    arena: &mut Arena,
    image: &[f32],
    output: usize,
    sums: usize,
) -> (Map<OH, OW, EC, O>, Sums<EC>) {
    let shape = const {
        DepthFirst {
            producer: stem::<EZ, E, f32>((H, W, C), (EH, EW), (EK, ES)),
            depthwise: depthwise_shape::<P, Z, A, O>((EH, EW, EC), (OH, OW), (K, S), STRIP),
        }
    };
    ops::stem_depthwise(&shape, [first, layer], arena, image, output, Some(sums));
    with_sums(&shape.depthwise, output, sums)
}
