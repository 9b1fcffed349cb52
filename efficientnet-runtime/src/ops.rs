//! Run-time-shaped operations on tensors in an arena: what the statically shaped wrappers inline and
//! what an interpreter calls with the same plan entry, so that both agree bit for bit.
//!
//! Tensors are given by their address, in floats from the arena's start; those of bfloat16 take half as many, those of
//! codes a quarter. A plan's verifier has checked that the tensors of one call do not overlap and end inside the arena, and that the arena has room
//! for what kernels need beside them.
//!
//! # Panics
//! Every function here panics where that does not hold, or where the layer was packed for another
//! shape: faults of whoever made the plan, never of an image or a checkpoint.

use std::ops::Range;

use crate::kernels::{
    self, Convolution, Dense, DepthFirst, Depthwise, Dequantize, GateMode, Isa, Mean, Pointwise,
    PooledPointwise, Precision, Quantize, SqueezeExcite, Widen, Workers,
};
use crate::weights::Packed;
use crate::workspace::Arena;

/// A squeeze-excite gate that a projection applies.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// Where it is multiplied in.
    pub mode: GateMode,
    /// Address of its values, one an input channel.
    pub values: usize,
}

/// The tensors of one call, all at once, and who computes it.
fn tensors<const N: usize>(
    arena: &mut Arena,
    ranges: [Range<usize>; N],
) -> ([&mut [f32]; N], Workers<'_>) {
    let (tensors, workers) = arena.parts();
    match tensors.get_disjoint_mut(ranges) {
        Ok(tensors) => (tensors, workers),
        Err(error) => panic!("the plan is broken: {error}"),
    }
}

fn range(address: usize, len: usize) -> Range<usize> {
    address..address + len
}

/// Where a tensor is that a call may have or not.
fn optional(address: Option<usize>, len: usize) -> Range<usize> {
    address.map_or(0..0, |address| range(address, len))
}

/// Direct convolution of the network's input, which lies outside the arena.
pub fn stem(shape: &Convolution, layer: &Packed, arena: &mut Arena, image: &[f32], output: usize) {
    let len = shape.out_height() * shape.out_width() * shape.out_channels;
    let ([output], workers) = tensors(arena, [range(output, len)]);
    let packed = layer.values();
    shape.run(layer.isa(), workers, packed, image, None, output);
}

/// Direct convolution of an inner map; `residual` as the kernel says.
pub fn convolution(
    shape: &Convolution,
    layer: &Packed,
    arena: &mut Arena,
    input: usize,
    output: usize,
    residual: Option<usize>,
) {
    let out = shape.out_height() * shape.out_width() * shape.out_channels;
    // The shortcut of a sub-block that is a convolution alone is what the convolution reads.
    let other = residual.filter(|&residual| residual != input);
    let ([input, output, shortcut], workers) = tensors(
        arena,
        [
            range(input, shape.input_len()),
            range(output, shape.precision.floats(out)),
            optional(other, out),
        ],
    );
    let residual = residual.map(|_| match other {
        Some(_) => &*shortcut,
        None => &*input,
    });
    let packed = layer.values();
    shape.run(layer.isa(), workers, packed, input, residual, output);
}

/// Product over all pixels; `gate` and `residual` as the kernel says.
pub fn pointwise(
    shape: &Pointwise,
    layer: &Packed,
    arena: &mut Arena,
    input: usize,
    output: usize,
    gate: Option<Gate>,
    residual: Option<usize>,
) {
    let out = shape.rows * shape.out_channels;
    let ([input, output, values, shortcut], workers) = tensors(
        arena,
        [
            range(input, shape.input.floats(shape.rows * shape.in_channels)),
            range(output, shape.output.floats(out)),
            optional(gate.map(|gate| gate.values), shape.in_channels),
            optional(residual, shape.residual.floats(out)),
        ],
    );
    let mode = |gate: Gate| gate.mode;
    let gate = gate.map(mode).map(|mode| kernels::Gate { mode, values });
    let residual = residual.map(|_| &*shortcut);
    let (isa, packed) = (layer.isa(), layer.values());
    shape.run(isa, workers, packed, input, gate, residual, output);
}

/// Product over all pixels, averaged over them.
pub fn pooled_pointwise(
    shape: &PooledPointwise,
    layer: &Packed,
    arena: &mut Arena,
    input: usize,
    output: usize,
) {
    let ([input, output], workers) = tensors(
        arena,
        [
            range(input, shape.input.floats(shape.rows * shape.in_channels)),
            range(output, shape.output().floats(shape.out_channels)),
        ],
    );
    shape.run(layer.isa(), workers, layer.values(), input, output);
}

/// One filter a channel, and sums over the pixels of each strip of the output where wanted.
pub fn depthwise(
    shape: &Depthwise,
    layer: &Packed,
    arena: &mut Arena,
    input: usize,
    output: usize,
    sums: Option<usize>,
) {
    let ([input, output, pooled], workers) = tensors(
        arena,
        [
            range(input, shape.input_len()),
            range(output, depthwise_len(shape)),
            optional(sums, shape.strips() * shape.channels),
        ],
    );
    let sums = sums.map(|_| pooled);
    shape.run(layer.isa(), workers, layer.values(), input, output, sums);
}

fn depthwise_len(shape: &Depthwise) -> usize {
    let values = shape.out_height() * shape.out_width() * shape.channels;
    shape.output.floats(values)
}

/// [`depthwise`] of a map that a producer makes from the tensor at `input`.
pub fn expand_depthwise(
    shape: &DepthFirst,
    layers: [&Packed; 2],
    arena: &mut Arena,
    input: usize,
    output: usize,
    sums: Option<usize>,
) {
    let depthwise = &shape.depthwise;
    let ([input, output, pooled], workers) = tensors(
        arena,
        [
            range(input, shape.input_len()),
            range(output, depthwise_len(depthwise)),
            optional(sums, depthwise.strips() * depthwise.channels),
        ],
    );
    let packed = layers.map(Packed::values);
    let sums = sums.map(|_| pooled);
    shape.run(layers[0].isa(), workers, packed, input, output, sums);
}

/// [`depthwise`] of a map that a convolution makes from the network's input, which lies outside the arena.
pub fn stem_depthwise(
    shape: &DepthFirst,
    layers: [&Packed; 2],
    arena: &mut Arena,
    image: &[f32],
    output: usize,
    sums: Option<usize>,
) {
    let depthwise = &shape.depthwise;
    let ([output, pooled], workers) = tensors(
        arena,
        [
            range(output, depthwise_len(depthwise)),
            optional(sums, depthwise.strips() * depthwise.channels),
        ],
    );
    let packed = layers.map(Packed::values);
    let sums = sums.map(|_| pooled);
    shape.run(layers[0].isa(), workers, packed, image, output, sums);
}

/// Pooled sums to the gate.
pub fn squeeze_excite(
    shape: &SqueezeExcite,
    layer: &Packed,
    arena: &mut Arena,
    sums: usize,
    output: usize,
) {
    let ([sums, output], workers) = tensors(
        arena,
        [
            range(sums, shape.strips * shape.channels),
            range(output, shape.channels),
        ],
    );
    shape.run(layer.isa(), workers, layer.values(), sums, output);
}

/// Mean over the pixels.
pub fn mean(shape: &Mean, isa: Isa, arena: &mut Arena, input: usize, output: usize) {
    let ([input, output], workers) = tensors(
        arena,
        [
            range(input, shape.pixels * shape.channels),
            range(output, shape.channels),
        ],
    );
    shape.run(isa, workers, input, output);
}

/// Vector times matrix, with bias.
pub fn dense(shape: &Dense, layer: &Packed, arena: &mut Arena, input: usize, output: usize) {
    let ([input, output], workers) = tensors(
        arena,
        [
            range(input, shape.input_len()),
            range(output, shape.out_channels),
        ],
    );
    shape.run(layer.isa(), workers, layer.values(), input, output);
}

/// The network's input, which lies outside the arena, as codes.
pub fn quantize_image(
    shape: &Quantize,
    layer: &Packed,
    arena: &mut Arena,
    image: &[f32],
    output: usize,
) {
    let len = Precision::Int8.floats(shape.pixels * shape.stored);
    let ([output], workers) = tensors(arena, [range(output, len)]);
    shape.run(layer.isa(), workers, layer.values(), image, output);
}

/// A map as codes.
pub fn quantize(shape: &Quantize, layer: &Packed, arena: &mut Arena, input: usize, output: usize) {
    let len = Precision::Int8.floats(shape.pixels * shape.stored);
    let inputs = shape.pixels * shape.channels;
    let ([input, output], workers) = tensors(arena, [range(input, inputs), range(output, len)]);
    shape.run(layer.isa(), workers, layer.values(), input, output);
}

/// A map of codes as floats.
pub fn dequantize(
    shape: &Dequantize,
    layer: &Packed,
    arena: &mut Arena,
    input: usize,
    output: usize,
) {
    let len = Precision::Int8.floats(shape.values);
    let ([input, output], workers) =
        tensors(arena, [range(input, len), range(output, shape.values)]);
    shape.run(layer.isa(), workers, layer.values(), input, output);
}

/// A map of bfloat16 as floats.
pub fn widen(shape: &Widen, isa: Isa, arena: &mut Arena, input: usize, output: usize) {
    let ([input, output], workers) = tensors(
        arena,
        [
            range(input, Precision::Bf16.floats(shape.values)),
            range(output, shape.values),
        ],
    );
    shape.run(isa, workers, input, output);
}
