//! Operations of the kernel graph and their static attributes.

use std::fmt;

use efficientnet_spec::{Activation, Pads};

use super::Producer;

/// Shape of a tensor: every tensor is a map here, a vector being a map of one pixel (NHWC, batch 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Channels.
    pub channels: usize,
}

impl Shape {
    /// A map of one pixel.
    pub fn vector(channels: usize) -> Self {
        Self {
            height: 1,
            width: 1,
            channels,
        }
    }

    /// Pixels.
    pub fn pixels(self) -> usize {
        self.height * self.width
    }

    /// Values.
    pub fn len(self) -> usize {
        self.pixels() * self.channels
    }

    /// Such as `28x28x40`, or the length alone of a vector.
    pub(crate) fn extents(self) -> String {
        match self.pixels() {
            1 => self.channels.to_string(),
            _ => self.to_string(),
        }
    }

    /// Whether it holds no value at all.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}x{}", self.height, self.width, self.channels)
    }
}

impl From<efficientnet_spec::Shape> for Shape {
    fn from(shape: efficientnet_spec::Shape) -> Self {
        match shape {
            efficientnet_spec::Shape::Map {
                height,
                width,
                channels,
            } => Self {
                height,
                width,
                channels,
            },
            efficientnet_spec::Shape::Vector { channels } => Self::vector(channels),
        }
    }
}

/// The square window of a convolution with its zeros outside the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Kernel size in pixels.
    pub kernel: usize,
    /// Stride in pixels.
    pub stride: usize,
    /// Zeros around the map; begin and end may differ.
    pub pads: Pads,
}

impl Window {
    /// Size of the map it produces, or `None` where the window does not fit into the padded map.
    pub fn output(&self, input: Shape) -> Option<(usize, usize)> {
        let along = |size: usize, begin: usize, end: usize| {
            (size + begin + end)
                .checked_sub(self.kernel)
                .map(|room| room / self.stride + 1)
        };
        let height = along(input.height, self.pads.top, self.pads.bottom)?;
        let width = along(input.width, self.pads.left, self.pads.right)?;
        Some((height, width))
    }

    /// Rows of a map of `height` that so many rows of output are made of, zeros outside the map included
    /// where there are.
    pub(crate) fn rows(&self, outputs: usize, height: usize) -> usize {
        let windows = outputs.saturating_sub(1).saturating_mul(self.stride);
        windows.saturating_add(self.kernel).min(height)
    }
}

/// Such as `3x3/2 pad 0,1,0,1`: zeros above, below, to the left and to the right.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kernel,
            stride,
            pads,
        } = self;
        write!(f, "{kernel}x{kernel}/{stride} {}", zeros(*pads))
    }
}

/// Such as `pad 0,1,0,1`.
pub(super) fn zeros(pads: Pads) -> String {
    format!(
        "pad {},{},{},{}",
        pads.top, pads.bottom, pads.left, pads.right
    )
}

/// What follows a product per output channel, as the checkpoint stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Affine {
    /// Nothing yet: batch norm is still a node of its own.
    None,
    /// The layer's own bias, `<weight>.bias`.
    Bias,
    /// Batch norm, folded into the weights when they are packed; the prefix of its tensors.
    Norm(String),
}

/// The weights of one product: where the checkpoint has them, in timm's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Prefix of the weight tensor, such as `blocks.1.0.conv_pw`.
    pub weight: String,
    /// Bias or batch norm.
    pub affine: Affine,
}

/// Layers that compute nothing at inference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Keras's pixel scaling; preprocessing lies outside the network.
    Rescaling,
    /// Keras's normalization; preprocessing lies outside the network.
    Normalization,
    /// Dropout and stochastic depth.
    Dropout,
    /// A vector seen as a map of one pixel, or the reverse.
    Reshape,
}

/// Where the squeeze-excite gate of a projection is multiplied in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateMode {
    /// Into all weights, once per call: `in * out` products, stored and read again.
    Weights,
    /// Into the input as it is read: `pixels * in` products.
    Input,
}

/// How a checkpoint holds the weights of a vector's product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matrix {
    /// As a fully connected layer's: outputs, inputs.
    Dense,
    /// As those of a convolution of one pixel: outputs, inputs, 1, 1.
    Pointwise,
}

/// What a node computes.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// The network's input.
    Input,
    /// Nothing; removed by clean-up.
    Identity(Identity),
    /// Zeros around a map; absorbed by clean-up.
    Pad(Pads),
    /// Batch norm by itself; folded.
    BatchNorm {
        /// Prefix of its tensors.
        tensor: String,
    },
    /// An activation by itself; fused.
    Activation(Activation),
    /// Map times gate; fused into the projection.
    Multiply,
    /// Branch plus shortcut; fused into the projection.
    Add,
    /// Mean over the pixels.
    Mean,
    /// A dense convolution.
    Convolution {
        /// Kernel, stride and zeros.
        window: Window,
        /// Weights.
        filter: Filter,
        /// Epilogue.
        activation: Option<Activation>,
    },
    /// A dense convolution of one pixel: a matrix product over all pixels.
    Pointwise {
        /// Weights.
        filter: Filter,
        /// Epilogue.
        activation: Option<Activation>,
        /// How its gate operand, if any, is applied.
        gate: Option<GateMode>,
    },
    /// One filter a channel.
    Depthwise {
        /// Kernel, stride and zeros.
        window: Window,
        /// Weights.
        filter: Filter,
        /// Epilogue.
        activation: Option<Activation>,
        /// Whether [`Port::Sums`](super::Port::Sums) is produced: the sum over the output's pixels, per channel.
        sums: bool,
    },
    /// One filter a channel, of a map that the same kernel makes strip by strip.
    DepthFirst {
        /// What makes the map.
        producer: Producer,
        /// Kernel, stride and zeros.
        window: Window,
        /// Weights.
        filter: Filter,
        /// Epilogue.
        activation: Option<Activation>,
        /// Whether [`Port::Sums`](super::Port::Sums) is produced.
        sums: bool,
    },
    /// A matrix product over all pixels whose result is only averaged over them.
    PooledPointwise {
        /// Weights.
        filter: Filter,
        /// Epilogue, before the mean.
        activation: Option<Activation>,
    },
    /// Both products of squeeze and excite, from pooled values to the gate.
    SqueezeExcite {
        /// What the pooled values are divided by: the pixels of sums, 1 for means.
        pixels: usize,
        /// Length between the two products.
        squeezed: usize,
        /// First product.
        reduce: Filter,
        /// Its epilogue.
        activation: Option<Activation>,
        /// Second product.
        expand: Filter,
        /// Its epilogue.
        gate: Option<Activation>,
    },
    /// A vector times a matrix: the classifier, and a head behind the pooling.
    Dense {
        /// Weights.
        filter: Filter,
        /// Epilogue.
        activation: Option<Activation>,
        /// What the checkpoint has the weights of.
        matrix: Matrix,
    },
}

impl Op {
    /// Whether it produces [`Port::Sums`](super::Port::Sums).
    pub(crate) fn has_sums(&self) -> bool {
        matches!(
            self,
            Op::Depthwise { sums: true, .. } | Op::DepthFirst { sums: true, .. }
        )
    }

    /// The lower-case name used in texts.
    pub fn name(&self) -> &'static str {
        match self {
            Op::Input => "input",
            Op::Identity(Identity::Rescaling) => "rescaling",
            Op::Identity(Identity::Normalization) => "normalization",
            Op::Identity(Identity::Dropout) => "dropout",
            Op::Identity(Identity::Reshape) => "reshape",
            Op::Pad(_) => "pad",
            Op::BatchNorm { .. } => "batch_norm",
            Op::Activation(_) => "activation",
            Op::Multiply => "multiply",
            Op::Add => "add",
            Op::Mean => "mean",
            Op::Convolution { .. } => "convolution",
            Op::Pointwise { .. } => "pointwise",
            Op::Depthwise { .. } => "depthwise",
            Op::DepthFirst {
                producer: Producer::Pointwise { .. },
                ..
            } => "expand_depthwise",
            Op::DepthFirst {
                producer: Producer::Convolution { .. },
                ..
            } => "stem_depthwise",
            Op::PooledPointwise { .. } => "pooled_pointwise",
            Op::SqueezeExcite { .. } => "squeeze_excite",
            Op::Dense { .. } => "dense",
        }
    }

    /// The weights of a single product, which batch norm and bias can be folded into.
    pub fn filter_mut(&mut self) -> Option<&mut Filter> {
        match self {
            Op::Convolution { filter, .. }
            | Op::Pointwise { filter, .. }
            | Op::Depthwise { filter, .. }
            | Op::PooledPointwise { filter, .. }
            | Op::Dense { filter, .. } => Some(filter),
            Op::Input
            | Op::Identity(_)
            | Op::Pad(_)
            | Op::BatchNorm { .. }
            | Op::Activation(_)
            | Op::Multiply
            | Op::Add
            | Op::Mean
            | Op::DepthFirst { .. }
            | Op::SqueezeExcite { .. } => None,
        }
    }

    /// The activation that follows all else this op does, where it has one.
    pub fn activation_mut(&mut self) -> Option<&mut Option<Activation>> {
        match self {
            Op::Convolution { activation, .. }
            | Op::Pointwise { activation, .. }
            | Op::Depthwise { activation, .. }
            | Op::DepthFirst { activation, .. } => Some(activation),
            Op::Input
            | Op::Identity(_)
            | Op::Pad(_)
            | Op::BatchNorm { .. }
            | Op::Activation(_)
            | Op::Multiply
            | Op::Add
            | Op::Mean
            | Op::PooledPointwise { .. }
            | Op::SqueezeExcite { .. }
            | Op::Dense { .. } => None,
        }
    }
}
