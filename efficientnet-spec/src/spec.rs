//! The spec: what the YAML says about a family.

mod compound;
mod derivation;
mod fields;
mod keys;
mod read;
mod scale;
mod search;
#[cfg(test)]
mod tests;
mod text;
mod values;

pub use compound::{CompoundError, Exponents, Factors};
pub use derivation::{Derivation, ScaledChannels, ScaledRepeats};
#[cfg(feature = "schema")]
pub use keys::schema;
pub use scale::{ArchitectureError, SpecFault, SpecFaults};
pub use search::{Candidate, Frontier, Search, SearchError};
pub(crate) use values::Scalar;
pub use values::{
    Channels, Classes, Coefficient, ExpandRatio, Floor, Kernel, Name, NonEmpty, Rate, Repeats,
    Share, Side, Size, Stride, ValueError,
};

use crate::{Activation, ExpandOf, SqueezeOf};

/// A family: the baseline, how it scales, and its variants.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// Name of the family.
    pub family: Name,
    /// Channels of the input.
    pub in_channels: Channels,
    /// Number of classes.
    pub classes: Classes,
    /// Activation after the stem, in the head, and inside blocks that have none of their own.
    pub activation: Activation,
    /// Squeeze and excite of the blocks that do not refuse it, where the family has one.
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
    /// Squeeze width over the sub-block's channels.
    pub ratio: Share,
    /// What the ratio is over.
    pub of: SqueezeOf,
    /// What the width is a multiple of, rounded as scaled channels are; rounded down if `None`.
    pub channel_multiple: Option<Channels>,
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
    pub channel_floor: Floor,
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
#[derive(Clone, Debug, PartialEq)]
pub struct BlockSpec {
    /// What its sub-blocks are made of.
    pub body: BlockBody,
    /// Size of the kernel that sees neighbours.
    pub kernel: Kernel,
    /// Stride of the first sub-block.
    pub stride: Stride,
    /// Output channels of the baseline.
    pub channels: Channels,
    /// Sub-blocks of the baseline.
    pub repeats: Repeats,
    /// Activation, where it is not the family's.
    pub activation: Option<Activation>,
    /// Whether sub-blocks that keep stride and channels add their input to their output.
    pub shortcut: bool,
    /// Whether the depth coefficient applies.
    pub scale_depth: bool,
}

/// What the sub-blocks of a block are made of.
#[derive(Clone, Debug, PartialEq)]
pub enum BlockBody {
    /// Expansion, depthwise convolution, squeeze and excite, projection.
    Mbconv(ExpandSpec),
    /// The same with one dense convolution in place of expansion and depthwise.
    FusedMbconv(ExpandSpec),
    /// One dense convolution.
    Convolution,
}

/// What stands between the ends of a sub-block.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpandSpec {
    /// Ratio of each sub-block, at most as many as the baseline has; the last one also of all behind it.
    pub ratios: NonEmpty<ExpandRatio>,
    /// What the ratios are over.
    pub of: ExpandOf,
    /// Whether there is the family's squeeze and excite, if it has one.
    pub squeeze_excite: bool,
}

/// The head.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadSpec {
    /// Output channels of the baseline.
    pub channels: Channels,
    /// Whether it works on the pooled values.
    pub after_pooling: bool,
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
