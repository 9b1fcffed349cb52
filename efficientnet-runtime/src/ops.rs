//! Run-time-shaped operations on tensors in an arena: what the statically shaped wrappers inline and
//! what an interpreter calls with the same plan entry, so that both agree bit for bit.
//!
//! Tensors are given by their address, in floats from the arena's start. A plan's verifier has
//! checked that the tensors of one call do not overlap and end inside the arena.
//!
//! # Panics
//! Every function here panics where that does not hold, or where the layer was packed for another
//! shape: faults of whoever made the plan, never of an image or a checkpoint.

use std::ops::Range;

use crate::kernels::{
    self, Convolution, Dense, Depthwise, GateMode, Isa, Mean, Pointwise, SqueezeExcite,
};
use crate::weights::Packed;

/// A squeeze-excite gate that a projection applies.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// Where it is multiplied in.
    pub mode: GateMode,
    /// Address of its values, one an input channel.
    pub values: usize,
    /// Address of the room for scaled weights or input.
    pub scratch: usize,
}

/// The tensors of one call, all at once.
fn tensors<const N: usize>(arena: &mut [f32], ranges: [Range<usize>; N]) -> [&mut [f32]; N] {
    match arena.get_disjoint_mut(ranges) {
        Ok(tensors) => tensors,
        Err(error) => panic!("the plan is broken: {error}"),
    }
}

fn range(address: usize, len: usize) -> Range<usize> {
    address..address + len
}

/// Direct convolution of the network's input, which lies outside the arena.
pub fn convolution(
    shape: &Convolution,
    layer: &Packed,
    arena: &mut [f32],
    image: &[f32],
    output: usize,
) {
    let len = shape.out_height() * shape.out_width() * shape.out_channels;
    shape.run(
        layer.isa(),
        layer.values(),
        image,
        &mut arena[range(output, len)],
    );
}

/// Product over all pixels; `gate` and `residual` as the kernel says.
pub fn pointwise(
    shape: &Pointwise,
    layer: &Packed,
    arena: &mut [f32],
    input: usize,
    output: usize,
    gate: Option<Gate>,
    residual: Option<usize>,
) {
    let out = shape.rows * shape.out_channels;
    let gate_ranges = gate.map_or((0..0, 0..0), |gate| {
        let scratch = shape.gate_scratch_len(gate.mode);
        (
            range(gate.values, shape.in_channels),
            range(gate.scratch, scratch),
        )
    });
    let [input, output, values, scratch, shortcut] = tensors(
        arena,
        [
            range(input, shape.rows * shape.in_channels),
            range(output, out),
            gate_ranges.0,
            gate_ranges.1,
            residual.map_or(0..0, |residual| range(residual, out)),
        ],
    );
    let gate = gate.map(|gate| kernels::Gate {
        mode: gate.mode,
        values,
        scratch,
    });
    let residual = residual.map(|_| &*shortcut);
    shape.run(layer.isa(), layer.values(), input, gate, residual, output);
}

/// One filter a channel, and sums over the output's pixels where wanted.
pub fn depthwise(
    shape: &Depthwise,
    layer: &Packed,
    arena: &mut [f32],
    input: usize,
    output: usize,
    sums: Option<usize>,
) {
    let [input, output, pooled] = tensors(
        arena,
        [
            range(input, shape.height * shape.width * shape.channels),
            range(
                output,
                shape.out_height() * shape.out_width() * shape.channels,
            ),
            sums.map_or(0..0, |sums| range(sums, shape.channels)),
        ],
    );
    shape.run(
        layer.isa(),
        layer.values(),
        input,
        output,
        sums.map(|_| pooled),
    );
}

/// Pooled sums to the gate.
pub fn squeeze_excite(
    shape: &SqueezeExcite,
    layer: &Packed,
    arena: &mut [f32],
    sums: usize,
    output: usize,
    scratch: usize,
) {
    let [sums, output, scratch] = tensors(
        arena,
        [
            range(sums, shape.channels),
            range(output, shape.channels),
            range(scratch, shape.squeezed),
        ],
    );
    shape.run(layer.isa(), layer.values(), sums, scratch, output);
}

/// Mean over the pixels.
pub fn mean(shape: &Mean, isa: Isa, arena: &mut [f32], input: usize, output: usize) {
    let [input, output] = tensors(
        arena,
        [
            range(input, shape.pixels * shape.channels),
            range(output, shape.channels),
        ],
    );
    shape.run(isa, input, output);
}

/// Vector times matrix, with bias.
pub fn dense(shape: &Dense, layer: &Packed, arena: &mut [f32], input: usize, output: usize) {
    let [input, output] = tensors(
        arena,
        [
            range(input, shape.in_channels),
            range(output, shape.out_channels),
        ],
    );
    shape.run(layer.isa(), layer.values(), input, output);
}
