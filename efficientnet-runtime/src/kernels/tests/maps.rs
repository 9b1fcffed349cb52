//! Depthwise and dense convolutions: sizes, strides, zeros, channel tails.

use super::{ACTIVATIONS, assert_close, every_isa, guarded, values, weights};
use crate::kernels::{Activation, Convolution, Depthwise, Pads, reference};

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
        shape.run(isa, &packed, &input, output, None);
    });
    assert_close(&format!("{isa} {shape:?}"), &alone, &expected);
    let mut output = vec![0.0; alone.len()];
    let sums = guarded(channels, |sums| {
        shape.run(isa, &packed, &input, &mut output, Some(sums))
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
            for (in_channels, out_channels) in [(1, 1), (3, 32), (4, 40), (2, 17), (3, 48)] {
                let activation = Activation::Relu6;
                let shape = Convolution {
                    height,
                    width,
                    in_channels,
                    out_channels,
                    kernel,
                    stride,
                    pads,
                    activation,
                };
                let inputs = kernel * kernel * in_channels;
                let weight = weights("weight", inputs * out_channels, inputs);
                let bias = values("bias", out_channels);
                let input = values("input", height * width * in_channels);
                let len = shape.out_height() * shape.out_width() * out_channels;
                for border in [vec![0.0; in_channels], values("border", in_channels)] {
                    let packed = Convolution::pack(
                        isa,
                        in_channels,
                        out_channels,
                        kernel,
                        &weight,
                        &bias,
                        &border,
                    );
                    let found = guarded(len, |output| shape.run(isa, &packed, &input, output));
                    let expected =
                        reference::convolution(&shape, (&weight, &bias), &border, &input);
                    assert_close(&format!("{isa} {shape:?} {border:?}"), &found, &expected);
                }
            }
        }
    });
}
