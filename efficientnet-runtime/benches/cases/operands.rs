//! What cases compute with, and how much.

use efficientnet_runtime::kernels::{
    Convolution, Dense, DepthFirst, Depthwise, Gate, Isa, Pointwise, Precision, Producer,
    SqueezeExcite, Workers,
};
use efficientnet_runtime::workspace::{AlignedBuffer, zeros};

use super::Shape;

/// A kernel on operands of its own, which computes once each time it is called.
pub(crate) type Call = Box<dyn FnMut()>;

impl Shape {
    /// Multiply-accumulates of the layers, not counting what a kernel makes twice.
    pub(crate) fn macs(&self) -> usize {
        match self {
            Self::Convolution(shape) => windows(shape),
            Self::Pointwise(shape, _) => shape.rows * shape.in_channels * shape.out_channels,
            Self::PooledPointwise(shape) => shape.rows * shape.in_channels * shape.out_channels,
            Self::Depthwise(shape) => filters(shape),
            Self::StemDepthwise(stem, shape) => windows(stem) + filters(shape),
            Self::ExpandDepthwise(expansion, shape) => {
                expansion.rows * expansion.in_channels * expansion.out_channels + filters(shape)
            }
            Self::SqueezeExcite(shape) => 2 * shape.channels * shape.squeezed,
            Self::Dense(shape) => shape.in_channels * shape.out_channels,
        }
    }

    /// Packs weights, and makes an input and room for the output.
    pub(crate) fn call(&self, isa: Isa) -> Call {
        match *self {
            Self::Convolution(shape) => {
                let packed = pack_convolution(isa, &shape);
                let output = shape.out_height() * shape.out_width() * shape.out_channels;
                let lens = [image(&shape), output, 0];
                call(lens, move |input, output, workers| {
                    shape.run(isa, workers, &packed, input, None, output);
                })
            }
            Self::Pointwise(shape, mode) => {
                let Pointwise {
                    rows,
                    in_channels,
                    out_channels,
                    ..
                } = shape;
                let packed = pack_dense(isa, in_channels, out_channels);
                let gate = values(in_channels, 1);
                let lens = [
                    rows * in_channels,
                    rows * out_channels,
                    shape.scratch_len(mode),
                ];
                call(lens, move |input, output, workers| {
                    let gate = mode.map(|mode| Gate {
                        mode,
                        values: &gate,
                    });
                    shape.run(isa, workers, &packed, input, gate, None, output);
                })
            }
            Self::PooledPointwise(shape) => {
                let packed = pack_dense(isa, shape.in_channels, shape.out_channels);
                let input = shape.rows * shape.in_channels;
                let lens = [input, shape.out_channels, shape.scratch_len()];
                call(lens, move |input, output, workers| {
                    shape.run(isa, workers, &packed, input, output);
                })
            }
            Self::Depthwise(shape) => {
                let packed = pack_depthwise(isa, &shape);
                let mut sums = zeros(shape.strips() * shape.channels);
                let input = shape.height * shape.width * shape.channels;
                call([input, map(&shape), 0], move |input, output, workers| {
                    shape.run(isa, workers, &packed, input, output, Some(&mut sums));
                })
            }
            Self::StemDepthwise(stem, depthwise) => {
                let producer = Producer::Convolution {
                    height: stem.height,
                    width: stem.width,
                    in_channels: stem.in_channels,
                    kernel: stem.kernel,
                    stride: stem.stride,
                    pads: stem.pads,
                    activation: stem.activation,
                    input: Precision::F32,
                };
                let packed = pack_convolution(isa, &stem);
                let shape = DepthFirst {
                    producer,
                    depthwise,
                };
                call_depth_first(isa, shape, packed, image(&stem))
            }
            Self::ExpandDepthwise(expansion, depthwise) => {
                let Pointwise {
                    rows,
                    in_channels,
                    out_channels,
                    activation,
                    ..
                } = expansion;
                let producer = Producer::Pointwise {
                    in_channels,
                    activation,
                    input: Precision::F32,
                };
                let packed = pack_dense(isa, in_channels, out_channels);
                let shape = DepthFirst {
                    producer,
                    depthwise,
                };
                call_depth_first(isa, shape, packed, rows * in_channels)
            }
            Self::SqueezeExcite(shape) => {
                let packed = pack_squeeze_excite(isa, &shape);
                let sums = shape.strips * shape.channels;
                let lens = [sums, shape.channels, shape.scratch_len()];
                call(lens, move |sums, output, workers| {
                    shape.run(isa, workers, &packed, sums, output);
                })
            }
            Self::Dense(shape) => {
                let Dense {
                    in_channels,
                    out_channels,
                    ..
                } = shape;
                let packed = pack_dense(isa, in_channels, out_channels);
                call(
                    [in_channels, out_channels, 0],
                    move |input, output, workers| {
                        shape.run(isa, workers, &packed, input, output);
                    },
                )
            }
        }
    }
}

/// A call on an input, an output and scratch of these lengths, alone on the calling thread.
fn call(
    [input, output, scratch]: [usize; 3],
    mut run: impl FnMut(&[f32], &mut [f32], Workers<'_>) + 'static,
) -> Call {
    let (input, mut output, mut scratch) = (values(input, 1), zeros(output), zeros(scratch));
    Box::new(move || run(&input, &mut output, Workers::alone(&mut scratch)))
}

fn call_depth_first(isa: Isa, shape: DepthFirst, producer: AlignedBuffer, input: usize) -> Call {
    let depthwise = pack_depthwise(isa, &shape.depthwise);
    let mut sums = zeros(shape.depthwise.strips() * shape.depthwise.channels);
    let lens = [input, map(&shape.depthwise), shape.scratch_len()];
    call(lens, move |input, output, workers| {
        let packed = [&producer[..], &depthwise];
        shape.run(isa, workers, packed, input, output, Some(&mut sums));
    })
}

fn pack_dense(isa: Isa, in_channels: usize, out_channels: usize) -> AlignedBuffer {
    let weight = values(in_channels * out_channels, in_channels);
    Dense::pack(
        isa,
        Precision::F32,
        in_channels,
        out_channels,
        &weight,
        &values(out_channels, 1),
    )
}

fn pack_convolution(isa: Isa, shape: &Convolution) -> AlignedBuffer {
    let Convolution {
        in_channels,
        out_channels,
        kernel,
        ..
    } = *shape;
    let inputs = kernel * kernel * in_channels;
    let (weight, bias) = (
        values(inputs * out_channels, inputs),
        values(out_channels, 1),
    );
    let border = zeros(in_channels);
    Convolution::pack(
        isa,
        in_channels,
        out_channels,
        kernel,
        &weight,
        &bias,
        &border,
    )
}

fn pack_depthwise(isa: Isa, shape: &Depthwise) -> AlignedBuffer {
    let taps = shape.kernel * shape.kernel;
    let (weight, bias) = (
        values(shape.channels * taps, taps),
        values(shape.channels, 1),
    );
    Depthwise::pack(isa, shape.channels, shape.kernel, &weight, &bias)
}

fn pack_squeeze_excite(isa: Isa, shape: &SqueezeExcite) -> AlignedBuffer {
    let SqueezeExcite {
        channels, squeezed, ..
    } = *shape;
    let reduce = (
        &values(channels * squeezed, channels)[..],
        &values(squeezed, 1)[..],
    );
    let expand = (
        &values(channels * squeezed, squeezed)[..],
        &values(channels, 1)[..],
    );
    SqueezeExcite::pack(isa, Precision::F32, (channels, squeezed), reduce, expand)
}

/// Length of a convolution's input.
fn image(shape: &Convolution) -> usize {
    shape.height * shape.width * shape.in_channels
}

/// Length of a depthwise convolution's output.
fn map(shape: &Depthwise) -> usize {
    shape.out_height() * shape.out_width() * shape.channels
}

fn windows(shape: &Convolution) -> usize {
    let taps = shape.kernel * shape.kernel * shape.in_channels;
    shape.out_height() * shape.out_width() * shape.out_channels * taps
}

fn filters(shape: &Depthwise) -> usize {
    map(shape) * shape.kernel * shape.kernel
}

/// Values between -1 and 1 over the square root of the products summed, without a pattern that the
/// activation could meet.
fn values(len: usize, summed: usize) -> AlignedBuffer {
    let scale = 1.0 / (summed as f64).sqrt();
    let mut values = zeros(len);
    for (index, value) in values.iter_mut().enumerate() {
        *value = ((index as f64 * 1.7).sin() * scale) as f32;
    }
    values
}
