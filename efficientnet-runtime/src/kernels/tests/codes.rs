//! Kernels of codes: the scalar reference's integers and bits, on every instruction set, with and without
//! instructions for products of codes.

use super::{every_isa, guarded, values};
use crate::Isa;
use crate::kernels::reference::codes as reference;
use crate::kernels::{
    Activation, Coding, Convolution, Dense, DepthFirst, Depthwise, Dequantize, Pads, Pointwise,
    PooledPointwise, Precision, Producer, Q8, Quantize, Scaled, Split, Threads, Workers,
};
use crate::synthetic::uniform;

/// Codes of all values.
fn codes(name: &str, len: usize) -> Vec<u8> {
    uniform(name, len, 0).map(|u| (256.0 * u) as u8).collect()
}

/// Codes four to a float, as kernels read them.
fn stored(codes: &[u8]) -> Vec<f32> {
    let four = |chunk: &[u8]| {
        let mut four = [0; 4];
        four[..chunk.len()].copy_from_slice(chunk);
        Q8::pack(four)
    };
    codes.chunks(4).map(four).collect()
}

/// Weights, factors and biases of a layer whose sums are of `summed` products.
struct Filters {
    weight: Vec<i8>,
    zero_point: u8,
    factors: Vec<f32>,
    biases: Vec<f32>,
    second: f32,
}

impl Filters {
    /// Values are codes for the most part, of which some lie outside.
    fn new(outputs: usize, summed: usize, zero_point: u8) -> Self {
        let weights = codes("weight", outputs * summed);
        let spread = 2.0 / (summed as f32).sqrt();
        let factors = uniform("factors", outputs, 0);
        let factors = factors.map(|u| spread * (0.2 + u as f32) / 400.0);
        Self {
            weight: weights.into_iter().map(u8::cast_signed).collect(),
            zero_point,
            factors: factors.collect(),
            biases: values("biases", outputs)
                .iter()
                .map(|v| 80.0 * v + 100.0)
                .collect(),
            second: 0.375,
        }
    }

    /// Sums as large as they can be.
    fn largest(outputs: usize, summed: usize) -> Self {
        Self {
            weight: vec![-128; outputs * summed],
            factors: vec![-1e-6; outputs],
            ..Self::new(outputs, summed, 0)
        }
    }

    fn scaled(&self) -> Scaled<'_> {
        Scaled {
            weight: &self.weight,
            zero_point: self.zero_point,
            factors: &self.factors,
            biases: &self.biases,
            second: self.second,
        }
    }
}

/// The nearest codes; of many values, not all the first or the last one.
fn nearest(values: &[f32]) -> Vec<u8> {
    let codes: Vec<u8> = values.iter().map(|&value| reference::code(value)).collect();
    let inside = codes.iter().filter(|code| (1..255).contains(*code)).count();
    assert!(
        codes.len() < 64 || 4 * inside >= codes.len(),
        "the test's values are no codes"
    );
    codes
}

/// Runs a kernel that gives `len` codes.
fn coded(len: usize, kernel: impl FnOnce(&mut [f32])) -> Vec<u8> {
    Q8::unpack(&guarded(Precision::Int8.floats(len), kernel), len)
}

/// Rows, input channels, output channels, strip: rests of all kinds.
const SHAPES: [(usize, usize, usize, usize); 9] = [
    (1, 1, 1, 1),
    (2, 3, 5, 2),
    (7, 5, 24, 4),
    (13, 24, 40, 13),
    (16, 32, 16, 16),
    (17, 11, 33, 17),
    (33, 40, 48, 48),
    (50, 146, 31, 48),
    (65, 9, 100, 48),
];

fn pointwise_shape(
    (rows, in_channels, out_channels, strip): (usize, usize, usize, usize),
    output: Precision,
) -> Pointwise {
    Pointwise {
        rows,
        in_channels,
        out_channels,
        activation: Activation::Relu6,
        strip,
        split: Split::Rows,
        input: Precision::Int8,
        output,
        residual: Precision::Int8,
    }
}

#[test]
fn pointwise_is_the_reference_bit_for_bit() {
    every_isa(|isa| {
        for shape in SHAPES {
            let (rows, in_channels, out_channels, _) = shape;
            for zero_point in [0, 117, 255] {
                let filters = Filters::new(out_channels, in_channels, zero_point);
                pointwise(isa, shape, &filters, &codes("input", rows * in_channels));
            }
        }
        let shape = (9, 1152, 20, 9);
        let filters = Filters::largest(20, 1152);
        pointwise(isa, shape, &filters, &vec![255; 9 * 1152]);
    });
}

fn pointwise(isa: Isa, shape: (usize, usize, usize, usize), filters: &Filters, input: &[u8]) {
    let (rows, in_channels, out_channels, _) = shape;
    let scaled = filters.scaled();
    let packed = Pointwise::pack_int8(isa, in_channels, out_channels, &scaled);
    let residual = codes("residual", rows * out_channels);
    let input_floats = stored(input);
    for residual in [None, Some(&residual[..])] {
        let shape = pointwise_shape(shape, Precision::Int8);
        let expected = reference::pointwise(&shape, &scaled, input, residual);
        let added = residual.map(stored);
        let found = coded(rows * out_channels, |output| {
            let workers = Workers::alone(&mut []);
            let added = added.as_deref();
            shape.run(isa, workers, &packed, &input_floats, None, added, output);
        });
        assert_eq!(found, nearest(&expected), "{isa} {shape:?}");
    }
    let shape = Pointwise {
        activation: Activation::Identity,
        ..pointwise_shape(shape, Precision::F32)
    };
    let expected = reference::pointwise(&shape, &scaled, input, None);
    let found = guarded(rows * out_channels, |output| {
        let workers = Workers::alone(&mut []);
        shape.run(isa, workers, &packed, &input_floats, None, None, output);
    });
    assert_eq!(found, expected, "{isa} {shape:?}");
}

#[test]
fn dense_is_a_pixel() {
    every_isa(|isa| {
        for (in_channels, out_channels) in [(5, 3), (128, 10), (1280, 100)] {
            let filters = Filters::new(out_channels, in_channels, 0);
            let scaled = filters.scaled();
            let input = codes("input", in_channels);
            let packed = Pointwise::pack_int8(isa, in_channels, out_channels, &scaled);
            let shape = Dense {
                in_channels,
                out_channels,
                activation: Activation::Identity,
                weights: Precision::Int8,
            };
            let found = guarded(out_channels, |output| {
                let workers = Workers::alone(&mut []);
                shape.run(isa, workers, &packed, &stored(&input), output);
            });
            let pixel = pointwise_shape((1, in_channels, out_channels, 1), Precision::F32);
            let expected = reference::pointwise(&pixel, &scaled, &input, None);
            assert_eq!(found, expected, "{isa} {shape:?}");
        }
    });
}

#[test]
fn pooled_pointwise_is_the_mean_of_codes() {
    every_isa(|isa| {
        for (rows, in_channels, out_channels) in [(1, 4, 5), (49, 20, 40), (150, 9, 100)] {
            let filters = Filters::new(out_channels, in_channels, 12);
            let filters = Filters {
                second: 1.5,
                ..filters
            };
            let scaled = filters.scaled();
            let input = codes("input", rows * in_channels);
            let packed = Pointwise::pack_int8(isa, in_channels, out_channels, &scaled);
            let shape = PooledPointwise {
                rows,
                in_channels,
                out_channels,
                activation: Activation::Relu6,
                input: Precision::Int8,
            };
            let mut scratch = vec![0.0; shape.scratch_len()];
            let found = coded(out_channels, |output| {
                let workers = Workers::alone(&mut scratch);
                shape.run(isa, workers, &packed, &stored(&input), output);
            });
            let whole = pointwise_shape((rows, in_channels, out_channels, rows), Precision::Int8);
            let values = reference::pointwise(&whole, &scaled, &input, None);
            let expected = reference::pooled(&scaled, out_channels, &values);
            assert_eq!(found, nearest(&expected), "{isa} {shape:?}");
        }
    });
}

/// Kernel, stride and zeros (top, bottom, left, right), height and width.
type Window = (usize, usize, [usize; 4], (usize, usize));

const WINDOWS: [Window; 8] = [
    (3, 1, [1, 1, 1, 1], (1, 1)),
    (3, 1, [1, 1, 1, 1], (15, 11)),
    (3, 2, [0, 1, 0, 1], (8, 14)),
    (3, 2, [1, 1, 1, 1], (20, 33)),
    (5, 1, [2, 2, 2, 2], (7, 7)),
    (5, 1, [2, 2, 2, 2], (14, 20)),
    (5, 2, [1, 2, 1, 2], (8, 14)),
    (7, 1, [3, 3, 3, 3], (9, 10)),
];

/// Windows with every number of channels.
fn depthwise_shapes() -> impl Iterator<Item = Depthwise> {
    let windows = WINDOWS.into_iter();
    windows.flat_map(
        |(kernel, stride, [top, bottom, left, right], (height, width))| {
            [1, 6, 16, 17, 24, 40, 100].map(|channels| Depthwise {
                height,
                width,
                channels,
                kernel,
                stride,
                pads: Pads {
                    top,
                    bottom,
                    left,
                    right,
                },
                activation: Activation::Relu6,
                strip: 3,
                split: Split::Rows,
                output: Precision::Int8,
            })
        },
    )
}

fn outputs(shape: &Depthwise) -> usize {
    shape.out_height() * shape.out_width() * shape.channels
}

#[test]
fn depthwise_of_a_stored_map_is_the_reference() {
    every_isa(|isa| {
        for shape in depthwise_shapes() {
            let taps = shape.kernel * shape.kernel;
            for (filters, largest) in [
                (Filters::new(shape.channels, taps, 0), false),
                (Filters::largest(shape.channels, taps), true),
            ] {
                let mut input = codes("input", shape.height * shape.width * shape.channels);
                if largest {
                    input.fill(255);
                }
                let scaled = filters.scaled();
                let packed = Depthwise::pack_int8(isa, shape.channels, shape.kernel, &scaled);
                let mut scratch = vec![0.0; shape.scratch_len()];
                let found = coded(outputs(&shape), |output| {
                    let workers = Workers::alone(&mut scratch);
                    shape.run(isa, workers, &packed, &stored(&input), output, None);
                });
                let expected = nearest(&reference::depthwise(&shape, &scaled, &input));
                assert_eq!(found, expected, "{isa} {shape:?}");
            }
        }
    });
}

#[test]
fn depth_first_is_one_after_the_other() {
    every_isa(|isa| {
        for (index, depthwise) in depthwise_shapes().enumerate() {
            let (in_channels, channels) = (10, depthwise.channels);
            let pixels = depthwise.height * depthwise.width;
            let input = codes("input", pixels * in_channels);
            let expand = Filters::new(channels, in_channels, 130);
            let whole = pointwise_shape((pixels, in_channels, channels, pixels), Precision::Int8);
            let values = reference::pointwise(&whole, &expand.scaled(), &input, None);
            let producer = Producer::Pointwise {
                in_channels,
                activation: Activation::Relu6,
                input: Precision::Int8,
            };
            let packed = Pointwise::pack_int8(isa, in_channels, channels, &expand.scaled());
            let made = Made {
                producer,
                packed: &packed,
                input: &stored(&input),
                map: nearest(&values),
            };
            depth_first(isa, &made, &depthwise, 1 + index % 3);
        }
    });
}

/// What a depthwise reads, and what makes it.
struct Made<'a> {
    producer: Producer,
    packed: &'a [f32],
    input: &'a [f32],
    map: Vec<u8>,
}

fn depth_first(isa: Isa, made: &Made<'_>, depthwise: &Depthwise, threads: usize) {
    let filters = Filters::new(depthwise.channels, depthwise.kernel * depthwise.kernel, 0);
    let scaled = filters.scaled();
    let packed = Depthwise::pack_int8(isa, depthwise.channels, depthwise.kernel, &scaled);
    let shape = DepthFirst {
        producer: made.producer,
        depthwise: *depthwise,
    };
    let threads = Threads::new(threads).expect("threads");
    let mut scratch = vec![0.0; threads.count() * shape.scratch_len().next_multiple_of(16)];
    let found = coded(outputs(depthwise), |output| {
        let workers = Workers {
            threads: &threads,
            scratch: &mut scratch,
        };
        shape.run(
            isa,
            workers,
            [made.packed, &packed],
            made.input,
            output,
            None,
        );
    });
    let expected = nearest(&reference::depthwise(depthwise, &scaled, &made.map));
    assert_eq!(found, expected, "{isa} {shape:?}");
}

/// A stem of an image of 3 channels.
fn stem((height, width): (usize, usize), out_channels: usize) -> Convolution {
    Convolution {
        height,
        width,
        in_channels: 3,
        out_channels,
        kernel: 3,
        stride: 2,
        pads: Pads {
            top: 0,
            bottom: 1,
            left: 0,
            right: 1,
        },
        activation: Activation::Relu6,
        strip: 2,
        split: Split::Rows,
        precision: Precision::Int8,
    }
}

/// An image's codes, the fourth of each pixel a zero.
fn image(pixels: usize) -> Vec<u8> {
    let mut codes = codes("image", pixels * 4);
    for pixel in codes.chunks_exact_mut(4) {
        pixel[3] = 0;
    }
    codes
}

#[test]
fn the_stem_is_the_reference_stored_or_not() {
    every_isa(|isa| {
        for (size, out_channels) in [((8, 8), 8), ((11, 20), 17), ((30, 64), 32), ((20, 9), 50)] {
            let shape = stem(size, out_channels);
            let filters = Filters::new(out_channels, 27, 128);
            let scaled = filters.scaled();
            let packed = Convolution::pack_int8(isa, 3, out_channels, 3, &scaled);
            let image = image(size.0 * size.1);
            let expected = nearest(&reference::convolution(&shape, &scaled, &image));
            let found = coded(expected.len(), |output| {
                let workers = Workers::alone(&mut []);
                shape.run(isa, workers, &packed, &stored(&image), None, output);
            });
            assert_eq!(found, expected, "{isa} {shape:?}");
            let depthwise = Depthwise {
                height: shape.out_height(),
                width: shape.out_width(),
                channels: out_channels,
                kernel: 3,
                stride: 1,
                pads: Pads {
                    top: 1,
                    bottom: 1,
                    left: 1,
                    right: 1,
                },
                activation: Activation::Relu6,
                strip: 2,
                split: Split::Rows,
                output: Precision::Int8,
            };
            let producer = Producer::Convolution {
                height: size.0,
                width: size.1,
                in_channels: 3,
                kernel: 3,
                stride: 2,
                pads: shape.pads,
                activation: Activation::Relu6,
                input: Precision::Int8,
            };
            let made = Made {
                producer,
                packed: &packed,
                input: &stored(&image),
                map: found,
            };
            depth_first(isa, &made, &depthwise, 2);
        }
    });
}

#[test]
fn images_become_codes_and_codes_floats() {
    let coding = Coding {
        scale: 0.0175,
        zero_point: 117,
    };
    let packed = coding.pack();
    every_isa(|isa| {
        for (pixels, channels, padded, threads) in [
            (1, 3, 4, 1),
            (7, 3, 4, 2),
            (100, 1, 4, 3),
            (1, 1280, 1280, 2),
            (33, 5, 8, 1),
        ] {
            let mut input = values("image", pixels * channels);
            for value in &mut input {
                *value *= 3.0;
            }
            input[0] = f32::NAN;
            let shape = Quantize {
                pixels,
                channels,
                stored: padded,
            };
            let threads = Threads::new(threads).expect("threads");
            let team = || Workers {
                threads: &threads,
                scratch: &mut [],
            };
            let found = coded(pixels * padded, |output| {
                shape.run(isa, team(), &packed, &input, output);
            });
            let mut expected = Vec::new();
            for pixel in input.chunks_exact(channels) {
                let scaled = pixel.iter().map(|value| value * (1.0 / coding.scale));
                expected.extend(scaled.map(|value| reference::code(value + 117.0)));
                expected.resize(expected.len() + padded - channels, 0);
            }
            expected[0] = 0;
            assert_eq!(found, expected, "{isa} {shape:?}");
            let shape = Dequantize {
                values: found.len(),
            };
            let floats = guarded(found.len(), |output| {
                shape.run(isa, team(), &packed, &stored(&found), output);
            });
            let value = |&code: &u8| (f32::from(code) - 117.0) * coding.scale;
            let expected: Vec<f32> = found.iter().map(value).collect();
            assert_eq!(floats, expected, "{isa} {shape:?}");
        }
    });
}

/// The tests of this file once more, in a process that does without the instructions.
#[cfg(not(miri))]
#[test]
fn everything_holds_without_instructions_for_codes() {
    const VARIABLE: &str = "EFFICIENTNET_INT8";
    if std::env::var_os(VARIABLE).is_some() {
        return;
    }
    let tests = std::env::current_exe().expect("this program");
    let mut command = std::process::Command::new(tests);
    command
        .arg("kernels::tests::codes::")
        .env(VARIABLE, "software");
    let output = command.output().expect("it runs again");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("test result: ok. 8 passed"), "{text}");
}
