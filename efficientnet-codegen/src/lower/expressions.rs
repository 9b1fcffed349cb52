//! The calls: a function of the runtime's statically shaped layer each, shapes as generic arguments.

use efficientnet_spec::{Activation, Module, Padding, Pads, Part};

use crate::ir::{GateMode, Producer, Shape, Window};
use crate::plan::{BufferId, Call, Gate, Kernel, Plan, Precision, Split, Storage, grouped};

/// Writes calls of one function.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expressions<'a> {
    pub(super) plan: &'a Plan,
    /// What the function's `x` is at first, whatever the function before calls it.
    pub(super) parameter: BufferId,
}

impl Expressions<'_> {
    /// One call.
    pub(super) fn call(self, call: &Call) -> String {
        let generics = self.generics(call).join(", ");
        let arguments = self.arguments(call).join(", ");
        format!("{}::<{generics}>({arguments})", function(self.plan, call))
    }

    /// Shapes first, then tiles, paddings, activations and the type of the values given.
    fn generics(self, call: &Call) -> Vec<String> {
        let output = size(call.output_shape);
        match &call.kernel {
            Kernel::Stem {
                input,
                out_channels,
                window,
                activation,
                strip,
                split,
                weights: Precision::Int8,
                ..
            } => list([
                &map(*input),
                &grouped(*input).channels,
                &output,
                out_channels,
                &square(*window),
                strip,
                &split_type(*split),
                &self.padding(*input, *window),
                &activation_type(*activation),
                &self.element(call),
            ]),
            Kernel::Stem {
                input,
                out_channels,
                window,
                activation,
                strip,
                split,
                ..
            }
            | Kernel::Convolution {
                input,
                out_channels,
                window,
                activation,
                strip,
                split,
                ..
            } => list([
                &map(*input),
                &output,
                out_channels,
                &square(*window),
                strip,
                &split_type(*split),
                &self.padding(*input, *window),
                &activation_type(*activation),
            ]),
            Kernel::Pointwise {
                input,
                out_channels,
                activation,
                strip,
                split,
                ..
            } => {
                let mut generics = list([&map(*input), out_channels, strip, &split_type(*split)]);
                if !is_projection(call) {
                    generics.push(activation_type(*activation).to_owned());
                }
                generics.push(self.element(call).to_owned());
                generics
            }
            Kernel::PooledPointwise {
                input,
                out_channels,
                activation,
                ..
            } => list([
                &map(*input),
                out_channels,
                &activation_type(*activation),
                &self.element(call),
            ]),
            Kernel::Depthwise {
                input,
                window,
                activation,
                strip,
                split,
                ..
            } => list([
                &map(*input),
                &output,
                &square(*window),
                strip,
                &split_type(*split),
                &self.padding(*input, *window),
                &activation_type(*activation),
                &self.element(call),
            ]),
            Kernel::DepthFirst { .. } => self.depth_first(call),
            Kernel::SqueezeExcite {
                channels,
                squeezed,
                pixels,
                activation,
                gate,
                ..
            } => list([
                channels,
                squeezed,
                pixels,
                &activation_type(*activation),
                &activation_type(*gate),
            ]),
            Kernel::Mean { input } | Kernel::Widen { input } => list([&map(*input)]),
            Kernel::Quantize { input } if is_image(self.plan, call) => {
                list([&map(*input), &call.output_shape.channels])
            }
            Kernel::Quantize { input } => list([&input.channels]),
            Kernel::Dequantize { input } if is_vector(self.plan, call.input) => {
                list([&input.channels])
            }
            Kernel::Dequantize { input } => list([&map(*input)]),
            Kernel::Dense {
                in_channels,
                out_channels,
                activation,
                ..
            } => list([in_channels, out_channels, &activation_type(*activation)]),
        }
    }

    fn depth_first(self, call: &Call) -> Vec<String> {
        let Kernel::DepthFirst {
            input,
            producer,
            expanded,
            window,
            activation,
            strip,
            split,
            weights,
            ..
        } = &call.kernel
        else {
            return Vec::new();
        };
        let (output, split) = (size(call.output_shape), split_type(*split));
        let (square_of_depthwise, zeros) = (square(*window), self.padding(*expanded, *window));
        let (second, element) = (activation_type(*activation), self.element(call));
        match producer {
            Producer::Pointwise { activation, .. } => list([
                &map(*input),
                &expanded.channels,
                &output,
                &square_of_depthwise,
                strip,
                &split,
                &zeros,
                &activation_type(*activation),
                &second,
                &element,
            ]),
            Producer::Convolution {
                window, activation, ..
            } => {
                let mut generics = list([&map(*input)]);
                if *weights == Precision::Int8 {
                    generics.push(grouped(*input).channels.to_string());
                }
                generics.extend(list([
                    &map(*expanded),
                    &square(*window),
                    &output,
                    &square_of_depthwise,
                    strip,
                    &split,
                    &self.padding(*input, *window),
                    &zeros,
                    &activation_type(*activation),
                    &second,
                    &element,
                ]));
                generics
            }
        }
    }

    /// Weights, arena, what is read, and addresses of what is written; then what is optional.
    fn arguments(self, call: &Call) -> Vec<String> {
        let mut arguments: Vec<String> = match call.kernel {
            Kernel::Mean { .. } | Kernel::Widen { .. } => vec!["w".to_owned()],
            _ => call.weights.clone().map(|i| format!("&w[{i}]")).collect(),
        };
        arguments.push("a".to_owned());
        arguments.push(self.local(call.input).to_owned());
        arguments.push(self.plan.offset(call.output).to_string());
        if let Some(sums) = call.kernel.sums() {
            arguments.push(self.plan.offset(sums).to_string());
        }
        let takes_shortcut = match &call.kernel {
            Kernel::Pointwise { gate, .. } if is_projection(call) => {
                arguments.push(gate.map_or_else(none, |gate| self.gate(gate)));
                true
            }
            Kernel::Convolution { .. } => true,
            _ => false,
        };
        if takes_shortcut {
            let shortcut = |id| match call.kernel {
                Kernel::Pointwise { .. } => format!("shortcut({})", self.local(id)),
                _ => format!("Some({})", self.local(id)),
            };
            arguments.push(call.kernel.residual().map_or_else(none, shortcut));
        }
        arguments
    }

    fn gate(self, gate: Gate) -> String {
        let mode = match gate.mode {
            GateMode::Weights => "gate_weights",
            GateMode::Input => "gate_input",
        };
        format!("{mode}({})", self.local(gate.values))
    }

    /// The type of the values that a call gives.
    fn element(self, call: &Call) -> &'static str {
        match self.plan.buffer(call.output).precision {
            Precision::F32 => "f32",
            Precision::Bf16 => "Bf16",
            Precision::Int8 => "Q8",
        }
    }

    /// The zeros around a map as a type.
    fn padding(self, input: Shape, window: Window) -> String {
        let Window {
            kernel,
            stride,
            pads,
        } = window;
        match self.plan.padding {
            Padding::Same if pads == Pads::same(input.height, input.width, kernel, stride) => {
                "Same".to_owned()
            }
            Padding::Symmetric if pads == Pads::symmetric(kernel) => "Symmetric".to_owned(),
            Padding::Same | Padding::Symmetric => {
                let Pads {
                    top,
                    bottom,
                    left,
                    right,
                } = pads;
                format!("ExplicitPadding<{top}, {bottom}, {left}, {right}>")
            }
        }
    }

    /// The pattern that names a call's results.
    pub(super) fn result(self, call: &Call) -> String {
        let main = self.local(call.output);
        match call.kernel.sums() {
            Some(sums) => format!("({main}, {})", self.local(sums)),
            None => main.to_owned(),
        }
    }

    /// The variable that holds a buffer's address: `x` for the running map, `e` expanded, `d` after
    /// the depthwise, `s` its sums, `g` the gate.
    fn local(self, id: BufferId) -> &'static str {
        if id == self.parameter {
            return "x";
        }
        for call in &self.plan.calls {
            if call.kernel.sums() == Some(id) {
                return "s";
            }
            if call.output == id {
                return result_name(call);
            }
        }
        "x"
    }
}

fn result_name(call: &Call) -> &'static str {
    let inside = matches!(call.place.part, Part::Block { .. });
    match call.kernel {
        Kernel::Depthwise { .. } | Kernel::DepthFirst { .. } if inside => "d",
        Kernel::SqueezeExcite { .. } => "g",
        // Of a map that no depthwise made: `x` is still the shortcut's.
        Kernel::Mean { .. } if inside => "s",
        Kernel::Pointwise { .. } if call.place.module == Some(Module::Two) => "e",
        // A fused block's, of pixels or windows.
        Kernel::Pointwise { .. } | Kernel::Convolution { .. }
            if call.place.module == Some(Module::One) =>
        {
            "e"
        }
        _ => "x",
    }
}

/// Whether a call makes codes of the caller's input.
fn is_image(plan: &Plan, call: &Call) -> bool {
    plan.buffer(call.input).storage == Storage::Input
}

/// Whether a buffer is a vector by the kernel that writes it: a map may have one pixel, too.
pub(super) fn is_vector(plan: &Plan, id: BufferId) -> bool {
    let writer = plan.calls.iter().find(|call| call.output == id);
    writer.is_some_and(|call| match call.kernel {
        Kernel::PooledPointwise { .. }
        | Kernel::SqueezeExcite { .. }
        | Kernel::Mean { .. }
        | Kernel::Dense { .. } => true,
        Kernel::Quantize { .. } | Kernel::Dequantize { .. } => is_vector(plan, call.input),
        _ => false,
    })
}

/// The runtime's function.
fn function(plan: &Plan, call: &Call) -> &'static str {
    let sums = call.kernel.sums().is_some();
    match (&call.kernel, call.kernel.name()) {
        (Kernel::Quantize { .. }, _) if !is_image(plan, call) => "quantize_vector",
        (Kernel::Dequantize { .. }, _) if is_vector(plan, call.input) => "dequantize_vector",
        (
            Kernel::Stem {
                weights: Precision::Int8,
                ..
            },
            _,
        ) => "quantized_stem_convolution",
        (
            Kernel::DepthFirst {
                weights: Precision::Int8,
                ..
            },
            "stem_depthwise",
        ) => "quantized_stem_depthwise",
        (Kernel::Pointwise { .. }, _) if is_projection(call) => "project",
        (_, "depthwise") if sums => "depthwise_sums",
        (_, "expand_depthwise") if sums => "expand_depthwise_sums",
        (_, "stem_depthwise") if sums => "stem_depthwise_sums",
        (_, name) => name,
    }
}

/// Whether a product has a gate or a shortcut.
fn is_projection(call: &Call) -> bool {
    match &call.kernel {
        Kernel::Pointwise { gate, residual, .. } => gate.is_some() || residual.is_some(),
        _ => false,
    }
}

fn list<const N: usize>(generics: [&dyn ToString; N]) -> Vec<String> {
    generics.map(ToString::to_string).to_vec()
}

fn none() -> String {
    "None".to_owned()
}

fn map(shape: Shape) -> String {
    format!("{}, {}", size(shape), shape.channels)
}

fn size(shape: Shape) -> String {
    format!("{}, {}", shape.height, shape.width)
}

fn square(window: Window) -> String {
    format!("{}, {}", window.kernel, window.stride)
}

/// The runtime's marker type.
fn activation_type(activation: Option<Activation>) -> &'static str {
    match activation {
        None => "Linear",
        Some(Activation::Silu) => "Silu",
        Some(Activation::Relu6) => "Relu6",
        Some(Activation::Relu) => "Relu",
        Some(Activation::Sigmoid) => "Sigmoid",
        Some(Activation::HardSwish) => "HardSwish",
        Some(Activation::HardSigmoid) => "HardSigmoid",
    }
}

/// The runtime's marker type.
fn split_type(split: Split) -> &'static str {
    match split {
        Split::Rows => "Rows",
        Split::Channels => "Channels",
    }
}
