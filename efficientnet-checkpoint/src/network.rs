//! The structure of a network, derived from timm's names of its tensors.

use std::collections::{BTreeMap, BTreeSet};

use crate::naming::timm;

/// What a layer with weights does, in a network's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Stem,
    StemNorm,
    Expand,
    ExpandNorm,
    Depthwise,
    DepthwiseNorm,
    /// Squeeze-excite's first convolution.
    Reduce,
    /// Squeeze-excite's second convolution.
    Gate,
    Project,
    ProjectNorm,
    Head,
    HeadNorm,
    Classifier,
}

/// Kinds of layers with weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Convolution,
    Depthwise,
    BatchNorm,
    Dense,
}

impl Role {
    pub(crate) fn kind(self) -> Kind {
        match self {
            Role::Stem | Role::Expand | Role::Reduce | Role::Gate | Role::Project | Role::Head => {
                Kind::Convolution
            }
            Role::Depthwise => Kind::Depthwise,
            Role::StemNorm
            | Role::ExpandNorm
            | Role::DepthwiseNorm
            | Role::ProjectNorm
            | Role::HeadNorm => Kind::BatchNorm,
            Role::Classifier => Kind::Dense,
        }
    }

    fn part(self) -> Part {
        match self {
            Role::Stem | Role::StemNorm => Part::Stem,
            Role::Head | Role::HeadNorm | Role::Classifier => Part::Final,
            _ => Part::Blocks,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Stem,
    Blocks,
    Final,
}

/// One of a layer's tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parameter {
    Weight,
    Bias,
    Gamma,
    Beta,
    Mean,
    Variance,
}

/// A layer by timm's names: what it does and, inside a sub-block, where that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layer {
    pub(crate) role: Role,
    /// Number of the stage and number inside it, both from 0; 0 outside the sub-blocks.
    pub(crate) at: (usize, usize),
}

impl Layer {
    fn order(self) -> (Part, (usize, usize), Role) {
        (self.role.part(), self.at, self.role)
    }
}

/// A sub-block, by what the numbering of its layers depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SubBlock {
    /// Number of the stage, from 0.
    pub(crate) stage: usize,
    /// Number inside the stage, from 0.
    pub(crate) index: usize,
    /// Number among all sub-blocks, from 0.
    pub(crate) flat: usize,
    /// Whether it begins with an expansion.
    pub(crate) expands: bool,
    /// Whether it has a squeeze-excite.
    pub(crate) squeezes: bool,
}

/// Where a tensor stands in a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    pub(crate) role: Role,
    pub(crate) parameter: Parameter,
    /// All zero outside the sub-blocks.
    pub(crate) sub_block: SubBlock,
    /// Number of stages of the network.
    pub(crate) stages: usize,
    /// Number among the network's layers of the same kind, from 0.
    pub(crate) ordinal: usize,
}

impl Site {
    /// The weight of the stem or the classifier, whose names do not depend on the network.
    pub(crate) fn fixed(role: Role) -> Self {
        Self {
            role,
            parameter: Parameter::Weight,
            sub_block: SubBlock::default(),
            stages: 0,
            ordinal: 0,
        }
    }
}

/// The structure of a network.
pub(crate) struct Network {
    sub_blocks: BTreeMap<(usize, usize), SubBlock>,
    /// Layers in the network's order, and the number of each among those of its kind.
    ordinals: BTreeMap<(Part, (usize, usize), Role), usize>,
}

impl Network {
    /// The network whose tensors have these names, in any order.
    pub(crate) fn new<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Self {
        let mut sub_blocks = BTreeMap::<_, SubBlock>::new();
        for (at, leaf) in names.clone().filter_map(timm::sub_block) {
            let sub_block = sub_blocks.entry(at).or_default();
            sub_block.expands |= leaf == timm::EXPANDS;
            sub_block.squeezes |= leaf.starts_with(timm::SQUEEZES);
        }
        for (flat, (&(stage, index), sub_block)) in sub_blocks.iter_mut().enumerate() {
            (sub_block.stage, sub_block.index, sub_block.flat) = (stage, index, flat);
        }
        let mut network = Self {
            sub_blocks,
            ordinals: BTreeMap::new(),
        };
        let layers: BTreeSet<_> = names
            .filter_map(|name| network.layer(name))
            .map(|(layer, _)| layer.order())
            .collect();
        let mut counts = BTreeMap::<Kind, usize>::new();
        for layer in layers {
            let count = counts.entry(layer.2.kind()).or_default();
            network.ordinals.insert(layer, *count);
            *count += 1;
        }
        network
    }

    /// Number of sub-blocks.
    pub(crate) fn sub_blocks(&self) -> usize {
        self.sub_blocks.len()
    }

    /// Where the tensor of one of timm's names stands.
    pub(crate) fn site(&self, name: &str) -> Option<Site> {
        let (layer, parameter) = self.layer(name)?;
        let sub_block = self
            .sub_blocks
            .get(&layer.at)
            .filter(|_| layer.role.part() == Part::Blocks);
        Some(Site {
            role: layer.role,
            parameter,
            sub_block: sub_block.copied().unwrap_or_default(),
            stages: self
                .sub_blocks
                .keys()
                .last()
                .map_or(0, |&(stage, _)| stage + 1),
            ordinal: *self.ordinals.get(&layer.order())?,
        })
    }

    fn layer(&self, name: &str) -> Option<(Layer, Parameter)> {
        let at = timm::sub_block(name).map(|(at, _)| at);
        let expands = at.is_some_and(|at| self.sub_blocks.get(&at).is_some_and(|b| b.expands));
        let (role, parameter) = timm::parse(name, expands)?;
        let at = at.unwrap_or_default();
        Some((Layer { role, at }, parameter))
    }
}

#[cfg(test)]
mod tests;
