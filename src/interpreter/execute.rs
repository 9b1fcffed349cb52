//! One plan entry to one run-time-shaped operation.

use efficientnet_codegen::ir::{GateMode, Window};
use efficientnet_codegen::plan::{Call, Kernel, Plan};
use efficientnet_runtime::kernels::{
    self, Activation, Convolution, Dense, Depthwise, Mean, Pads, Pointwise, SqueezeExcite,
};
use efficientnet_runtime::ops;
use efficientnet_runtime::weights::Weights;

pub(super) fn call(plan: &Plan, call: &Call, weights: &Weights, image: &[f32], arena: &mut [f32]) {
    let input = plan.offset(call.input);
    let output = plan.offset(call.output);
    // Calls without weights never look at the layer.
    let layer = &weights[call.weights.unwrap_or_default()];
    match &call.kernel {
        Kernel::Convolution {
            input: map,
            out_channels,
            window,
            activation,
            ..
        } => {
            let shape = Convolution {
                height: map.height,
                width: map.width,
                in_channels: map.channels,
                out_channels: *out_channels,
                kernel: window.kernel,
                stride: window.stride,
                pads: pads(*window),
                activation: self::activation(*activation),
            };
            ops::convolution(&shape, layer, arena, image, output);
        }
        Kernel::Pointwise {
            input: map,
            out_channels,
            activation,
            gate,
            residual,
            strip,
            ..
        } => {
            let shape = Pointwise {
                rows: map.pixels(),
                in_channels: map.channels,
                out_channels: *out_channels,
                activation: self::activation(*activation),
                strip: *strip,
            };
            let gate = gate.map(|gate| ops::Gate {
                mode: match gate.mode {
                    GateMode::Weights => kernels::GateMode::Weights,
                    GateMode::Input => kernels::GateMode::Input,
                },
                values: plan.offset(gate.values),
                scratch: plan.offset(gate.scratch),
            });
            let residual = residual.map(|residual| plan.offset(residual));
            ops::pointwise(&shape, layer, arena, input, output, gate, residual);
        }
        Kernel::Depthwise {
            input: map,
            window,
            activation,
            sums,
            ..
        } => {
            let shape = Depthwise {
                height: map.height,
                width: map.width,
                channels: map.channels,
                kernel: window.kernel,
                stride: window.stride,
                pads: pads(*window),
                activation: self::activation(*activation),
            };
            let sums = sums.map(|sums| plan.offset(sums));
            ops::depthwise(&shape, layer, arena, input, output, sums);
        }
        Kernel::SqueezeExcite {
            channels,
            squeezed,
            pixels,
            activation,
            gate,
            scratch,
            ..
        } => {
            let shape = SqueezeExcite {
                channels: *channels,
                squeezed: *squeezed,
                pixels: *pixels,
                activation: self::activation(*activation),
                gate: self::activation(*gate),
            };
            ops::squeeze_excite(&shape, layer, arena, input, output, plan.offset(*scratch));
        }
        Kernel::Mean { input: map } => {
            let shape = Mean {
                pixels: map.pixels(),
                channels: map.channels,
            };
            ops::mean(&shape, weights.isa(), arena, input, output);
        }
        Kernel::Dense {
            in_channels,
            out_channels,
            ..
        } => {
            let shape = Dense {
                in_channels: *in_channels,
                out_channels: *out_channels,
                activation: Activation::Identity,
            };
            ops::dense(&shape, layer, arena, input, output);
        }
    }
}

fn pads(window: Window) -> Pads {
    let pads = window.pads;
    Pads {
        top: pads.top,
        bottom: pads.bottom,
        left: pads.left,
        right: pads.right,
    }
}

fn activation(activation: Option<efficientnet_spec::Activation>) -> Activation {
    use efficientnet_spec::Activation as Spec;
    match activation {
        None => Activation::Identity,
        Some(Spec::Silu) => Activation::Silu,
        Some(Spec::Relu6) => Activation::Relu6,
        Some(Spec::Relu) => Activation::Relu,
        Some(Spec::Sigmoid) => Activation::Sigmoid,
    }
}
