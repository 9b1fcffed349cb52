//! Products and maps of bfloat16: the same bits for every instruction set, with and without instructions for pairs.

use super::{assert_close, every_isa, guarded, values, weights};
use crate::Isa;
use crate::kernels::{
    Activation, Bf16, Dense, DepthFirst, Depthwise, Gate, GateMode, Mean, Pads, Pointwise,
    PooledPointwise, Precision, Producer, Split, SqueezeExcite, Threads, Widen, Workers, reference,
};

/// The nearest bfloat16, as floats.
fn rounded(values: &[f32]) -> Vec<f32> {
    let round = |&value: &f32| Bf16::from_f32(value).to_f32();
    values.iter().map(round).collect()
}

/// Values as bfloat16, two to a float.
fn narrow(values: &[f32]) -> Vec<f32> {
    let of = |value: Option<&f32>| Bf16::from_f32(value.copied().unwrap_or(0.0));
    let pair = |pair: &[f32]| Bf16::pair(of(pair.first()), of(pair.get(1)));
    values.chunks(2).map(pair).collect()
}

/// The `len` values of a map of bfloat16.
fn wide(pairs: &[f32], len: usize) -> Vec<f32> {
    let isa = Isa::available().pop().expect("the portable one");
    guarded(len, |output| {
        Widen { values: len }.run(isa, Workers::alone(&mut []), pairs, output);
    })
}

fn same_bits(what: &str, found: &[f32], expected: &[f32]) {
    let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(found), bits(expected), "{what}");
}

/// Rows, input channels, output channels, strip: odd numbers of input channels, tails of all kinds.
const SHAPES: [(usize, usize, usize, usize); 9] = [
    (1, 1, 1, 1),
    (2, 3, 5, 2),
    (7, 5, 24, 4),
    (13, 24, 40, 13),
    (16, 32, 16, 16),
    (17, 11, 33, 17),
    (33, 40, 48, 48),
    (50, 144, 31, 48),
    (65, 9, 100, 48),
];

/// Gate, shortcut and output of one call.
#[derive(Clone, Copy, Debug)]
struct Case {
    gate: Option<GateMode>,
    shortcut: Option<Precision>,
    output: Precision,
}

fn cases() -> impl Iterator<Item = Case> {
    let gates = [None, Some(GateMode::Weights), Some(GateMode::Input)];
    let shortcuts = [None, Some(Precision::F32), Some(Precision::Bf16)];
    gates.into_iter().flat_map(move |gate| {
        shortcuts.into_iter().flat_map(move |shortcut| {
            [Precision::F32, Precision::Bf16].map(|output| Case {
                gate,
                shortcut,
                output,
            })
        })
    })
}

#[test]
fn pointwise_is_the_reference_bit_for_bit() {
    every_isa(|isa| {
        for (rows, in_channels, out_channels, strip) in SHAPES {
            for activation in [Activation::Identity, Activation::Relu6] {
                for case in cases() {
                    let shape = Pointwise {
                        rows,
                        in_channels,
                        out_channels,
                        activation,
                        strip,
                        split: Split::Rows,
                        input: Precision::Bf16,
                        output: case.output,
                        residual: case.shortcut.unwrap_or(Precision::F32),
                    };
                    pointwise(isa, &shape, case);
                }
            }
        }
    });
}

fn pointwise(isa: Isa, shape: &Pointwise, case: Case) {
    let Pointwise {
        rows,
        in_channels,
        out_channels,
        ..
    } = *shape;
    let weight = weights("weight", in_channels * out_channels, in_channels);
    let bias = values("bias", out_channels);
    let input = rounded(&values("input", rows * in_channels));
    let gate = values("gate", in_channels);
    let residual = values("residual", rows * out_channels);
    let residual = case.shortcut.map(|precision| match precision {
        Precision::Bf16 => rounded(&residual),
        _ => residual,
    });
    let expected = reference::pointwise_bf16(
        shape,
        (&weight, &bias),
        &input,
        case.gate.map(|mode| Gate {
            mode,
            values: &gate,
        }),
        residual.as_deref(),
    );
    let packed = Pointwise::pack(
        isa,
        Precision::Bf16,
        in_channels,
        out_channels,
        &weight,
        &bias,
    );
    let stored = residual.map(|residual| match shape.residual {
        Precision::Bf16 => narrow(&residual),
        _ => residual,
    });
    let len = rows * out_channels;
    let mut found = Vec::new();
    guarded(shape.scratch_len(case.gate), |scratch| {
        found = guarded(case.output.floats(len), |output| {
            let gate = case.gate.map(|mode| Gate {
                mode,
                values: &gate,
            });
            let (workers, input) = (Workers::alone(scratch), narrow(&input));
            // The half behind an odd number of values is nobody's.
            output.fill(0.0);
            shape.run(
                isa,
                workers,
                &packed,
                &input,
                gate,
                stored.as_deref(),
                output,
            );
        });
    });
    let what = format!("{isa} {shape:?} {case:?}");
    match case.output {
        Precision::Bf16 => same_bits(&what, &wide(&found, len), &rounded(&expected)),
        _ => same_bits(&what, &found, &expected),
    }
}

#[test]
fn pooled_pointwise_is_the_mean_of_a_pointwise() {
    every_isa(|isa| {
        for (rows, in_channels, out_channels) in [(1, 1, 1), (49, 20, 33), (361, 9, 100)] {
            let activation = Activation::Silu;
            let weight = weights("weight", in_channels * out_channels, in_channels);
            let bias = values("bias", out_channels);
            let input = rounded(&values("input", rows * in_channels));
            let precision = Precision::Bf16;
            let packed = Pointwise::pack(isa, precision, in_channels, out_channels, &weight, &bias);
            let shape = PooledPointwise {
                rows,
                in_channels,
                out_channels,
                activation,
                input: precision,
            };
            let mut found = Vec::new();
            guarded(shape.scratch_len(), |scratch| {
                found = guarded(out_channels, |output| {
                    shape.run(
                        isa,
                        Workers::alone(scratch),
                        &packed,
                        &narrow(&input),
                        output,
                    );
                });
            });
            let whole = Pointwise {
                rows,
                in_channels,
                out_channels,
                activation,
                strip: rows,
                split: Split::Rows,
                input: precision,
                output: Precision::F32,
                residual: Precision::F32,
            };
            let map = reference::pointwise(&whole, (&rounded(&weight), &bias), &input, None, None);
            let mean = Mean {
                pixels: rows,
                channels: out_channels,
            };
            let expected = reference::mean(&mean, &map);
            assert_close(&format!("{isa} {shape:?}"), &found, &expected);
        }
    });
}

#[test]
fn depth_first_rounds_the_map_of_one_after_the_other() {
    let (size, in_channels, kernel) = ((9, 13), 6, 3);
    let pads = Pads {
        top: 1,
        bottom: 1,
        left: 1,
        right: 1,
    };
    every_isa(|isa| {
        for (channels, threads) in [(1, 1), (16, 2), (24, 1), (50, 3)] {
            let depthwise = Depthwise {
                height: size.0,
                width: size.1,
                channels,
                kernel,
                stride: 1,
                pads,
                activation: Activation::Silu,
                strip: 4,
                split: Split::Rows,
                output: Precision::F32,
            };
            let expand = weights("expand", in_channels * channels, in_channels);
            let bias = values("bias", channels);
            let input = narrow(&values("input", size.0 * size.1 * in_channels));
            let precision = Precision::Bf16;
            let first = Pointwise::pack(isa, precision, in_channels, channels, &expand, &bias);
            let taps = weights("taps", channels * kernel * kernel, kernel * kernel);
            let second = Depthwise::pack(isa, channels, kernel, &taps, &bias);
            let producer = Producer::Pointwise {
                in_channels,
                activation: Activation::Silu,
                input: precision,
            };
            let run = |output: Precision| {
                let shape = DepthFirst {
                    producer,
                    depthwise: Depthwise {
                        output,
                        ..depthwise
                    },
                };
                let threads = Threads::new(threads).expect("threads");
                let mut sums = vec![0.0; depthwise.strips() * channels];
                let mut scratch = vec![0.0; threads.count() * shape.scratch_len()];
                let len = output.floats(size.0 * size.1 * channels);
                let map = guarded(len, |output| {
                    let workers = Workers {
                        threads: &threads,
                        scratch: &mut scratch,
                    };
                    output.fill(0.0);
                    let packed = [&first[..], &second[..]];
                    shape.run(isa, workers, packed, &input, output, Some(&mut sums));
                });
                (map, sums)
            };
            let ((wide_map, wide_sums), (map, sums)) = (run(Precision::F32), run(Precision::Bf16));
            let what = format!("{isa} {channels} channels");
            same_bits(&what, &wide(&map, wide_map.len()), &rounded(&wide_map));
            same_bits(&what, &sums, &wide_sums);
        }
    });
}

#[test]
fn dense_is_the_one_of_rounded_weights_bit_for_bit() {
    every_isa(|isa| {
        for (in_channels, out_channels) in [(1, 1), (5, 3), (6, 20), (32, 10), (127, 33)] {
            let weight = weights("weight", in_channels * out_channels, in_channels);
            let (bias, input) = (values("bias", out_channels), values("input", in_channels));
            let run = |precision, weight: &[f32]| {
                let packed = Dense::pack(isa, precision, in_channels, out_channels, weight, &bias);
                let shape = Dense {
                    in_channels,
                    out_channels,
                    activation: Activation::Silu,
                    weights: precision,
                };
                guarded(out_channels, |output| {
                    shape.run(isa, Workers::alone(&mut []), &packed, &input, output);
                })
            };
            same_bits(
                &format!("{isa} {in_channels}x{out_channels}"),
                &run(Precision::Bf16, &weight),
                &run(Precision::F32, &rounded(&weight)),
            );
        }
    });
}

#[test]
fn squeeze_excite_takes_rounded_weights() {
    every_isa(|isa| {
        let (channels, squeezed) = (96, 5);
        let shape = SqueezeExcite {
            channels,
            squeezed,
            pixels: 4,
            strips: 3,
            activation: Activation::Silu,
            gate: Activation::Sigmoid,
            weights: Precision::Bf16,
        };
        let reduce = weights("reduce", channels * squeezed, channels);
        let expand = weights("expand", channels * squeezed, squeezed);
        let (first, second) = (values("first", squeezed), values("second", channels));
        let sums = values("sums", 3 * channels);
        let packed = SqueezeExcite::pack(
            isa,
            Precision::Bf16,
            (channels, squeezed),
            (&reduce, &first),
            (&expand, &second),
        );
        let found = guarded(channels, |output| {
            guarded(shape.scratch_len(), |scratch| {
                shape.run(isa, Workers::alone(scratch), &packed, &sums, output);
            });
        });
        let expected = reference::squeeze_excite(
            &shape,
            (&rounded(&reduce), &first),
            (&rounded(&expand), &second),
            &sums,
        );
        assert_close(&format!("{isa} {shape:?}"), &found, &expected);
    });
}
