//! The spec: what the YAML says about a family.

mod fields;
mod read;
mod scale;
#[cfg(test)]
mod tests;
mod text;
mod values;

pub use scale::{ArchitectureError, SpecFault, SpecFaults};
pub use values::{
    Channels, Classes, Coefficient, ExpandRatio, Kernel, Name, NonEmpty, Rate, Repeats, Share,
    Side, Size, Stride, ValueError,
};

use crate::Activation;

/// A family: the baseline, how it scales, and its variants.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// Name of the family.
    pub family: Name,
    /// Channels of the input.
    pub in_channels: Channels,
    /// Number of classes.
    pub classes: Classes,
    /// Activation after the stem, inside blocks and in the head.
    pub activation: Activation,
    /// Squeeze and excite of every block, where the family has it.
    pub squeeze_excite: Option<SqueezeSpec>,
    /// Rate that stochastic depth grows towards.
    pub drop_connect: Rate,
    /// Rules of compound scaling.
    pub scaling: Scaling,
    /// The stem.
    pub stem: StemSpec,
    /// The blocks in order.
    pub blocks: NonEmpty<BlockSpec>,
    /// The head.
    pub head: HeadSpec,
    /// The variants in order, each name once.
    pub variants: NonEmpty<Variant>,
}

/// Squeeze and excite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SqueezeSpec {
    /// Squeeze width over the block's input channels, before expansion.
    pub ratio: Share,
    /// Activation between the two products.
    pub activation: Activation,
    /// Activation of the gate.
    pub gate: Activation,
}

/// Compound scaling (paper, equation 3) and its roundings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaling {
    /// Base of the depth coefficient.
    pub alpha: Coefficient,
    /// Base of the width coefficient.
    pub beta: Coefficient,
    /// Base of the resolution.
    pub gamma: Coefficient,
    /// What scaled channels are multiples of.
    pub channel_multiple: Channels,
    /// Least share of the scaled channels that rounding leaves.
    pub channel_floor: Share,
}

/// The stem.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StemSpec {
    /// Kernel size.
    pub kernel: Kernel,
    /// Stride.
    pub stride: Stride,
    /// Output channels of the baseline.
    pub channels: Channels,
    /// Whether the width coefficient applies.
    pub scale_width: bool,
}

/// One block: a row of the baseline's table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockSpec {
    /// Channels of the expansion over the block's input channels.
    pub expand_ratio: ExpandRatio,
    /// Depthwise kernel size.
    pub kernel: Kernel,
    /// Stride of the first sub-block.
    pub stride: Stride,
    /// Output channels of the baseline.
    pub channels: Channels,
    /// Sub-blocks of the baseline.
    pub repeats: Repeats,
    /// Whether the depth coefficient applies.
    pub scale_depth: bool,
}

/// The head.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadSpec {
    /// Output channels of the baseline.
    pub channels: Channels,
    /// Whether the width coefficient applies.
    pub scale_width: bool,
}

/// One variant of the family.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Name of the variant.
    pub name: Name,
    /// Coefficient of the channels.
    pub width: Coefficient,
    /// Coefficient of the repeats.
    pub depth: Coefficient,
    /// Rows and columns of the input.
    pub resolution: Side,
    /// Dropout before the classifier, at training time.
    pub dropout: Rate,
}

impl Spec {
    /// The variant of a name.
    pub fn variant(&self, name: &str) -> Option<&Variant> {
        self.variants
            .iter()
            .find(|variant| variant.name.as_str() == name)
    }
}
