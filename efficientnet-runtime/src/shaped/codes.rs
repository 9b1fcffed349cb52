//! Codes of 8 bits: from floats, to floats, and the stem, whose input they are.

use super::depthwise::{depthwise_shape, stem};
use super::{
    Act, Arena, Element, Map, Packed, PaddingRule, Q8, SplitAxis, Vector, convolution_shape,
};
use crate::kernels::{DepthFirst, Dequantize, Quantize};
use crate::ops;

/// The network's input as codes; `STORED` are its channels as they are stored.
#[inline]
pub fn quantize<const H: usize, const W: usize, const C: usize, const STORED: usize>(
    layer: &Packed,
    arena: &mut Arena,
    image: &[f32],
    output: usize,
) -> Map<H, W, STORED, Q8> {
    let shape = Quantize {
        pixels: H * W,
        channels: C,
        stored: STORED,
    };
    ops::quantize_image(&shape, layer, arena, image, output);
    Map::at(output)
}

/// A vector as codes.
#[inline]
pub fn quantize_vector<const C: usize>(
    layer: &Packed,
    arena: &mut Arena,
    x: Vector<C>,
    output: usize,
) -> Vector<C, Q8> {
    let shape = Quantize {
        pixels: 1,
        channels: C,
        stored: C,
    };
    ops::quantize(&shape, layer, arena, x.0, output);
    Vector::at(output)
}

/// A map of codes as floats.
#[inline]
pub fn dequantize<const H: usize, const W: usize, const C: usize>(
    layer: &Packed,
    arena: &mut Arena,
    x: Map<H, W, C, Q8>,
    output: usize,
) -> Map<H, W, C> {
    let shape = Dequantize { values: H * W * C };
    ops::dequantize(&shape, layer, arena, x.0, output);
    Map::at(output)
}

/// A vector of codes as floats.
#[inline]
pub fn dequantize_vector<const C: usize>(
    layer: &Packed,
    arena: &mut Arena,
    x: Vector<C, Q8>,
    output: usize,
) -> Vector<C> {
    ops::dequantize(&Dequantize { values: C }, layer, arena, x.0, output);
    Vector::at(output)
}

/// Direct convolution of the network's input as codes, of whose `STORED` channels `C` are its own; gives elements `O`.
#[inline]
pub fn quantized_stem_convolution<
    const H: usize,
    const W: usize,
    const C: usize,
    const STORED: usize,
    const OH: usize,
    const OW: usize,
    const OC: usize,
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
    x: Map<H, W, STORED, Q8>,
    output: usize,
) -> Map<OH, OW, OC, O> {
    let shape = const { convolution_shape::<H, W, C, OH, OW, OC, K, S, STRIP, P, Z, A, O>() };
    ops::convolution(&shape, layer, arena, x.0, output, None);
    Map::at(output)
}

/// A depthwise convolution of the map that the stem, a convolution with kernel `EK`, stride `ES`, zeros `EZ` and
/// activation `E`, makes of the network's input as codes; the map itself is never stored.
#[inline]
pub fn quantized_stem_depthwise<
    const H: usize,
    const W: usize,
    const C: usize,
    const STORED: usize,
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
    x: Map<H, W, STORED, Q8>,
    output: usize,
) -> Map<OH, OW, EC, O> {
    let shape = const {
        DepthFirst {
            producer: stem::<EZ, E, Q8>((H, W, C), (EH, EW), (EK, ES)),
            depthwise: depthwise_shape::<P, Z, A, O>((EH, EW, EC), (OH, OW), (K, S), STRIP),
        }
    };
    ops::expand_depthwise(&shape, [first, layer], arena, x.0, output, None);
    Map::at(output)
}
