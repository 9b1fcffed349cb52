//! Pointwise, dense, squeeze and excite, mean; activations.

use super::{ACTIVATIONS, assert_close, every_isa, guarded, values, weights};
use crate::kernels::{
    Activation, Dense, Gate, GateMode, Mean, Pointwise, PooledPointwise, Precision, Split,
    SqueezeExcite, Threads, Workers, reference,
};

/// Rows, input channels, output channels, strip: every row tail of every tile, channel tails of one
/// to three vectors, strips that do and do not divide the rows.
const SHAPES: [(usize, usize, usize, usize); 14] = [
    (1, 1, 1, 1),
    (2, 3, 5, 2),
    (3, 16, 8, 3),
    (7, 5, 24, 4),
    (13, 24, 40, 13),
    (15, 7, 17, 9),
    (16, 32, 16, 16),
    (17, 10, 33, 17),
    (31, 6, 47, 20),
    (33, 40, 48, 48),
    (49, 20, 80, 49),
    (50, 144, 31, 48),
    (65, 9, 100, 48),
    (196, 12, 112, 48),
];

#[test]
fn pointwise_is_the_reference() {
    every_isa(|isa| {
        for (rows, in_channels, out_channels, strip) in SHAPES {
            for activation in ACTIVATIONS {
                for residual in [false, true] {
                    let shape = Pointwise {
                        rows,
                        in_channels,
                        out_channels,
                        activation,
                        strip,
                        split: Split::Rows,
                        input: Precision::F32,
                        output: Precision::F32,
                        residual: Precision::F32,
                    };
                    for gate in [None, Some(GateMode::Weights), Some(GateMode::Input)] {
                        pointwise(isa, &shape, gate, residual);
                    }
                }
            }
        }
    });
}

fn pointwise(isa: crate::Isa, shape: &Pointwise, mode: Option<GateMode>, shortcut: bool) {
    let Pointwise {
        rows,
        in_channels,
        out_channels,
        ..
    } = *shape;
    let weight = weights("weight", in_channels * out_channels, in_channels);
    let bias = values("bias", out_channels);
    let input = values("input", rows * in_channels);
    let gate = values("gate", in_channels);
    let shortcut = shortcut.then(|| values("residual", rows * out_channels));
    let expected = reference::pointwise(
        shape,
        (&weight, &bias),
        &input,
        mode.map(|_| gate.as_slice()),
        shortcut.as_deref(),
    );
    let packed = Pointwise::pack(
        isa,
        Precision::F32,
        in_channels,
        out_channels,
        &weight,
        &bias,
    );
    let mut found = Vec::new();
    guarded(shape.scratch_len(mode), |scratch| {
        found = guarded(rows * out_channels, |output| {
            let gate = mode.map(|mode| Gate {
                mode,
                values: &gate,
            });
            let workers = Workers::alone(scratch);
            shape.run(
                isa,
                workers,
                &packed,
                &input,
                gate,
                shortcut.as_deref(),
                output,
            );
        });
    });
    assert_close(&format!("{isa} {shape:?} gate {mode:?}"), &found, &expected);
}

#[test]
fn strips_do_not_change_a_bit() {
    every_isa(|isa| {
        let (rows, in_channels, out_channels) = (101, 24, 40);
        let weight = weights("weight", in_channels * out_channels, in_channels);
        let packed = Pointwise::pack(
            isa,
            Precision::F32,
            in_channels,
            out_channels,
            &weight,
            &values("bias", 40),
        );
        let input = values("input", rows * in_channels);
        let run = |strip| {
            let activation = Activation::Silu;
            let shape = Pointwise {
                rows,
                in_channels,
                out_channels,
                activation,
                strip,
                split: Split::Rows,
                input: Precision::F32,
                output: Precision::F32,
                residual: Precision::F32,
            };
            guarded(rows * out_channels, |output| {
                let workers = Workers::alone(&mut []);
                shape.run(isa, workers, &packed, &input, None, None, output);
            })
        };
        let whole = run(rows);
        for strip in [1, 7, 48, 100] {
            assert_eq!(run(strip), whole, "{isa} strip {strip}");
        }
    });
}

#[test]
fn pooled_pointwise_is_the_mean_of_a_pointwise() {
    every_isa(|isa| {
        for (rows, in_channels, out_channels) in [(1, 1, 1), (49, 20, 33), (361, 8, 100)] {
            let activation = Activation::Silu;
            let weight = weights("weight", in_channels * out_channels, in_channels);
            let bias = values("bias", out_channels);
            let input = values("input", rows * in_channels);
            let packed = Pointwise::pack(
                isa,
                Precision::F32,
                in_channels,
                out_channels,
                &weight,
                &bias,
            );
            let shape = PooledPointwise {
                rows,
                in_channels,
                out_channels,
                activation,
                input: Precision::F32,
            };
            let mut found = Vec::new();
            guarded(shape.scratch_len(), |scratch| {
                found = guarded(out_channels, |output| {
                    shape.run(isa, Workers::alone(scratch), &packed, &input, output);
                });
            });
            let whole = Pointwise {
                rows,
                in_channels,
                out_channels,
                activation,
                strip: rows,
                split: Split::Rows,
                input: Precision::F32,
                output: Precision::F32,
                residual: Precision::F32,
            };
            let map = reference::pointwise(&whole, (&weight, &bias), &input, None, None);
            let mean = Mean {
                pixels: rows,
                channels: out_channels,
            };
            assert_close(
                &format!("{isa} {shape:?}"),
                &found,
                &reference::mean(&mean, &map),
            );
        }
    });
}

#[test]
fn threads_do_not_change_a_bit_of_products() {
    let (rows, in_channels, out_channels) = (101, 24, 200);
    let weight = weights("weight", in_channels * out_channels, in_channels);
    let (bias, gate) = (values("bias", out_channels), values("gate", in_channels));
    let input = values("input", rows * in_channels);
    every_isa(|isa| {
        let packed = Pointwise::pack(
            isa,
            Precision::F32,
            in_channels,
            out_channels,
            &weight,
            &bias,
        );
        let run = |threads: &Threads, split, mode| {
            let shape = Pointwise {
                rows,
                in_channels,
                out_channels,
                activation: Activation::Silu,
                strip: 20,
                split,
                input: Precision::F32,
                output: Precision::F32,
                residual: Precision::F32,
            };
            let gate = Gate {
                mode,
                values: &gate,
            };
            let mut scratch = vec![0.0; threads.count() * shape.scratch_len(Some(mode))];
            let scratch = &mut scratch;
            guarded(rows * out_channels, |output| {
                let workers = Workers { threads, scratch };
                shape.run(isa, workers, &packed, &input, Some(gate), None, output);
            })
        };
        for mode in [GateMode::Weights, GateMode::Input] {
            let alone = run(&Threads::default(), Split::Rows, mode);
            for threads in (2..=8).map(|count| Threads::new(count).expect("threads")) {
                for split in [Split::Rows, Split::Channels] {
                    assert_eq!(
                        run(&threads, split, mode),
                        alone,
                        "{isa} {threads:?} {split:?}"
                    );
                }
            }
        }
    });
}

#[test]
fn dense_is_the_reference() {
    every_isa(|isa| {
        for (in_channels, out_channels) in [(1, 1), (5, 3), (32, 10), (127, 33), (1280, 1000)] {
            let activation = Activation::Identity;
            let weight = weights("weight", in_channels * out_channels, in_channels);
            let (bias, input) = (values("bias", out_channels), values("input", in_channels));
            let packed = Dense::pack(
                isa,
                Precision::F32,
                in_channels,
                out_channels,
                &weight,
                &bias,
            );
            let found = guarded(out_channels, |output| {
                Dense {
                    in_channels,
                    out_channels,
                    activation,
                    weights: Precision::F32,
                }
                .run(isa, Workers::alone(&mut []), &packed, &input, output);
            });
            let wide: Vec<f64> = input.iter().map(|&x| f64::from(x)).collect();
            let expected = reference::dense(activation, (&weight, &bias), &wide);
            let expected: Vec<f32> = expected.into_iter().map(|x| x as f32).collect();
            assert_close(
                &format!("{isa} {in_channels}x{out_channels}"),
                &found,
                &expected,
            );
        }
    });
}

#[test]
fn squeeze_excite_is_the_reference() {
    every_isa(|isa| {
        for (channels, squeezed, pixels, strips) in [
            (8, 2, 1, 1),
            (32, 8, 12544, 4),
            (96, 4, 9, 3),
            (240, 10, 49, 1),
        ] {
            let shape = SqueezeExcite {
                channels,
                squeezed,
                pixels,
                strips,
                activation: Activation::Silu,
                gate: Activation::Sigmoid,
                weights: Precision::F32,
            };
            let reduce = weights("reduce", channels * squeezed, channels);
            let expand = weights("expand", channels * squeezed, squeezed);
            let (first, second) = (values("first", squeezed), values("second", channels));
            let sums: Vec<f32> = values("sums", strips * channels)
                .iter()
                .map(|mean| mean * pixels as f32 / strips as f32)
                .collect();
            let packed = SqueezeExcite::pack(
                isa,
                Precision::F32,
                (channels, squeezed),
                (&reduce, &first),
                (&expand, &second),
            );
            let found = guarded(channels, |output| {
                guarded(shape.scratch_len(), |scratch| {
                    shape.run(isa, Workers::alone(scratch), &packed, &sums, output)
                });
            });
            let expected =
                reference::squeeze_excite(&shape, (&reduce, &first), (&expand, &second), &sums);
            assert_close(&format!("{isa} {shape:?}"), &found, &expected);
        }
    });
}

#[test]
fn mean_is_the_reference() {
    every_isa(|isa| {
        for (pixels, channels) in [(1, 1), (9, 7), (49, 1280), (64, 24), (100, 33)] {
            let shape = Mean { pixels, channels };
            let input = values("input", pixels * channels);
            let found = guarded(channels, |output| {
                shape.run(isa, Workers::alone(&mut []), &input, output)
            });
            assert_close(
                &format!("{isa} {shape:?}"),
                &found,
                &reference::mean(&shape, &input),
            );
        }
    });
}

/// One output channel of weight 1 hands its input to the activation as it is.
fn apply(isa: crate::Isa, activation: Activation, inputs: &[f32]) -> Vec<f32> {
    let rows = inputs.len();
    let shape = Pointwise {
        rows,
        in_channels: 1,
        out_channels: 1,
        activation,
        strip: rows,
        split: Split::Rows,
        input: Precision::F32,
        output: Precision::F32,
        residual: Precision::F32,
    };
    let packed = Pointwise::pack(isa, Precision::F32, 1, 1, &[1.0], &[0.0]);
    guarded(rows, |output| {
        shape.run(
            isa,
            Workers::alone(&mut []),
            &packed,
            inputs,
            None,
            None,
            output,
        )
    })
}

#[test]
fn silu_and_sigmoid_keep_their_error_bound() {
    let inputs: Vec<f32> = (-88_000..=88_000).map(|i| i as f32 / 1000.0).collect();
    every_isa(|isa| {
        for kind in [Activation::Silu, Activation::Sigmoid] {
            for (&x, found) in inputs.iter().zip(apply(isa, kind, &inputs)) {
                let expected = reference::activation(kind, f64::from(x));
                // What the module states for the exponential, and the roundings of sum and division.
                let bound = 8e-7 + 1e-7 * f64::from(x.abs());
                // Where exp overflows its float, the result may vanish a little early.
                let floor = f64::from(f32::MIN_POSITIVE) * 100.0;
                let error = (f64::from(found) - expected).abs();
                assert!(
                    error <= bound * expected.abs() + floor,
                    "{isa} {kind:?}({x}) is {found}, expected {expected}"
                );
            }
        }
    });
}

#[test]
fn activations_at_the_edges() {
    every_isa(|isa| {
        let huge = apply(isa, Activation::Silu, &[1e30, -1e30, 200.0, -200.0, 0.0]);
        assert_eq!(huge[0], 1e30);
        assert!(
            huge[1].abs() < 1e-5 && huge[3].abs() < 1e-30,
            "{isa} {huge:?}"
        );
        assert_eq!((huge[2], huge[4]), (200.0, 0.0));
        let sigmoid = apply(isa, Activation::Sigmoid, &[1e30, -1e30, 0.0]);
        assert_eq!((sigmoid[0], sigmoid[2]), (1.0, 0.5));
        assert!(sigmoid[1].abs() < 1e-37);
        for kind in ACTIVATIONS {
            assert!(
                apply(isa, kind, &[f32::NAN])[0].is_nan(),
                "{isa} {kind:?} loses a NaN"
            );
        }
    });
}
