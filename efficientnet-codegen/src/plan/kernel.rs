//! What a kernel computes: shapes, tiles and further operands.

use efficientnet_spec::Activation;

use super::{BufferId, Gate, Precision};
use crate::ir::{Filter, Matrix, Producer, Shape, Window};

/// Codes that a product of int8 multiplies at once.
const GROUP: usize = 4;

/// Along which axis a call is split between threads; results never depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Split {
    /// Strips of the output's rows (or pixels), each with all channels.
    Rows,
    /// Panels of output channels, each with all rows.
    Channels,
}

/// Shape attributes and further operands of one kernel.
#[derive(Clone, Debug, PartialEq)]
pub enum Kernel {
    /// Dense convolution of the network's input, direct.
    Stem {
        /// Input map.
        input: Shape,
        /// Filters.
        out_channels: usize,
        /// Kernel, stride, zeros.
        window: Window,
        /// Weights.
        filter: Filter,
        /// Epilogue.
        activation: Option<Activation>,
        /// Tile: rows of output.
        strip: usize,
        /// What threads share: strips, or panels of filters.
        split: Split,
        /// Precision of the weights, and of the map that they are multiplied with.
        weights: Precision,
    },
    /// Dense convolution of an inner map, direct.
    Convolution {
        /// Input map.
        input: Shape,
        /// Filters.
        out_channels: usize,
        /// Kernel, stride, zeros.
        window: Window,
        /// Weights.
        filter: Filter,
        /// Epilogue.
        activation: Option<Activation>,
        /// Shortcut, added last.
        residual: Option<BufferId>,
        /// Tile: rows of output.
        strip: usize,
        /// What threads share: strips, or panels of filters.
        split: Split,
    },
    /// Matrix product over all pixels.
    Pointwise {
        /// Input map.
        input: Shape,
        /// Filters.
        out_channels: usize,
        /// Weights.
        filter: Filter,
        /// Epilogue.
        activation: Option<Activation>,
        /// Squeeze-excite gate.
        gate: Option<Gate>,
        /// Shortcut, added last.
        residual: Option<BufferId>,
        /// Tile: pixels per pass over the weight panels.
        strip: usize,
        /// What threads share: strips, or panels of filters.
        split: Split,
        /// Precision of the weights, and of the map that they are multiplied with.
        weights: Precision,
    },
    /// Matrix product over all pixels, averaged over them.
    PooledPointwise {
        /// Input map.
        input: Shape,
        /// Filters.
        out_channels: usize,
        /// Weights.
        filter: Filter,
        /// Epilogue, before the mean.
        activation: Option<Activation>,
        /// Precision of the weights, and of the map that they are multiplied with.
        weights: Precision,
    },
    /// One filter a channel.
    Depthwise {
        /// Input map.
        input: Shape,
        /// Kernel, stride, zeros.
        window: Window,
        /// Weights.
        filter: Filter,
        /// Epilogue.
        activation: Option<Activation>,
        /// Where the sums over the pixels of each strip go.
        sums: Option<BufferId>,
        /// Tile: rows of output.
        strip: usize,
        /// What threads share: strips, or panels of channels.
        split: Split,
        /// Precision of the weights, and of the map that they are multiplied with: never bfloat16.
        weights: Precision,
    },
    /// One filter a channel, of a map that is made strip by strip and never stored.
    DepthFirst {
        /// The map that the producer reads.
        input: Shape,
        /// What makes the expanded map.
        producer: Producer,
        /// The expanded map.
        expanded: Shape,
        /// Kernel, stride, zeros.
        window: Window,
        /// Weights of the depthwise.
        filter: Filter,
        /// Its epilogue.
        activation: Option<Activation>,
        /// Where the sums over the pixels of each strip go.
        sums: Option<BufferId>,
        /// Tile: rows of output.
        strip: usize,
        /// What threads share: strips, or panels of channels.
        split: Split,
        /// Precision of the producer's weights, and of the map that it reads. The depthwise's are int8 with them,
        /// and f32 otherwise.
        weights: Precision,
    },
    /// Sums (or means) to gate.
    SqueezeExcite {
        /// Length of sums and gate.
        channels: usize,
        /// Length in between.
        squeezed: usize,
        /// Divisor of the sums.
        pixels: usize,
        /// First product.
        reduce: Filter,
        /// Its epilogue.
        activation: Option<Activation>,
        /// Second product.
        expand: Filter,
        /// Its epilogue.
        gate: Option<Activation>,
        /// Rows of sums that it adds up.
        strips: usize,
        /// Precision of the weights.
        weights: Precision,
    },
    /// Mean over the pixels.
    Mean {
        /// Input map.
        input: Shape,
    },
    /// Vector times matrix, with bias.
    Dense {
        /// Input length.
        in_channels: usize,
        /// Output length.
        out_channels: usize,
        /// Weights.
        filter: Filter,
        /// Epilogue.
        activation: Option<Activation>,
        /// What the checkpoint has the weights of.
        matrix: Matrix,
        /// Precision of the weights.
        weights: Precision,
    },
    /// A map of bfloat16 as floats.
    Widen {
        /// The map.
        input: Shape,
    },
    /// Floats as codes: the caller's input, whose pixels get as many channels as the output has, or a vector.
    Quantize {
        /// What it reads.
        input: Shape,
    },
    /// Codes as floats.
    Dequantize {
        /// What it reads.
        input: Shape,
    },
}

impl Kernel {
    /// The name of the runtime's kernel.
    pub fn name(&self) -> &'static str {
        match self {
            Kernel::Stem { .. } => "stem_convolution",
            Kernel::Convolution { .. } => "convolution",
            Kernel::Pointwise { .. } => "pointwise",
            Kernel::PooledPointwise { .. } => "pooled_pointwise",
            Kernel::Depthwise { .. } => "depthwise",
            Kernel::DepthFirst { producer, .. } => match producer {
                Producer::Pointwise { .. } => "expand_depthwise",
                Producer::Convolution { .. } => "stem_depthwise",
            },
            Kernel::SqueezeExcite { .. } => "squeeze_excite",
            Kernel::Mean { .. } => "mean",
            Kernel::Dense { .. } => "dense",
            Kernel::Widen { .. } => "widen",
            Kernel::Quantize { .. } => "quantize",
            Kernel::Dequantize { .. } => "dequantize",
        }
    }

    /// Shape of what it works on; a vector is a map of one pixel.
    pub fn input_shape(&self) -> Shape {
        match *self {
            Kernel::Stem { input, .. }
            | Kernel::Convolution { input, .. }
            | Kernel::Pointwise { input, .. }
            | Kernel::PooledPointwise { input, .. }
            | Kernel::Depthwise { input, .. }
            | Kernel::DepthFirst { input, .. }
            | Kernel::Mean { input }
            | Kernel::Widen { input }
            | Kernel::Quantize { input }
            | Kernel::Dequantize { input } => input,
            Kernel::SqueezeExcite { channels, .. } => Shape::vector(channels),
            Kernel::Dense { in_channels, .. } => Shape::vector(in_channels),
        }
    }

    /// Values of what it works on: sums have a row for each strip, and each pixel of an image of codes whole groups.
    pub(crate) fn input_len(&self) -> usize {
        match *self {
            Kernel::SqueezeExcite {
                channels, strips, ..
            } => strips * channels,
            Kernel::Stem {
                input,
                weights: Precision::Int8,
                ..
            }
            | Kernel::DepthFirst {
                input,
                producer: Producer::Convolution { .. },
                weights: Precision::Int8,
                ..
            } => grouped(input).len(),
            _ => self.input_shape().len(),
        }
    }

    /// The shortcut that it adds, if any.
    pub fn residual(&self) -> Option<BufferId> {
        match *self {
            Kernel::Pointwise { residual, .. } | Kernel::Convolution { residual, .. } => residual,
            _ => None,
        }
    }

    /// Where sums over its output's pixels go, where it makes them.
    pub fn sums(&self) -> Option<BufferId> {
        match *self {
            Kernel::Depthwise { sums, .. } | Kernel::DepthFirst { sums, .. } => sums,
            _ => None,
        }
    }
}

/// An image as a stem reads its codes: channels in groups of four, which products of int8 take at once.
pub(crate) fn grouped(image: Shape) -> Shape {
    Shape {
        channels: image.channels.next_multiple_of(GROUP),
        ..image
    }
}
