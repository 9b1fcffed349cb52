//! What weights are packed from.

use super::{Kernel, Plan, Precision};
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
    },
    /// One filter a channel.
    Depthwise {
        /// Names.
        filter: Filter,
        /// Channels.
        channels: usize,
        /// Kernel size in pixels.
        kernel: usize,
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
    },
}

impl WeightLayer {
    /// Precision that they are packed in: biases, and filters of windows, are always f32.
    pub fn precision(&self) -> Precision {
        match *self {
            WeightLayer::Stem { .. }
            | WeightLayer::Convolution { .. }
            | WeightLayer::Depthwise { .. } => Precision::F32,
            WeightLayer::Pointwise { precision, .. }
            | WeightLayer::SqueezeExcite { precision, .. }
            | WeightLayer::Dense { precision, .. } => precision,
        }
    }
}

impl Kernel {
    /// What its weights are packed from, in the order in which it takes them.
    pub fn weights(&self) -> Vec<WeightLayer> {
        match self {
            Kernel::Stem {
                input,
                out_channels,
                window,
                filter,
                ..
            } => vec![stem(filter, *input, *out_channels, *window)],
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
                ..
            } => vec![depthwise(filter, *input, *window)],
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
                depthwise(filter, *expanded, *window),
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
                },
                Matrix::Pointwise => {
                    let input = Shape::vector(*in_channels);
                    pointwise(filter, input, *out_channels, *weights)
                }
            }],
            Kernel::Mean { .. } | Kernel::Widen { .. } => Vec::new(),
        }
    }
}

fn stem(filter: &Filter, input: Shape, outputs: usize, window: Window) -> WeightLayer {
    WeightLayer::Stem {
        filter: filter.clone(),
        inputs: input.channels,
        outputs,
        kernel: window.kernel,
    }
}

fn pointwise(filter: &Filter, input: Shape, outputs: usize, precision: Precision) -> WeightLayer {
    WeightLayer::Pointwise {
        filter: filter.clone(),
        inputs: input.channels,
        outputs,
        precision,
    }
}

fn depthwise(filter: &Filter, input: Shape, window: Window) -> WeightLayer {
    WeightLayer::Depthwise {
        filter: filter.clone(),
        channels: input.channels,
        kernel: window.kernel,
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
        Producer::Convolution { window, filter, .. } => stem(filter, input, outputs, *window),
    }
}

impl Plan {
    /// What the calls' weights are packed from, in the order in which calls index them.
    pub fn layers(&self) -> Vec<WeightLayer> {
        let kernels = self.calls.iter().map(|call| &call.kernel);
        kernels.flat_map(Kernel::weights).collect()
    }
}
