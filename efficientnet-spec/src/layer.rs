//! One layer of the layer graph: what it does and what it is called.

mod count;
mod shape_rule;
mod tensor;

pub use shape_rule::ShapeFault;
pub use tensor::Tensor;

use std::fmt;

use crate::{Activation, Pads, Place, Shape};

/// One layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Keras's name, such as `block2a_expand_conv`.
    pub name: String,
    /// What it does.
    pub op: LayerOp,
    /// Where it stands.
    pub place: Place,
    /// Shape of its output.
    pub output: Shape,
    /// Prefix of its tensors in timm's naming (`blocks.1.0.conv_pw`), where it has any.
    pub tensor: Option<String>,
}

/// What a layer does.
#[derive(Clone, Debug, PartialEq)]
pub enum LayerOp {
    /// The network's input.
    Input,
    /// Keras's pixel scaling: an identity where preprocessing lies outside the network.
    Rescaling,
    /// Keras's normalization: an identity where preprocessing lies outside the network.
    Normalization,
    /// Zeros around the map, before a strided convolution.
    ZeroPadding(Pads),
    /// A dense convolution (1x1 included).
    Convolution(Convolution),
    /// A convolution with one filter a channel.
    Depthwise(Depthwise),
    /// Batch normalization.
    BatchNormalization,
    /// A non-linearity of its own.
    Activation(Activation),
    /// Mean over height and width: a map to a vector.
    GlobalAveragePooling,
    /// A vector to a map of one pixel.
    Reshape,
    /// A map of one pixel to a vector.
    Flatten,
    /// Map times gate (operands in this order).
    Multiply,
    /// Sum of two maps: the branch, then the shortcut.
    Add,
    /// Dropout, or stochastic depth inside blocks.
    Dropout {
        /// Share of values (or branches) dropped at training time.
        rate: f64,
    },
    /// Fully connected with bias.
    Dense {
        /// Output length.
        units: usize,
    },
}

/// A dense convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Convolution {
    /// Kernel size.
    pub kernel: usize,
    /// Stride.
    pub stride: usize,
    /// Output channels.
    pub filters: usize,
    /// Implicit zeros (none where a `ZeroPadding` precedes).
    pub pads: Pads,
    /// Whether it has a bias of its own.
    pub bias: bool,
    /// Activation inside the layer, as in squeeze and excite.
    pub activation: Option<Activation>,
}

/// A depthwise convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Depthwise {
    /// Kernel size.
    pub kernel: usize,
    /// Stride.
    pub stride: usize,
    /// Implicit zeros (none where a `ZeroPadding` precedes).
    pub pads: Pads,
}

impl LayerOp {
    /// Keras's class name, such as `Conv2D`.
    pub fn type_name(&self) -> &'static str {
        match self {
            LayerOp::Input => "InputLayer",
            LayerOp::Rescaling => "Rescaling",
            LayerOp::Normalization => "Normalization",
            LayerOp::ZeroPadding(_) => "ZeroPadding2D",
            LayerOp::Convolution(_) => "Conv2D",
            LayerOp::Depthwise(_) => "DepthwiseConv2D",
            LayerOp::BatchNormalization => "BatchNormalization",
            LayerOp::Activation(_) => "Activation",
            LayerOp::GlobalAveragePooling => "GlobalAveragePooling2D",
            LayerOp::Reshape => "Reshape",
            LayerOp::Flatten => "Flatten",
            LayerOp::Multiply => "Multiply",
            LayerOp::Add => "Add",
            LayerOp::Dropout { .. } => "Dropout",
            LayerOp::Dense { .. } => "Dense",
        }
    }

    /// Number of operands.
    pub fn operand_count(&self) -> usize {
        match self {
            LayerOp::Input => 0,
            LayerOp::Multiply | LayerOp::Add => 2,
            LayerOp::Rescaling
            | LayerOp::Normalization
            | LayerOp::ZeroPadding(_)
            | LayerOp::Convolution(_)
            | LayerOp::Depthwise(_)
            | LayerOp::BatchNormalization
            | LayerOp::Activation(_)
            | LayerOp::GlobalAveragePooling
            | LayerOp::Reshape
            | LayerOp::Flatten
            | LayerOp::Dropout { .. }
            | LayerOp::Dense { .. } => 1,
        }
    }
}

/// Class name and attributes: `Conv2D(32, 3x3, stride 2)`.
impl fmt::Display for LayerOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.type_name())?;
        match self {
            LayerOp::ZeroPadding(pads) => write!(f, "({pads})"),
            LayerOp::Convolution(conv) => {
                write!(f, "({}, ", conv.filters)?;
                write_window(f, conv.kernel, conv.stride, conv.pads)?;
                if conv.bias {
                    f.write_str(", bias")?;
                }
                if let Some(activation) = conv.activation {
                    write!(f, ", {activation}")?;
                }
                f.write_str(")")
            }
            LayerOp::Depthwise(conv) => {
                f.write_str("(")?;
                write_window(f, conv.kernel, conv.stride, conv.pads)?;
                f.write_str(")")
            }
            LayerOp::Activation(activation) => write!(f, "({activation})"),
            LayerOp::Dropout { rate } => write!(f, "({rate:.4})"),
            LayerOp::Dense { units } => write!(f, "({units})"),
            LayerOp::Input
            | LayerOp::Rescaling
            | LayerOp::Normalization
            | LayerOp::BatchNormalization
            | LayerOp::GlobalAveragePooling
            | LayerOp::Reshape
            | LayerOp::Flatten
            | LayerOp::Multiply
            | LayerOp::Add => Ok(()),
        }
    }
}

fn write_window(
    f: &mut fmt::Formatter<'_>,
    kernel: usize,
    stride: usize,
    pads: Pads,
) -> fmt::Result {
    write!(f, "{kernel}x{kernel}")?;
    if stride != 1 {
        write!(f, ", stride {stride}")?;
    }
    if !pads.is_none() {
        write!(f, ", pad {pads}")?;
    }
    Ok(())
}
