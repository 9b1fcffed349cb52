//! Slices that do not fit their shape are refused, also where products of extents would wrap around.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::every_isa;
use crate::Isa;
use crate::kernels::{
    Activation, Convolution, Depthwise, Gate, GateMode, Mean, Pads, Pointwise, Precision, Split,
    Workers,
};

fn refuses(isa: Isa, what: &str, run: impl FnOnce()) {
    let outcome = catch_unwind(AssertUnwindSafe(run));
    assert!(outcome.is_err(), "{isa} computes with {what}");
}

const POINTWISE: Pointwise = Pointwise {
    rows: 4,
    in_channels: 2,
    out_channels: 2,
    activation: Activation::Identity,
    strip: 4,
    split: Split::Rows,
    input: Precision::F32,
    output: Precision::F32,
    residual: Precision::F32,
};

const DEPTHWISE: Depthwise = Depthwise {
    height: 3,
    width: 3,
    channels: 2,
    kernel: 3,
    stride: 1,
    pads: Pads {
        top: 0,
        bottom: 0,
        left: 0,
        right: 0,
    },
    activation: Activation::Identity,
    strip: 3,
    split: Split::Rows,
    output: Precision::F32,
};

#[test]
fn pointwise_refuses_wrong_lengths() {
    every_isa(|isa| {
        let packed = Pointwise::pack(isa, Precision::F32, 2, 2, &[1.0; 4], &[0.0; 2]);
        let run = |shape: Pointwise, input: usize, output: usize| {
            let (input, mut output) = (vec![1.0; input], vec![0.0; output]);
            let workers = Workers::alone(&mut []);
            shape.run(isa, workers, &packed, &input, None, None, &mut output);
        };
        run(POINTWISE, 8, 8);
        refuses(isa, "a short input", || run(POINTWISE, 7, 8));
        refuses(isa, "a short output", || run(POINTWISE, 8, 7));
        refuses(isa, "an empty strip", || {
            run(
                Pointwise {
                    strip: 0,
                    ..POINTWISE
                },
                8,
                8,
            )
        });
        let wrapping = Pointwise {
            rows: 1 << 63,
            ..POINTWISE
        };
        refuses(isa, "more rows than addresses", || run(wrapping, 0, 0));
    });
}

#[test]
fn gates_refuse_wrong_lengths() {
    every_isa(|isa| {
        let packed = Pointwise::pack(isa, Precision::F32, 2, 2, &[1.0; 4], &[0.0; 2]);
        let run = |strip: usize, mode: GateMode, values: usize, scratch: usize| {
            let (values, mut scratch) = (vec![1.0; values], vec![0.0; scratch]);
            let gate = Gate {
                mode,
                values: &values,
            };
            let shape = Pointwise { strip, ..POINTWISE };
            let workers = Workers::alone(&mut scratch);
            shape.run(
                isa,
                workers,
                &packed,
                &[1.0; 8],
                Some(gate),
                None,
                &mut [0.0; 8],
            );
        };
        // A strip is no longer than the map.
        run(1 << 61, GateMode::Input, 2, 8);
        run(4, GateMode::Weights, 2, 48);
        refuses(isa, "a short gate", || run(4, GateMode::Input, 1, 8));
        refuses(isa, "short room for the input", || {
            run(1 << 61, GateMode::Input, 2, 7)
        });
        refuses(isa, "short room for the weights", || {
            run(4, GateMode::Weights, 2, 47)
        });
    });
}

#[test]
fn depthwise_refuses_wrong_lengths_and_small_maps() {
    every_isa(|isa| {
        let packed = Depthwise::pack(isa, 2, 3, &[1.0; 18], &[0.0; 2]);
        let run = |shape: Depthwise, input: usize, output: usize, sums: usize| {
            let (input, mut output, mut sums) =
                (vec![1.0; input], vec![0.0; output], vec![0.0; sums]);
            let workers = Workers::alone(&mut []);
            shape.run(isa, workers, &packed, &input, &mut output, Some(&mut sums));
        };
        run(DEPTHWISE, 18, 2, 2);
        refuses(isa, "a short input", || run(DEPTHWISE, 17, 2, 2));
        refuses(isa, "a short output", || run(DEPTHWISE, 18, 1, 2));
        refuses(isa, "short sums", || run(DEPTHWISE, 18, 2, 1));
        let small = Depthwise {
            height: 1,
            width: 1,
            ..DEPTHWISE
        };
        // (1 - 3 + 1) squared is 1 pixel, if it wraps around.
        refuses(isa, "a map smaller than its window", || run(small, 2, 2, 2));
        let pads = Pads {
            top: 2,
            bottom: 2,
            left: 2,
            right: 2,
        };
        let empty = Depthwise {
            height: 0,
            width: 0,
            pads,
            ..DEPTHWISE
        };
        refuses(isa, "an empty map", || run(empty, 0, 8, 2));
    });
}

#[test]
fn other_kernels_refuse_wrong_lengths() {
    every_isa(|isa| {
        let stem = Convolution {
            height: 1,
            width: 1,
            in_channels: 1,
            out_channels: 1,
            kernel: 3,
            stride: 1,
            pads: Pads::default(),
            activation: Activation::Identity,
            strip: 1,
            split: Split::Rows,
            precision: Precision::F32,
        };
        let packed = Convolution::pack(isa, 1, 1, 3, &[1.0; 9], &[0.0], &[0.0]);
        refuses(isa, "a map smaller than its window", || {
            let workers = Workers::alone(&mut []);
            stem.run(isa, workers, &packed, &[1.0], None, &mut [0.0]);
        });
        let mean = Mean {
            pixels: 1 << 63,
            channels: 2,
        };
        refuses(isa, "more pixels than addresses", || {
            mean.run(isa, Workers::alone(&mut []), &[], &mut [0.0; 2])
        });
    });
}
