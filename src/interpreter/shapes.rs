//! Shapes and attributes of a plan's calls in the runtime's words.

use efficientnet_codegen::ir::{self, Shape, Window};
use efficientnet_codegen::plan;
use efficientnet_runtime::kernels::{
    Activation, Convolution, Depthwise, GateMode, Pads, Precision, Producer, Split,
};

/// A direct convolution of a map.
pub(super) fn convolution(
    map: Shape,
    out_channels: usize,
    window: Window,
    activation: Option<efficientnet_spec::Activation>,
    strip: usize,
    split: plan::Split,
    weights: plan::Precision,
) -> Convolution {
    Convolution {
        height: map.height,
        width: map.width,
        in_channels: map.channels,
        out_channels,
        kernel: window.kernel,
        stride: window.stride,
        pads: pads(window),
        activation: self::activation(activation),
        strip,
        split: self::split(split),
        precision: precision(weights),
    }
}

/// A depthwise convolution of a map.
pub(super) fn depthwise(
    map: Shape,
    window: Window,
    activation: Option<efficientnet_spec::Activation>,
    strip: usize,
    split: plan::Split,
    output: plan::Precision,
) -> Depthwise {
    Depthwise {
        height: map.height,
        width: map.width,
        channels: map.channels,
        kernel: window.kernel,
        stride: window.stride,
        pads: pads(window),
        activation: self::activation(activation),
        strip,
        split: self::split(split),
        output: precision(output),
    }
}

/// What makes the map of a depth-first kernel from another.
pub(super) fn producer(producer: &ir::Producer, map: Shape, input: plan::Precision) -> Producer {
    match *producer {
        ir::Producer::Pointwise { activation, .. } => Producer::Pointwise {
            in_channels: map.channels,
            activation: self::activation(activation),
            input: precision(input),
        },
        ir::Producer::Convolution {
            window, activation, ..
        } => Producer::Convolution {
            height: map.height,
            width: map.width,
            in_channels: map.channels,
            kernel: window.kernel,
            stride: window.stride,
            pads: pads(window),
            activation: self::activation(activation),
            input: precision(input),
        },
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

pub(super) fn activation(activation: Option<efficientnet_spec::Activation>) -> Activation {
    use efficientnet_spec::Activation as Spec;
    match activation {
        None => Activation::Identity,
        Some(Spec::Silu) => Activation::Silu,
        Some(Spec::Relu6) => Activation::Relu6,
        Some(Spec::Relu) => Activation::Relu,
        Some(Spec::Sigmoid) => Activation::Sigmoid,
        Some(Spec::HardSwish) => Activation::HardSwish,
        Some(Spec::HardSigmoid) => Activation::HardSigmoid,
    }
}

pub(super) fn precision(precision: plan::Precision) -> Precision {
    match precision {
        plan::Precision::F32 => Precision::F32,
        plan::Precision::Bf16 => Precision::Bf16,
        plan::Precision::Int8 => Precision::Int8,
    }
}

pub(super) fn split(split: plan::Split) -> Split {
    match split {
        plan::Split::Rows => Split::Rows,
        plan::Split::Channels => Split::Channels,
    }
}

pub(super) fn gate_mode(mode: ir::GateMode) -> GateMode {
    match mode {
        ir::GateMode::Weights => GateMode::Weights,
        ir::GateMode::Input => GateMode::Input,
    }
}
