//! What weights are packed from.

use super::{Kernel, Precision, Quantization};
use crate::ir::{Filter, Matrix, Producer, Shape, Window};

/// The tensors of one set of a kernel call's weights, by name and extents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WeightLayer {
    /// A dense convolution of the network's input.
    Stem {
        /// Names.
        filter: Filter,
        /// Input channels.
        inputs: usize,
        /// Filters.
        outputs: usize,
        /// Kernel size in pixels.
        kernel: usize,
        /// Precision that they are packed in.
        precision: Precision,
        /// The scales, where that is int8.
        quantization: Option<Quantization>,
    },
    /// A dense convolution of an inner map.
    Convolution {
        /// Names.
        filter: Filter,
        /// Input channels.
        inputs: usize,
        /// Filters.
        outputs: usize,
        /// Kernel size in pixels.
        kernel: usize,
    },
    /// A dense convolution of one pixel.
    Pointwise {
        /// Names.
        filter: Filter,
        /// Input channels.
        inputs: usize,
        /// Filters.
        outputs: usize,
        /// Precision that they are packed in.
        precision: Precision,
        /// The scales, where that is int8.
        quantization: Option<Quantization>,
    },
    /// One filter a channel.
    Depthwise {
        /// Names.
        filter: Filter,
        /// Channels.
        channels: usize,
        /// Kernel size in pixels.
        kernel: usize,
        /// Precision of what they are packed from: packed filters are floats.
        precision: Precision,
        /// The scales, where that is int8.
        quantization: Option<Quantization>,
    },
    /// Both products of squeeze and excite.
    SqueezeExcite {
        /// Names of the first product.
        reduce: Filter,
        /// Names of the second product.
        expand: Filter,
        /// Length of sums and gate.
        channels: usize,
        /// Length in between.
        squeezed: usize,
        /// Precision that they are packed in.
        precision: Precision,
    },
    /// A fully connected layer: the classifier.
    Dense {
        /// Names.
        filter: Filter,
        /// Input length.
        inputs: usize,
        /// Output length.
        outputs: usize,
        /// Precision that they are packed in.
        precision: Precision,
        /// The scales, where that is int8.
        quantization: Option<Quantization>,
    },
    /// No product, but the scale of a tensor of codes.
    Activation {
        /// Name of the codes.
        name: String,
    },
}

impl WeightLayer {
    /// Precision that they are packed in: biases, and filters of windows over floats, are always f32.
    pub fn precision(&self) -> Precision {
        match *self {
            WeightLayer::Convolution { .. } | WeightLayer::Activation { .. } => Precision::F32,
            WeightLayer::Stem { precision, .. }
            | WeightLayer::Pointwise { precision, .. }
            | WeightLayer::Depthwise { precision, .. }
            | WeightLayer::SqueezeExcite { precision, .. }
            | WeightLayer::Dense { precision, .. } => precision,
        }
    }

    /// The scales that it is packed with, where it is int8.
    pub fn quantization(&self) -> Option<&Quantization> {
        match self {
            WeightLayer::Stem { quantization, .. }
            | WeightLayer::Pointwise { quantization, .. }
            | WeightLayer::Depthwise { quantization, .. }
            | WeightLayer::Dense { quantization, .. } => quantization.as_ref(),
            WeightLayer::Convolution { .. }
            | WeightLayer::SqueezeExcite { .. }
            | WeightLayer::Activation { .. } => None,
        }
    }

    /// Sets the scales of a layer that can be int8.
    pub(super) fn quantize(&mut self, scales: Quantization) {
        match self {
            WeightLayer::Stem { quantization, .. }
            | WeightLayer::Pointwise { quantization, .. }
            | WeightLayer::Depthwise { quantization, .. }
            | WeightLayer::Dense { quantization, .. } => *quantization = Some(scales),
            WeightLayer::Convolution { .. }
            | WeightLayer::SqueezeExcite { .. }
            | WeightLayer::Activation { .. } => {}
        }
    }

    /// What it is called in a checkpoint: by its weights (the first of two products), or by the codes.
    pub(crate) fn tensor(&self) -> &str {
        match self {
            WeightLayer::Stem { filter, .. }
            | WeightLayer::Convolution { filter, .. }
            | WeightLayer::Pointwise { filter, .. }
            | WeightLayer::Depthwise { filter, .. }
            | WeightLayer::SqueezeExcite { reduce: filter, .. }
            | WeightLayer::Dense { filter, .. } => &filter.weight,
            WeightLayer::Activation { name } => name,
        }
    }
}

impl Kernel {
    /// The weights of its products, in the order in which it takes them, without scales.
    pub(super) fn products(&self) -> Vec<WeightLayer> {
        match self {
            Kernel::Stem {
                input,
                out_channels,
                window,
                filter,
                weights,
                ..
            } => vec![stem(filter, *input, *out_channels, *window, *weights)],
            Kernel::Convolution {
                input,
                out_channels,
                window,
                filter,
                ..
            } => vec![WeightLayer::Convolution {
                filter: filter.clone(),
                inputs: input.channels,
                outputs: *out_channels,
                kernel: window.kernel,
            }],
            Kernel::Pointwise {
                input,
                out_channels,
                filter,
                weights,
                ..
            }
            | Kernel::PooledPointwise {
                input,
                out_channels,
                filter,
                weights,
                ..
            } => vec![pointwise(filter, *input, *out_channels, *weights)],
            Kernel::Depthwise {
                input,
                window,
                filter,
                weights,
                ..
            } => vec![depthwise(filter, *input, *window, *weights)],
            Kernel::DepthFirst {
                input,
                producer,
                expanded,
                window,
                filter,
                weights,
                ..
            } => vec![
                produced(producer, *input, expanded.channels, *weights),
                depthwise(filter, *expanded, *window, *weights),
            ],
            Kernel::SqueezeExcite {
                channels,
                squeezed,
                reduce,
                expand,
                weights,
                ..
            } => vec![WeightLayer::SqueezeExcite {
                reduce: reduce.clone(),
                expand: expand.clone(),
                channels: *channels,
                squeezed: *squeezed,
                precision: *weights,
            }],
            Kernel::Dense {
                in_channels,
                out_channels,
                filter,
                matrix,
                weights,
                ..
            } => vec![match matrix {
                Matrix::Dense => WeightLayer::Dense {
                    filter: filter.clone(),
                    inputs: *in_channels,
                    outputs: *out_channels,
                    precision: *weights,
                    quantization: None,
                },
                Matrix::Pointwise => {
                    let input = Shape::vector(*in_channels);
                    pointwise(filter, input, *out_channels, *weights)
                }
            }],
            Kernel::Mean { .. }
            | Kernel::Widen { .. }
            | Kernel::Quantize { .. }
            | Kernel::Dequantize { .. } => Vec::new(),
        }
    }
}

fn stem(
    filter: &Filter,
    input: Shape,
    outputs: usize,
    window: Window,
    weights: Precision,
) -> WeightLayer {
    WeightLayer::Stem {
        filter: filter.clone(),
        inputs: input.channels,
        outputs,
        kernel: window.kernel,
        precision: of_window(weights),
        quantization: None,
    }
}

fn pointwise(filter: &Filter, input: Shape, outputs: usize, precision: Precision) -> WeightLayer {
    WeightLayer::Pointwise {
        filter: filter.clone(),
        inputs: input.channels,
        outputs,
        precision,
        quantization: None,
    }
}

fn depthwise(filter: &Filter, input: Shape, window: Window, weights: Precision) -> WeightLayer {
    WeightLayer::Depthwise {
        filter: filter.clone(),
        channels: input.channels,
        kernel: window.kernel,
        precision: of_window(weights),
        quantization: None,
    }
}

/// Filters of windows are never bfloat16.
fn of_window(weights: Precision) -> Precision {
    match weights {
        Precision::Int8 => Precision::Int8,
        Precision::F32 | Precision::Bf16 => Precision::F32,
    }
}

fn produced(
    producer: &Producer,
    input: Shape,
    outputs: usize,
    precision: Precision,
) -> WeightLayer {
    match producer {
        Producer::Pointwise { filter, .. } => pointwise(filter, input, outputs, precision),
        Producer::Convolution { window, filter, .. } => {
            stem(filter, input, outputs, *window, precision)
        }
    }
}
