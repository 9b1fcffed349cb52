//! What two networks can differ in: a table of traits, each with its value as text.

use efficientnet::spec::{Architecture, Block, BlockKind, ExpandOf, SqueezeExcite};

use crate::commands::explain::kind;

/// Something that a whole network has.
pub(super) struct Trait {
    pub(super) name: &'static str,
    pub(super) value: fn(&Architecture) -> String,
}

/// What inference depends on beside the stages.
pub(super) const WHOLE: &[Trait] = &[
    Trait {
        name: "resolution",
        value: |architecture| {
            let (height, width) = architecture.input.size();
            format!("{height} x {width}")
        },
    },
    Trait {
        name: "blocks",
        value: |architecture| architecture.blocks.len().to_string(),
    },
    Trait {
        name: "place of the head",
        value: |architecture| {
            let place = match architecture.head.after_pooling {
                true => "behind pooling",
                false => "before pooling",
            };
            place.to_owned()
        },
    },
    Trait {
        name: "input channels",
        value: |architecture| architecture.input.channels().to_string(),
    },
    Trait {
        name: "classes",
        value: |architecture| architecture.classes.to_string(),
    },
];

/// What training alone depends on.
pub(super) const TRAINING: &[Trait] = &[
    Trait {
        name: "dropout",
        value: |architecture| architecture.dropout.to_string(),
    },
    Trait {
        name: "stochastic depth",
        value: |architecture| architecture.drop_connect.to_string(),
    },
];

/// Stem, block or head.
pub(in crate::commands) struct Stage {
    /// `stem`, `block3` or `head`.
    pub(in crate::commands) name: String,
    /// What its sub-blocks are made of, in the papers' words.
    pub(super) kind: &'static str,
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(in crate::commands) channels: usize,
    pub(in crate::commands) repeats: usize,
    /// Ratios, without those that repeat at the end; empty where nothing is expanded.
    pub(super) ratios: Vec<f64>,
    /// What the ratios are over, and what fractional ones are rounded to.
    pub(super) expansion: String,
    pub(super) squeeze: String,
    pub(super) activation: &'static str,
    pub(super) shortcut: bool,
}

impl Stage {
    /// What it computes, and its window, such as `MBConv6 5x5/2`; `3x3/2` of stem and head.
    pub(in crate::commands) fn operator(&self) -> String {
        let Self {
            kind,
            kernel,
            stride,
            ..
        } = self;
        let window = format!("{kernel}x{kernel}/{stride}");
        match (self.name.starts_with("block"), &self.ratios[..]) {
            (false, _) => window,
            (true, [ratio]) => format!("{kind}{ratio} {window}"),
            (true, _) => format!("{kind} {window}"),
        }
    }
}

/// Something that a stage has.
pub(super) struct Aspect {
    pub(super) name: &'static str,
    value: fn(&Stage) -> String,
}

/// Everything that stages can differ in.
pub(super) const ASPECTS: &[Aspect] = &[
    Aspect {
        name: "kind",
        value: |stage| stage.kind.to_owned(),
    },
    Aspect {
        name: "expansion",
        value: |stage| format!("{:?} {}", stage.ratios, stage.expansion),
    },
    Aspect {
        name: "kernel",
        value: |stage| stage.kernel.to_string(),
    },
    Aspect {
        name: "stride",
        value: |stage| stage.stride.to_string(),
    },
    Aspect {
        name: "channels",
        value: |stage| stage.channels.to_string(),
    },
    Aspect {
        name: "repeats",
        value: |stage| stage.repeats.to_string(),
    },
    Aspect {
        name: "squeeze",
        value: |stage| stage.squeeze.clone(),
    },
    Aspect {
        name: "activation",
        value: |stage| stage.activation.to_owned(),
    },
    Aspect {
        name: "shortcut",
        value: |stage| stage.shortcut.to_string(),
    },
];

/// Names of the aspects in which two stages differ.
pub(super) fn differences(a: &Stage, b: &Stage) -> Vec<&'static str> {
    let differ = |aspect: &&Aspect| (aspect.value)(a) != (aspect.value)(b);
    let different = ASPECTS.iter().filter(differ);
    different.map(|aspect| aspect.name).collect()
}

/// The stages of a network.
pub(in crate::commands) fn stages(architecture: &Architecture) -> Vec<Stage> {
    let single = |name: &str, [kernel, stride, channels]: [usize; 3]| Stage {
        name: name.to_owned(),
        kind: kind(BlockKind::Convolution),
        kernel,
        stride,
        channels,
        repeats: 1,
        ratios: Vec::new(),
        expansion: String::new(),
        squeeze: String::new(),
        activation: architecture.activation.word(),
        shortcut: false,
    };
    let stem = &architecture.stem;
    let blocks = architecture.blocks.iter().enumerate();
    let blocks = blocks.map(|(index, block)| of_block(index + 1, block));
    [single("stem", [stem.kernel, stem.stride, stem.channels])]
        .into_iter()
        .chain(blocks)
        .chain([single("head", [1, 1, architecture.head.channels])])
        .collect()
}

fn of_block(number: usize, block: &Block) -> Stage {
    let mut ratios: Vec<f64> = match block.kind {
        BlockKind::Convolution => Vec::new(),
        BlockKind::Mbconv | BlockKind::FusedMbconv => (0..block.repeats)
            .map(|index| block.expansion.ratio(index))
            .collect(),
    };
    while matches!(ratios[..], [.., before, last] if before == last) {
        ratios.pop();
    }
    let rounding = block.expansion.rounding;
    let fractional = ratios.iter().any(|ratio| ratio.fract() != 0.0);
    Stage {
        name: format!("block{number}"),
        kind: kind(block.kind),
        kernel: block.kernel,
        stride: block.stride,
        channels: block.out_channels,
        repeats: block.repeats,
        expansion: match (&ratios[..], fractional) {
            ([], _) => String::new(),
            (_, true) => format!("of {}, {rounding:?}", over(block)),
            (_, false) => format!("of {}", over(block)),
        },
        ratios,
        squeeze: block
            .squeeze_excite
            .as_ref()
            .map_or_else(String::new, squeeze),
        activation: block.activation.word(),
        shortcut: block.shortcut,
    }
}

fn over(block: &Block) -> ExpandOf {
    block.expansion.of
}

/// Everything that a squeeze and excite is.
fn squeeze(squeeze: &SqueezeExcite) -> String {
    let SqueezeExcite {
        ratio,
        of,
        rounding,
        activation,
        gate,
    } = squeeze;
    let rounding = match rounding {
        Some(rounding) => format!("a multiple of {}", rounding.multiple),
        None => "rounded down".to_owned(),
    };
    format!("{ratio} of {of}, {rounding}, {activation}, {gate}")
}
