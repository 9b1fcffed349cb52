//! The keys: what each takes, what holds without it, and what it means.

use super::Without::{Default, Else, Required};
use super::{Key, Keys, Takes, Without};
use crate::spec::values::Scalar;
use crate::spec::{
    Channels, Classes, Coefficient, ExpandRatio, Floor, Kernel, Name, Rate, Repeats, Share, Side,
    Stride,
};
use crate::{Activation, BlockKind, ExpandOf, SqueezeOf};

/// What a type takes.
const fn value<V: Scalar>() -> Takes {
    Takes::Value(V::EXPECTED)
}

const fn key(name: &'static str, takes: Takes, without: Without, doc: &'static str) -> Key {
    Key {
        name,
        takes,
        without,
        doc,
    }
}

/// Every mapping, in the order of a file.
pub(crate) const ALL: [&Keys; 8] = [
    &SPEC,
    &SQUEEZE_EXCITE,
    &SCALING,
    &STEM,
    &BLOCK,
    &CONVOLUTION,
    &HEAD,
    &VARIANT,
];

pub(crate) static SPEC: Keys = Keys {
    name: "spec",
    of: "the spec",
    doc: "A family of networks: a baseline, how it scales, and its variants.",
    keys: &[
        key("family", value::<Name>(), Required, "Name of the family."),
        key(
            "in_channels",
            value::<Channels>(),
            Required,
            "Channels of the input image (timm: `in_chans`).",
        ),
        key(
            "classes",
            value::<Classes>(),
            Required,
            "Number of classes (timm: `num_classes`).",
        ),
        key(
            "activation",
            value::<Activation>(),
            Required,
            "Activation behind the stem, in the head, and in blocks without one of their own (timm: `act_layer`).",
        ),
        key(
            "squeeze_excite",
            Takes::Mapping(&SQUEEZE_EXCITE),
            Else("no block has one"),
            "Squeeze and excite of the blocks that do not refuse it.",
        ),
        key(
            "drop_connect",
            value::<Rate>(),
            Required,
            "Rate of stochastic depth at the last sub-block, growing from 0 at the first; training only (paper, section 5; Keras: `drop_connect_rate`, timm: `drop_path_rate`).",
        ),
        key(
            "scaling",
            Takes::Mapping(&SCALING),
            Required,
            "Coefficients of compound scaling, and rounding of channels.",
        ),
        key("stem", Takes::Mapping(&STEM), Required, STEM.doc),
        key(
            "blocks",
            Takes::Blocks,
            Required,
            "The blocks of the baseline in order (paper, table 1, stages 2 to 8).",
        ),
        key("head", Takes::Mapping(&HEAD), Required, HEAD.doc),
        key(
            "variants",
            Takes::Variants,
            Required,
            "The variants by their names, at least one.",
        ),
    ],
};

pub(crate) static SQUEEZE_EXCITE: Keys = Keys {
    name: "squeeze_excite",
    of: "squeeze_excite",
    doc: "Squeeze and excite: the map's mean, two products with an activation behind each, times the map (Hu et al., 2018).",
    keys: &[
        key(
            "ratio",
            value::<Share>(),
            Required,
            "Channels between the two products over those of `of` (Keras: `se_ratio`, timm: `se`).",
        ),
        key(
            "of",
            value::<SqueezeOf>(),
            Default("input"),
            "What the ratio is over: the sub-block's input channels (EfficientNet), or the expanded ones (MobileNetV3).",
        ),
        key(
            "channel_multiple",
            value::<Channels>(),
            Else("rounded down, at least 1"),
            "The channels between are rounded to multiples of this, as scaled channels are (MobileNetV3: 8).",
        ),
        key(
            "activation",
            value::<Activation>(),
            Required,
            "Activation between the two products.",
        ),
        key(
            "gate",
            value::<Activation>(),
            Required,
            "Activation behind the second product, which weighs the channels.",
        ),
    ],
};

pub(crate) static SCALING: Keys = Keys {
    name: "scaling",
    of: "scaling",
    doc: "Compound scaling (paper, equation 3), and rounding of channels.",
    keys: &[
        key(
            "alpha",
            value::<Coefficient>(),
            Required,
            "Depth of a variant is alpha to the power of phi. For variants made up by phi; those listed have coefficients of their own.",
        ),
        key(
            "beta",
            value::<Coefficient>(),
            Required,
            "Width of a variant is beta to the power of phi.",
        ),
        key(
            "gamma",
            value::<Coefficient>(),
            Required,
            "Resolution of a variant is the baseline's times gamma to the power of phi.",
        ),
        key(
            "channel_multiple",
            value::<Channels>(),
            Required,
            "Scaled channels are rounded to multiples of this (Keras: `depth_divisor`).",
        ),
        key(
            "channel_floor",
            value::<Floor>(),
            Required,
            "Rounding leaves at least this share of the exact number, or takes one multiple more (Keras: 0.9; timm: `round_limit`).",
        ),
    ],
};

pub(crate) static STEM: Keys = Keys {
    name: "stem",
    of: "the stem",
    doc: "The first convolution, with batch norm and activation.",
    keys: &[
        KERNEL,
        key(
            "stride",
            value::<Stride>(),
            Required,
            "Stride along rows and columns.",
        ),
        CHANNELS,
        SCALE_WIDTH,
    ],
};

pub(crate) static BLOCK: Keys = Keys {
    name: "block",
    of: "a block",
    doc: "A block of kind `mbconv` or `fused_mbconv`: sub-blocks that expand their input, filter it, and project it.",
    keys: &[
        key("kind", value::<BlockKind>(), Default("mbconv"), KIND),
        key(
            "expand_ratio",
            Takes::Values(<ExpandRatio as Scalar>::EXPECTED),
            Required,
            "Channels between expansion and projection over those of `expand_ratio_of`; 1 expands nothing. A list has one for each sub-block, the last also for those that scaling adds (paper: MBConv1, MBConv6; timm: `e`).",
        ),
        key(
            "expand_ratio_of",
            value::<ExpandOf>(),
            Default("input"),
            "What the ratio is over: the sub-block's input channels, or its output channels.",
        ),
        KERNEL,
        STRIDE,
        CHANNELS,
        REPEATS,
        ACTIVATION,
        key(
            "squeeze_excite",
            value::<bool>(),
            Else("`true` where the family has one"),
            "Whether the sub-blocks have the family's squeeze and excite.",
        ),
        SHORTCUT,
        SCALE_DEPTH,
    ],
};

pub(crate) static CONVOLUTION: Keys = Keys {
    name: "convolution",
    of: "a block of kind `convolution`",
    doc: "A block of kind `convolution`: sub-blocks of one dense convolution, batch norm and activation.",
    keys: &[
        key("kind", value::<BlockKind>(), Required, KIND),
        KERNEL,
        STRIDE,
        CHANNELS,
        REPEATS,
        ACTIVATION,
        SHORTCUT,
        SCALE_DEPTH,
    ],
};

pub(crate) static HEAD: Keys = Keys {
    name: "head",
    of: "the head",
    doc: "The last 1x1 convolution, around the pooling, in front of the classifier.",
    keys: &[
        CHANNELS,
        key(
            "after_pooling",
            value::<bool>(),
            Default("false"),
            "Whether it stands behind the pooling, with a bias and without batch norm (MobileNetV3).",
        ),
        SCALE_WIDTH,
    ],
};

pub(crate) static VARIANT: Keys = Keys {
    name: "variant",
    of: "a variant",
    doc: "One variant: what the baseline is scaled by.",
    keys: &[
        key(
            "width",
            value::<Coefficient>(),
            Required,
            "Factor of all scaled channels (Keras: `width_coefficient`, timm: `channel_multiplier`).",
        ),
        key(
            "depth",
            value::<Coefficient>(),
            Required,
            "Factor of all scaled repeats (Keras: `depth_coefficient`, timm: `depth_multiplier`).",
        ),
        key(
            "resolution",
            value::<Side>(),
            Required,
            "Rows and columns of the input image, where the user does not choose (Keras: `default_size`).",
        ),
        key(
            "dropout",
            value::<Rate>(),
            Required,
            "Dropout in front of the classifier; training only (Keras: `dropout_rate`, timm: `drop_rate`).",
        ),
    ],
};

const KIND: &str = "What the sub-blocks are made of (timm: `ds` and `ir` are `mbconv`, `er` is `fused_mbconv`, `cn` is `convolution`).";
const KERNEL: Key = key(
    "kernel",
    value::<Kernel>(),
    Required,
    "Rows and columns of the kernel that sees neighbours (timm: `k`).",
);
const STRIDE: Key = key(
    "stride",
    value::<Stride>(),
    Required,
    "Stride of the first sub-block along rows and columns; the others have 1 (timm: `s`).",
);
const CHANNELS: Key = key(
    "channels",
    value::<Channels>(),
    Required,
    "Output channels of the baseline (Keras: `filters_out`, timm: `c`).",
);
const REPEATS: Key = key(
    "repeats",
    value::<Repeats>(),
    Required,
    "Sub-blocks of the baseline (Keras: `repeats`, timm: `r`).",
);
const ACTIVATION: Key = key(
    "activation",
    value::<Activation>(),
    Else("the family's"),
    "Activation inside the sub-blocks (timm: `n`).",
);
const SHORTCUT: Key = key(
    "shortcut",
    value::<bool>(),
    Default("true"),
    "Whether sub-blocks of stride 1 with as many channels out as in add their input to their output (Keras: `id_skip`, timm: `noskip`).",
);
const SCALE_DEPTH: Key = key(
    "scale_depth",
    value::<bool>(),
    Default("true"),
    "Whether a variant's depth multiplies the repeats (Lite: not of the first and last block).",
);
const SCALE_WIDTH: Key = key(
    "scale_width",
    value::<bool>(),
    Default("true"),
    "Whether a variant's width multiplies the channels (Lite: not of stem and head).",
);
