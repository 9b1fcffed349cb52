//! Depthwise and dense convolutions: sizes, strides, zeros, channel tails.

use super::{ACTIVATIONS, assert_close, every_isa, guarded, values, weights};
use crate::kernels::{
    Activation, Convolution, DepthFirst, Depthwise, Pads, Pointwise, Precision, Producer, Split,
    Threads, Workers, reference,
};

/// Kernel, stride and zeros (top, bottom, left, right): symmetric, TensorFlow's for even sizes, none,
/// lopsided.
const WINDOWS: [(usize, usize, [usize; 4]); 14] = [
    (1, 1, [0, 0, 0, 0]),
    (2, 1, [0, 1, 1, 0]),
    (3, 1, [1, 1, 1, 1]),
    (3, 1, [0, 0, 0, 0]),
    (3, 2, [1, 1, 1, 1]),
    (3, 2, [0, 1, 0, 1]),
    (3, 2, [0, 1, 1, 1]),
    (3, 3, [2, 0, 0, 2]),
    (5, 1, [2, 2, 2, 2]),
    (5, 2, [2, 2, 2, 2]),
    (5, 2, [1, 2, 1, 2]),
    (5, 2, [1, 2, 2, 2]),
    (7, 1, [3, 3, 3, 3]),
    (7, 2, [2, 3, 3, 3]),
];

/// Odd, even, rectangular, and smaller than a window.
const SIZES: [(usize, usize); 6] = [(1, 1), (2, 3), (7, 7), (8, 14), (15, 11), (20, 33)];

/// Heights and widths with every window that fits.
fn maps() -> impl Iterator<Item = ((usize, usize), usize, usize, Pads)> {
    SIZES.into_iter().flat_map(|(height, width)| {
        WINDOWS
            .into_iter()
            .filter(move |&(kernel, _, [top, bottom, left, right])| {
                height + top + bottom >= kernel && width + left + right >= kernel
            })
            .map(move |(kernel, stride, [top, bottom, left, right])| {
                (
                    (height, width),
                    kernel,
                    stride,
                    Pads {
                        top,
                        bottom,
                        left,
                        right,
                    },
                )
            })
    })
}

#[test]
fn depthwise_is_the_reference() {
    every_isa(|isa| {
        for ((height, width), kernel, stride, pads) in maps() {
            for channels in [1, 6, 8, 15, 16, 17, 24, 40] {
                let activation = Activation::Silu;
                let shape = Depthwise {
                    height,
                    width,
                    channels,
                    kernel,
                    stride,
                    pads,
                    activation,
                    strip: 3,
                    split: Split::Rows,
                    output: Precision::F32,
                };
                depthwise(isa, &shape);
            }
        }
    });
}

#[test]
fn depthwise_applies_every_activation() {
    let pads = Pads {
        top: 1,
        bottom: 1,
        left: 1,
        right: 1,
    };
    every_isa(|isa| {
        for activation in ACTIVATIONS {
            let (height, width, channels) = (9, 10, 20);
            let (kernel, stride) = (3, 1);
            depthwise(
                isa,
                &Depthwise {
                    height,
                    width,
                    channels,
                    kernel,
                    stride,
                    pads,
                    activation,
                    strip: height,
                    split: Split::Channels,
                    output: Precision::F32,
                },
            );
        }
    });
}

fn depthwise(isa: crate::Isa, shape: &Depthwise) {
    let Depthwise {
        height,
        width,
        channels,
        kernel,
        ..
    } = *shape;
    let taps = kernel * kernel;
    let (weight, bias) = (
        weights("weight", channels * taps, taps),
        values("bias", channels),
    );
    let input = values("input", height * width * channels);
    let packed = Depthwise::pack(isa, channels, kernel, &weight, &bias);
    let pixels = shape.out_height() * shape.out_width();
    let (expected, expected_sums) = reference::depthwise(shape, (&weight, &bias), &input);
    let alone = guarded(pixels * channels, |output| {
        shape.run(isa, Workers::alone(&mut []), &packed, &input, output, None);
    });
    assert_close(&format!("{isa} {shape:?}"), &alone, &expected);
    let mut output = vec![0.0; alone.len()];
    let sums = guarded(shape.strips() * channels, |sums| {
        let workers = Workers::alone(&mut []);
        shape.run(isa, workers, &packed, &input, &mut output, Some(sums))
    });
    assert_eq!(output, alone, "{isa} {shape:?}: sums change the output");
    let mean = |sums: &[f32]| {
        sums.iter()
            .map(|sum| sum / pixels as f32)
            .collect::<Vec<_>>()
    };
    assert_close(
        &format!("{isa} {shape:?} sums"),
        &mean(&sums),
        &mean(&expected_sums),
    );
}

#[test]
fn convolution_is_the_reference() {
    every_isa(|isa| {
        for ((height, width), kernel, stride, pads) in maps() {
            for (in_channels, out_channels) in [(1, 1), (3, 32), (4, 40), (2, 17), (20, 48)] {
                let shape = Convolution {
                    height,
                    width,
                    in_channels,
                    out_channels,
                    kernel,
                    stride,
                    pads,
                    activation: Activation::Relu6,
                    strip: 2,
                    split: Split::Rows,
                    precision: Precision::F32,
                };
                for border in [vec![0.0; in_channels], values("border", in_channels)] {
                    check_convolution(isa, shape, &border);
                }
            }
        }
    });
}

fn check_convolution(isa: crate::Isa, shape: Convolution, border: &[f32]) {
    let Convolution {
        height,
        width,
        in_channels,
        out_channels,
        kernel,
        ..
    } = shape;
    let inputs = kernel * kernel * in_channels;
    let weight = weights("weight", inputs * out_channels, inputs);
    let bias = values("bias", out_channels);
    let input = values("input", height * width * in_channels);
    let len = shape.out_height() * shape.out_width() * out_channels;
    let sizes = (in_channels, out_channels, kernel);
    let packed = Convolution::pack(isa, sizes.0, sizes.1, sizes.2, &weight, &bias, border);
    let run = |residual: Option<&[f32]>| {
        guarded(len, |output| {
            let workers = Workers::alone(&mut []);
            shape.run(isa, workers, &packed, &input, residual, output)
        })
    };
    let mut expected = reference::convolution(&shape, (&weight, &bias), border, &input);
    let what = format!("{isa} {shape:?} {border:?}");
    assert_close(&what, &run(None), &expected);
    let shortcut = values("shortcut", len);
    for (value, shortcut) in expected.iter_mut().zip(&shortcut) {
        *value += shortcut;
    }
    assert_close(&what, &run(Some(&shortcut)), &expected);
}

/// A producer with the weights that it packs.
struct Made {
    producer: Producer,
    packed: crate::workspace::AlignedBuffer,
    input: Vec<f32>,
}

/// A pointwise convolution to a map of this size.
fn expansion(isa: crate::Isa, (height, width): (usize, usize), channels: usize) -> Made {
    let in_channels = 5;
    let weight = weights("expand", in_channels * channels, in_channels);
    Made {
        producer: Producer::Pointwise {
            in_channels,
            activation: Activation::Silu,
            input: Precision::F32,
        },
        packed: Pointwise::pack(
            isa,
            Precision::F32,
            in_channels,
            channels,
            &weight,
            &values("b", channels),
        ),
        input: values("input", height * width * in_channels),
    }
}

/// A stem to a map of this size, over another that is about twice as high and wide.
fn stem(isa: crate::Isa, (height, width): (usize, usize), channels: usize) -> Made {
    let (in_channels, kernel) = (3, 3);
    let taps = kernel * kernel * in_channels;
    let weight = weights("stem", taps * channels, taps);
    let (bias, border) = (values("b", channels), values("border", in_channels));
    let (height, width) = (2 * height, 2 * width - 1);
    Made {
        producer: Producer::Convolution {
            height,
            width,
            in_channels,
            kernel,
            stride: 2,
            pads: Pads {
                top: 0,
                bottom: 1,
                left: 1,
                right: 1,
            },
            activation: Activation::Relu,
            input: Precision::F32,
        },
        packed: Convolution::pack(isa, in_channels, channels, kernel, &weight, &bias, &border),
        input: values("input", height * width * in_channels),
    }
}

/// Producer and depthwise kernel one after the other, over the whole map.
fn one_after_the_other(
    isa: crate::Isa,
    made: &Made,
    shape: &Depthwise,
    packed: &[f32],
) -> [Vec<f32>; 2] {
    let Depthwise {
        height,
        width,
        channels,
        ..
    } = *shape;
    let mut map = vec![0.0; height * width * channels];
    let alone = || Workers::alone(&mut []);
    match made.producer {
        Producer::Pointwise {
            in_channels,
            activation,
            input,
        } => Pointwise {
            rows: height * width,
            in_channels,
            out_channels: channels,
            activation,
            strip: height * width,
            split: Split::Rows,
            input,
            output: Precision::F32,
            residual: Precision::F32,
        }
        .run(
            isa,
            alone(),
            &made.packed,
            &made.input,
            None,
            None,
            &mut map,
        ),
        Producer::Stored => unreachable!("floats are made"),
        Producer::Convolution {
            height,
            width,
            in_channels,
            kernel,
            stride,
            pads,
            activation,
            input: precision,
        } => Convolution {
            height,
            width,
            in_channels,
            out_channels: channels,
            kernel,
            stride,
            pads,
            activation,
            strip: 3,
            split: Split::Rows,
            precision,
        }
        .run(isa, alone(), &made.packed, &made.input, None, &mut map),
    }
    let mut output = vec![0.0; shape.out_height() * shape.out_width() * channels];
    let mut sums = vec![0.0; shape.strips() * channels];
    shape.run(isa, alone(), packed, &map, &mut output, Some(&mut sums));
    [output, sums]
}

#[test]
fn depth_first_is_one_after_the_other_bit_for_bit() {
    every_isa(|isa| {
        for (size, kernel, stride, pads) in maps() {
            for channels in [1, 16, 17, 50] {
                for strip in [1, 2, 5, 100] {
                    let shape = Depthwise {
                        height: size.0,
                        width: size.1,
                        channels,
                        kernel,
                        stride,
                        pads,
                        activation: Activation::Silu,
                        strip,
                        split: Split::Rows,
                        output: Precision::F32,
                    };
                    depth_first(isa, &expansion(isa, size, channels), &shape);
                    depth_first(isa, &stem(isa, size, channels), &shape);
                }
            }
        }
    });
}

fn depth_first(isa: crate::Isa, made: &Made, shape: &Depthwise) {
    let (channels, kernel) = (shape.channels, shape.kernel);
    let weight = weights("weight", channels * kernel * kernel, kernel * kernel);
    let packed = Depthwise::pack(isa, channels, kernel, &weight, &values("bias", channels));
    let [expected, expected_sums] = one_after_the_other(isa, made, shape, &packed);
    for (threads, split) in [(1, Split::Rows), (2, Split::Rows), (3, Split::Channels)] {
        let threads = Threads::new(threads).expect("threads");
        let fused = DepthFirst {
            producer: made.producer,
            depthwise: Depthwise { split, ..*shape },
        };
        let what = format!("{isa} {threads:?} {fused:?}");
        let mut sums = vec![0.0; expected_sums.len()];
        let mut output = Vec::new();
        guarded(threads.count() * fused.scratch_len(), |scratch| {
            output = guarded(expected.len(), |output| {
                let workers = Workers {
                    threads: &threads,
                    scratch,
                };
                let packed = [&made.packed[..], &packed[..]];
                fused.run(isa, workers, packed, &made.input, output, Some(&mut sums));
            });
        });
        assert_eq!(output, expected, "{what}");
        assert_eq!(sums, expected_sums, "{what}: sums");
    }
}
