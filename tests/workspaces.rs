//! Room for one forward: what the compiler lays out is what the kernels ask for, and it is little.

mod common;

use common::{compiled, compiled_in};
use efficientnet::codegen::ir::{self, Shape, Window};
use efficientnet::codegen::plan::{self, Call, Kernel};
use efficientnet::runtime::Activation;
use efficientnet::runtime::kernels::{
    DepthFirst, Depthwise, GateMode, Pads, Pointwise, PooledPointwise, Precision, Producer, Split,
    SqueezeExcite,
};
use efficientnet::spec::{Options, Output, Padding, Resolution};
use efficientnet::{B0, B7, Model};

fn pads(window: &Window) -> Pads {
    Pads {
        top: window.pads.top,
        bottom: window.pads.bottom,
        left: window.pads.left,
        right: window.pads.right,
    }
}

fn precision(precision: plan::Precision) -> Precision {
    match precision {
        plan::Precision::F32 => Precision::F32,
        plan::Precision::Bf16 => Precision::Bf16,
        plan::Precision::Int8 => Precision::Int8,
    }
}

fn producer(producer: &ir::Producer, input: Shape, weights: plan::Precision) -> Producer {
    match producer {
        ir::Producer::Pointwise { .. } => Producer::Pointwise {
            in_channels: input.channels,
            activation: Activation::Identity,
            input: precision(weights),
        },
        ir::Producer::Convolution { window, .. } => Producer::Convolution {
            height: input.height,
            width: input.width,
            in_channels: input.channels,
            kernel: window.kernel,
            stride: window.stride,
            pads: pads(window),
            activation: Activation::Identity,
            input: precision(weights),
        },
    }
}

/// What the kernel of a call asks for beside its tensors, in floats a thread.
fn asked_for(call: &Call) -> usize {
    let activation = Activation::Identity;
    match &call.kernel {
        Kernel::Pointwise {
            input,
            out_channels,
            gate,
            strip,
            weights,
            ..
        } => {
            let shape = Pointwise {
                rows: input.pixels(),
                in_channels: input.channels,
                out_channels: *out_channels,
                activation,
                strip: *strip,
                split: Split::Rows,
                input: precision(*weights),
                output: precision(*weights),
                residual: precision(*weights),
            };
            shape.scratch_len(gate.map(|gate| match gate.mode {
                ir::GateMode::Weights => GateMode::Weights,
                ir::GateMode::Input => GateMode::Input,
            }))
        }
        Kernel::PooledPointwise {
            input,
            out_channels,
            weights,
            ..
        } => {
            let shape = PooledPointwise {
                rows: input.pixels(),
                in_channels: input.channels,
                out_channels: *out_channels,
                activation,
                input: precision(*weights),
            };
            shape.scratch_len()
        }
        Kernel::DepthFirst {
            input,
            producer,
            expanded,
            window,
            strip,
            weights,
            ..
        } => {
            let depthwise = Depthwise {
                height: expanded.height,
                width: expanded.width,
                channels: expanded.channels,
                kernel: window.kernel,
                stride: window.stride,
                pads: pads(window),
                activation,
                strip: *strip,
                split: Split::Rows,
                output: Precision::F32,
            };
            let producer = self::producer(producer, *input, *weights);
            DepthFirst {
                producer,
                depthwise,
            }
            .scratch_len()
        }
        Kernel::Depthwise {
            input,
            window,
            strip,
            weights,
            ..
        } => Depthwise {
            height: input.height,
            width: input.width,
            channels: input.channels,
            kernel: window.kernel,
            stride: window.stride,
            pads: pads(window),
            activation,
            strip: *strip,
            split: Split::Rows,
            output: precision(*weights),
        }
        .scratch_len(),
        Kernel::SqueezeExcite {
            channels,
            squeezed,
            pixels,
            strips,
            ..
        } => {
            let shape = SqueezeExcite {
                channels: *channels,
                squeezed: *squeezed,
                pixels: *pixels,
                strips: *strips,
                activation,
                gate: activation,
                weights: Precision::F32,
            };
            shape.scratch_len()
        }
        Kernel::Stem { .. }
        | Kernel::Convolution { .. }
        | Kernel::Mean { .. }
        | Kernel::Dense { .. }
        | Kernel::Quantize { .. }
        | Kernel::Dequantize { .. }
        | Kernel::Widen { .. } => 0,
    }
}

/// The compiler lays out the room without knowing the runtime; both must mean the same.
#[test]
fn the_plan_leaves_the_room_that_kernels_need() {
    for (spec, variant) in [
        ("efficientnet", "b0"),
        ("efficientnet", "b3"),
        ("efficientnet", "b7"),
        ("lite", "lite4"),
    ] {
        for size in [None, Some((1, 1)), Some((75, 32)), Some((333, 500))] {
            for padding in [Padding::Symmetric, Padding::Same] {
                let resolution = size.map(|(height, width)| Resolution { height, width });
                let options = Options {
                    resolution,
                    padding,
                    ..Options::default()
                };
                for precision in plan::Precision::NAMES.map(|(precision, _)| precision) {
                    if precision == plan::Precision::Int8 && spec != "lite" {
                        continue;
                    }
                    // With the stem stored, the first depthwise stands alone.
                    let outputs = [Output::Stem, Output::Logits];
                    let compiled = compiled_in(precision, spec, variant, &options, &outputs);
                    let plan = compiled.plan;
                    let mut most = 0;
                    for call in &plan.calls {
                        assert_eq!(call.scratch_len(), asked_for(call), "{}", plan.line(call));
                        most = most.max(call.scratch_len());
                    }
                    assert_eq!(plan.scratch, most);
                }
            }
        }
    }
}

/// Expanded maps are never stored.
#[test]
fn workspaces_are_small() {
    const MB: usize = 1_000_000;
    const { assert!(B0::WORKSPACE_BYTES <= 4 * MB) };
    const { assert!(B7::WORKSPACE_BYTES <= 64 * MB) };
    let options = Options::default();
    for (bytes, variant) in [(B0::WORKSPACE_BYTES, "b0"), (B7::WORKSPACE_BYTES, "b7")] {
        let plan = compiled("efficientnet", variant, &options).plan;
        assert_eq!(bytes, plan.workspace_bytes(), "{variant}");
    }
}
