//! One plan entry to one run-time-shaped operation.

use efficientnet_codegen::ir;
use efficientnet_codegen::plan::{Call, Kernel, Plan, Precision, Storage};
use efficientnet_runtime::kernels::{
    Dense, DepthFirst, Dequantize, Mean, Pointwise, PooledPointwise, Quantize, SqueezeExcite, Widen,
};
use efficientnet_runtime::ops;
use efficientnet_runtime::weights::Weights;
use efficientnet_runtime::workspace::Arena;

use super::shapes;

/// Computes one call; `image` is the network's input.
pub(super) fn call(plan: &Plan, call: &Call, packed: &Weights, image: &[f32], arena: &mut Arena) {
    let (input, output) = (plan.offset(call.input), plan.offset(call.output));
    let sums = call.kernel.sums().map(|sums| plan.offset(sums));
    let given = plan.buffer(call.output).precision;
    let layer = |number: usize| &packed[call.weights.start + number];
    match &call.kernel {
        Kernel::Stem {
            input: map,
            out_channels,
            window,
            activation,
            strip,
            split,
            weights,
            ..
        } => {
            let (activation, strip, split) = (*activation, *strip, *split);
            let shape = shapes::convolution(
                *map,
                *out_channels,
                *window,
                activation,
                strip,
                split,
                *weights,
            );
            match weights {
                Precision::Int8 => ops::convolution(&shape, layer(0), arena, input, output, None),
                Precision::F32 | Precision::Bf16 => {
                    ops::stem(&shape, layer(0), arena, image, output);
                }
            }
        }
        Kernel::Convolution {
            input: map,
            out_channels,
            window,
            activation,
            residual,
            strip,
            split,
            ..
        } => {
            let (activation, strip, split) = (*activation, *strip, *split);
            let precision = Precision::F32;
            let shape = shapes::convolution(
                *map,
                *out_channels,
                *window,
                activation,
                strip,
                split,
                precision,
            );
            let residual = residual.map(|residual| plan.offset(residual));
            ops::convolution(&shape, layer(0), arena, input, output, residual);
        }
        Kernel::Pointwise {
            input: map,
            out_channels,
            activation,
            gate,
            residual,
            strip,
            split,
            weights,
            ..
        } => {
            let added = residual.map_or(given, |residual| plan.buffer(residual).precision);
            let shape = Pointwise {
                rows: map.pixels(),
                in_channels: map.channels,
                out_channels: *out_channels,
                activation: shapes::activation(*activation),
                strip: *strip,
                split: shapes::split(*split),
                input: shapes::precision(*weights),
                output: shapes::precision(given),
                residual: shapes::precision(added),
            };
            let gate = gate.map(|gate| ops::Gate {
                mode: shapes::gate_mode(gate.mode),
                values: plan.offset(gate.values),
            });
            let residual = residual.map(|residual| plan.offset(residual));
            ops::pointwise(&shape, layer(0), arena, input, output, gate, residual);
        }
        Kernel::PooledPointwise {
            input: map,
            out_channels,
            activation,
            weights,
            ..
        } => {
            let shape = PooledPointwise {
                rows: map.pixels(),
                in_channels: map.channels,
                out_channels: *out_channels,
                activation: shapes::activation(*activation),
                input: shapes::precision(*weights),
            };
            ops::pooled_pointwise(&shape, layer(0), arena, input, output);
        }
        Kernel::Depthwise {
            input: map,
            window,
            activation,
            strip,
            split,
            ..
        } => {
            let shape = shapes::depthwise(*map, *window, *activation, *strip, *split, given);
            ops::depthwise(&shape, layer(0), arena, input, output, sums);
        }
        Kernel::DepthFirst {
            input: map,
            producer,
            expanded,
            window,
            activation,
            strip,
            split,
            weights,
            ..
        } => {
            let (window, activation) = (*window, *activation);
            let shape = DepthFirst {
                producer: shapes::producer(producer, *map, *weights),
                depthwise: shapes::depthwise(*expanded, window, activation, *strip, *split, given),
            };
            let layers = [layer(0), layer(1)];
            match (producer, weights) {
                (ir::Producer::Convolution { .. }, Precision::F32 | Precision::Bf16) => {
                    ops::stem_depthwise(&shape, layers, arena, image, output, sums);
                }
                (ir::Producer::Convolution { .. }, Precision::Int8)
                | (ir::Producer::Pointwise { .. }, _) => {
                    ops::expand_depthwise(&shape, layers, arena, input, output, sums);
                }
            }
        }
        Kernel::SqueezeExcite {
            channels,
            squeezed,
            pixels,
            activation,
            gate,
            strips,
            ..
        } => {
            let shape = SqueezeExcite {
                channels: *channels,
                squeezed: *squeezed,
                pixels: *pixels,
                strips: *strips,
                activation: shapes::activation(*activation),
                gate: shapes::activation(*gate),
                weights: layer(0).precision(),
            };
            ops::squeeze_excite(&shape, layer(0), arena, input, output);
        }
        Kernel::Mean { input: map } => {
            let shape = Mean {
                pixels: map.pixels(),
                channels: map.channels,
            };
            ops::mean(&shape, packed.isa(), arena, input, output);
        }
        Kernel::Dense {
            in_channels,
            out_channels,
            activation,
            ..
        } => {
            let shape = Dense {
                in_channels: *in_channels,
                out_channels: *out_channels,
                activation: shapes::activation(*activation),
                weights: layer(0).precision(),
            };
            ops::dense(&shape, layer(0), arena, input, output);
        }
        Kernel::Quantize { input: map } => {
            let shape = Quantize {
                pixels: map.pixels(),
                channels: map.channels,
                stored: call.output_shape.channels,
            };
            match plan.buffer(call.input).storage {
                Storage::Input => ops::quantize_image(&shape, layer(0), arena, image, output),
                Storage::Arena(_) | Storage::Unplaced => {
                    ops::quantize(&shape, layer(0), arena, input, output);
                }
            }
        }
        Kernel::Dequantize { input: map } => {
            let values = map.len();
            ops::dequantize(&Dequantize { values }, layer(0), arena, input, output);
        }
        Kernel::Widen { input: map } => {
            let values = map.len();
            ops::widen(&Widen { values }, packed.isa(), arena, input, output);
        }
    }
}
