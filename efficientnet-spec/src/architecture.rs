//! One variant after compound scaling: concrete channels, repeats and resolution.

mod text;
mod verify;

pub use verify::{ArchitectureFault, ArchitectureFaults, ArchitectureProblem};

use crate::Shape;

/// A non-linearity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// `x * sigmoid(x)` (swish).
    Silu,
    /// `min(max(x, 0), 6)`.
    Relu6,
    /// `max(x, 0)`.
    Relu,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
}

/// How a strided convolution pads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Padding {
    /// `k / 2` on every side, as torchvision and timm do.
    #[default]
    Symmetric,
    /// TensorFlow's SAME: what is missing, the odd pixel at the end.
    Same,
}

/// Height and width of the input in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resolution {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

/// What a caller may choose beside the variant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Input size; the variant's own if `None`.
    pub resolution: Option<Resolution>,
    /// Classes; the spec's own if `None`.
    pub classes: Option<usize>,
    /// Input channels; the spec's own if `None`.
    pub in_channels: Option<usize>,
    /// Padding of the strided convolutions.
    pub padding: Padding,
}

/// One variant of a family.
#[derive(Clone, Debug, PartialEq)]
pub struct Architecture {
    /// Name of the family, such as `efficientnet`.
    pub family: String,
    /// Name of the variant, such as `b0`.
    pub variant: String,
    /// Input shape, always a map.
    pub input: Shape,
    /// Padding of the strided convolutions.
    pub padding: Padding,
    /// Activation after the stem, inside blocks and in the head.
    pub activation: Activation,
    /// The stem.
    pub stem: Stem,
    /// The blocks in order.
    pub blocks: Vec<Block>,
    /// The head.
    pub head: Head,
    /// Number of classes.
    pub classes: usize,
    /// Dropout rate before the classifier, at training time.
    pub dropout: f64,
    /// Rate that stochastic depth grows towards: sub-block `i` of `n` has `drop_connect * i / n`, at
    /// training time (paper section 5, and its reference implementation).
    pub drop_connect: f64,
}

/// The stem: one convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Stem {
    /// Kernel size.
    pub kernel: usize,
    /// Stride.
    pub stride: usize,
    /// Output channels.
    pub channels: usize,
}

/// One block: a first sub-block and its repeats.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Channels of the expansion over the block's input channels.
    pub expand_ratio: usize,
    /// Depthwise kernel size.
    pub kernel: usize,
    /// Stride of the first sub-block.
    pub stride: usize,
    /// Input channels of the first sub-block.
    pub in_channels: usize,
    /// Output channels.
    pub out_channels: usize,
    /// Number of sub-blocks.
    pub repeats: usize,
    /// Squeeze and excite, where the family has it.
    pub squeeze_excite: Option<SqueezeExcite>,
}

/// Squeeze and excite of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct SqueezeExcite {
    /// Squeeze width over the sub-block's input channels.
    pub ratio: f64,
    /// Activation between the two products.
    pub activation: Activation,
    /// Activation of the gate.
    pub gate: Activation,
}

impl SqueezeExcite {
    /// Squeeze width for a sub-block of these input channels: their share rounded down, at least 1
    /// (Keras; timm and torchvision agree wherever the share is whole, as in B0..B8).
    pub fn width(&self, in_channels: usize) -> usize {
        // Exact: channels are far below 2^53.
        ((in_channels as f64 * self.ratio) as usize).max(1)
    }
}

/// The head: one pointwise convolution before pooling.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Output channels.
    pub channels: usize,
}
