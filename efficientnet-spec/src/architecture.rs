//! One variant after compound scaling: concrete channels, repeats and resolution.

mod rounding;
mod text;
mod verify;

pub use rounding::{ExpandedChannels, Rounded, Rounding, SqueezeWidth};
pub use verify::{ArchitectureFault, ArchitectureFaults, ArchitectureProblem};

use crate::Shape;
use crate::words::words;

words! {
    /// A non-linearity.
    Activation {
        /// `x * sigmoid(x)` (swish).
        Silu = "silu",
        /// `min(max(x, 0), 6)`.
        Relu6 = "relu6",
        /// `max(x, 0)`.
        Relu = "relu",
        /// `1 / (1 + exp(-x))`.
        Sigmoid = "sigmoid",
        /// `x * hard_sigmoid(x)` (Howard et al., "Searching for MobileNetV3", 2019, section 5.2).
        HardSwish = "hard_swish",
        /// `min(max(x + 3, 0), 6) / 6`.
        HardSigmoid = "hard_sigmoid",
    }
}

words! {
    /// What a block's sub-blocks are made of.
    BlockKind {
        /// Expansion, depthwise convolution, squeeze and excite, projection: the inverted bottleneck of
        /// Sandler et al., "MobileNetV2", 2018, and Tan et al., "MnasNet", 2019.
        Mbconv = "mbconv",
        /// The same with one dense convolution in place of expansion and depthwise (Gupta and Akin,
        /// "Accelerator-Aware Neural Network Design using AutoML", 2020; Tan and Le, "EfficientNetV2", 2021).
        FusedMbconv = "fused_mbconv",
        /// One dense convolution.
        Convolution = "convolution",
    }
}

words! {
    /// Which of a sub-block's channels an expansion's ratio is over.
    ExpandOf {
        /// Its input channels.
        Input = "input",
        /// Its output channels.
        Output = "output",
    }
}

words! {
    /// Which of a sub-block's channels a squeeze's ratio is over.
    SqueezeOf {
        /// Its input channels, before expansion.
        Input = "input",
        /// Its expanded channels, which are also those of the map that is squeezed.
        Expanded = "expanded",
    }
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
    /// Activation after the stem and in the head.
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

impl Architecture {
    /// Number of sub-blocks.
    pub fn sub_blocks(&self) -> usize {
        self.blocks.iter().map(|block| block.repeats).sum()
    }

    /// Rate of stochastic depth of the sub-block of a number, counted from 0 through all blocks.
    pub fn drop_rate(&self, number: usize) -> f64 {
        self.drop_connect * number as f64 / self.sub_blocks() as f64
    }
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
    /// What the sub-blocks are made of.
    pub kind: BlockKind,
    /// Channels between expansion and projection; without effect on kind `convolution`.
    pub expansion: Expansion,
    /// Size of the kernel that sees neighbours: the depthwise, or the dense one in its place.
    pub kernel: usize,
    /// Stride of the first sub-block.
    pub stride: usize,
    /// Input channels of the first sub-block.
    pub in_channels: usize,
    /// Output channels.
    pub out_channels: usize,
    /// Number of sub-blocks.
    pub repeats: usize,
    /// Activation inside the sub-blocks.
    pub activation: Activation,
    /// Squeeze and excite, where the block has it.
    pub squeeze_excite: Option<SqueezeExcite>,
    /// Whether sub-blocks that keep stride and channels add their input to their output.
    pub shortcut: bool,
}

impl Block {
    /// Input channels of the sub-block of an index.
    pub fn input_of(&self, index: usize) -> usize {
        match index {
            0 => self.in_channels,
            _ => self.out_channels,
        }
    }

    /// Stride of the sub-block of an index.
    pub fn stride_of(&self, index: usize) -> usize {
        match index {
            0 => self.stride,
            _ => 1,
        }
    }
}

/// How wide sub-blocks are between expansion and projection.
#[derive(Clone, Debug, PartialEq)]
pub struct Expansion {
    /// Ratio of each sub-block; the last one also of all behind it. Without any, nothing is expanded.
    pub ratios: Vec<f64>,
    /// What the ratios are over.
    pub of: ExpandOf,
    /// For channels that a ratio does not make whole: exact where the ratio is whole (Keras), rounded as scaled
    /// channels are where not (timm, `make_divisible`).
    pub rounding: Rounding,
}

impl Expansion {
    /// The ratio of the sub-block of an index.
    pub fn ratio(&self, index: usize) -> f64 {
        let ratio = self.ratios.get(index).or(self.ratios.last());
        ratio.copied().unwrap_or(1.0)
    }
}

/// Squeeze and excite of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct SqueezeExcite {
    /// Squeeze width over the sub-block's channels.
    pub ratio: f64,
    /// What the ratio is over.
    pub of: SqueezeOf,
    /// Rounding of the width; rounded down where there is none.
    pub rounding: Option<Rounding>,
    /// Activation between the two products.
    pub activation: Activation,
    /// Activation of the gate.
    pub gate: Activation,
}

/// The head: one pointwise convolution around the pooling.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Output channels.
    pub channels: usize,
    /// Whether it works on the pooled values, with a bias of its own, as MobileNetV3's; otherwise on the last
    /// map, with batch norm.
    pub after_pooling: bool,
}
