//! The structure of a network, derived from timm's names of its tensors.

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Sorts a network's layers.
type Order = (Part, (usize, usize), Role);

impl Layer {
    fn order(self) -> Order {
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

impl SubBlock {
    fn at(&self) -> (usize, usize) {
        (self.stage, self.index)
    }
}

/// The structure of a network. Its few hundred layers are in sorted lists: each further type of a map or a
/// set is compiled in every user's build.
pub(crate) struct Network {
    /// In the network's order.
    sub_blocks: Vec<SubBlock>,
    /// Layers in the network's order.
    layers: Vec<Order>,
}

impl Network {
    /// The network whose tensors have these names, in any order.
    pub(crate) fn new<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Self {
        let mut network = Self {
            sub_blocks: Vec::new(),
            layers: Vec::new(),
        };
        for (at, leaf) in names.clone().filter_map(timm::sub_block) {
            let sub_block = network.sub_block_mut(at);
            sub_block.expands |= leaf == timm::EXPANDS;
            sub_block.squeezes |= leaf.starts_with(timm::SQUEEZES);
        }
        for (flat, sub_block) in network.sub_blocks.iter_mut().enumerate() {
            sub_block.flat = flat;
        }
        for name in names {
            let Some((layer, _)) = network.layer(name) else {
                continue;
            };
            if let Err(place) = network.layers.binary_search(&layer.order()) {
                network.layers.insert(place, layer.order());
            }
        }
        network
    }

    /// The sub-block at a place, a new one if there is none.
    fn sub_block_mut(&mut self, (stage, index): (usize, usize)) -> &mut SubBlock {
        let place = self.find((stage, index)).unwrap_or_else(|place| {
            let sub_block = SubBlock {
                stage,
                index,
                ..SubBlock::default()
            };
            self.sub_blocks.insert(place, sub_block);
            place
        });
        &mut self.sub_blocks[place]
    }

    /// Where the list has a sub-block, or would have it.
    fn find(&self, at: (usize, usize)) -> Result<usize, usize> {
        self.sub_blocks.binary_search_by_key(&at, SubBlock::at)
    }

    fn sub_block(&self, at: (usize, usize)) -> Option<SubBlock> {
        self.find(at).ok().map(|place| self.sub_blocks[place])
    }

    /// Number of sub-blocks.
    pub(crate) fn sub_blocks(&self) -> usize {
        self.sub_blocks.len()
    }

    /// Where the tensor of one of timm's names stands.
    pub(crate) fn site(&self, name: &str) -> Option<Site> {
        let (layer, parameter) = self.layer(name)?;
        let sub_block = match layer.role.part() {
            Part::Blocks => self.sub_block(layer.at),
            _ => None,
        };
        let place = self.layers.binary_search(&layer.order()).ok()?;
        let before = self.layers[..place].iter();
        let kind = layer.role.kind();
        Some(Site {
            role: layer.role,
            parameter,
            sub_block: sub_block.unwrap_or_default(),
            stages: self.sub_blocks.last().map_or(0, |last| last.stage + 1),
            ordinal: before.filter(|(.., role)| role.kind() == kind).count(),
        })
    }

    fn layer(&self, name: &str) -> Option<(Layer, Parameter)> {
        let at = timm::sub_block(name).map(|(at, _)| at);
        let expands = at
            .and_then(|at| self.sub_block(at))
            .is_some_and(|sub_block| sub_block.expands);
        let (role, parameter) = timm::parse(name, expands)?;
        let at = at.unwrap_or_default();
        Some((Layer { role, at }, parameter))
    }
}

#[cfg(test)]
mod tests;
