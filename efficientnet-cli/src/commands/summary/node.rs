//! Layers, and groups of layers with their sums: what the lines of the view of layers say.

use std::ops::Add;

use efficientnet::spec::{
    Convolution, Depthwise, LayerGraph, LayerId, LayerOp, Module, Part, Place, Shape, SubBlock,
};

/// What is counted of layers and adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) layers: usize,
    /// As Keras counts them, buffers included.
    pub(super) parameters: u64,
    pub(super) trainable: u64,
    /// Multiply-accumulates for one image.
    pub(super) macs: u64,
    /// Bytes of the outputs in float32.
    pub(super) memory: u64,
}

impl Sums {
    fn of(graph: &LayerGraph, id: LayerId) -> Self {
        Self {
            layers: 1,
            parameters: graph.parameters(id),
            trainable: graph.trainable_parameters(id),
            macs: graph.macs(id),
            memory: bytes(graph.layer(id).output),
        }
    }
}

impl Add for Sums {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            layers: self.layers + other.layers,
            parameters: self.parameters.saturating_add(other.parameters),
            trainable: self.trainable.saturating_add(other.trainable),
            macs: self.macs.saturating_add(other.macs),
            memory: self.memory.saturating_add(other.memory),
        }
    }
}

/// Bytes of a tensor in float32.
pub(super) fn bytes(shape: Shape) -> u64 {
    (shape.elements() as u64).saturating_mul(size_of::<f32>() as u64)
}

/// A layer, or a group of them.
pub(super) struct Node {
    pub(super) name: String,
    /// What it is called below its group, where the name need not say the group again.
    pub(super) short: String,
    pub(super) what: What,
    /// Of a group: its last layer's.
    pub(super) output: Shape,
    pub(super) sums: Sums,
    /// None of a layer.
    pub(super) children: Vec<Node>,
}

/// What a node is.
pub(super) enum What {
    Layer(Layer),
    /// Model, part (stem or final layers), block, sub-block of a kind, or module.
    Group(&'static str),
}

/// What a layer has and a group has not.
pub(super) struct Layer {
    /// Keras's class.
    pub(super) kind: &'static str,
    /// Kernel and stride.
    pub(super) window: Option<(usize, usize)>,
    pub(super) inputs: Vec<String>,
}

/// Every layer, in order.
pub(super) fn layers(graph: &LayerGraph) -> Vec<Node> {
    graph.layers().map(|(id, _)| leaf(graph, id)).collect()
}

fn leaf(graph: &LayerGraph, id: LayerId) -> Node {
    let layer = graph.layer(id);
    let inputs = graph.inputs(id).into_iter();
    let prefix = format!("{}_", layer.place.part);
    let short = match layer.place.part {
        Part::Block { .. } => layer.name.strip_prefix(&prefix),
        Part::Stem | Part::Final => None,
    };
    Node {
        name: layer.name.clone(),
        short: short.unwrap_or(&layer.name).to_owned(),
        what: What::Layer(Layer {
            kind: layer.op.type_name(),
            window: match layer.op {
                LayerOp::Convolution(Convolution { kernel, stride, .. })
                | LayerOp::Depthwise(Depthwise { kernel, stride, .. }) => Some((kernel, stride)),
                _ => None,
            },
            inputs: inputs.map(|id| graph.layer(id).name.clone()).collect(),
        }),
        output: layer.output,
        sums: Sums::of(graph, id),
        children: Vec::new(),
    }
}

/// The model down to its layers: stem, blocks and final layers; sub-blocks; modules. One node at the top.
pub(super) fn tree(model: &str, graph: &LayerGraph) -> Vec<Node> {
    let placed = graph.layers().map(|(id, layer)| Placed {
        groups: [Group::new(model, "model")]
            .into_iter()
            .chain(groups(layer.place))
            .collect(),
        id,
    });
    nodes(graph, &placed.collect::<Vec<_>>(), 0)
}

/// A layer and the groups that it is in, the largest first.
struct Placed {
    groups: Vec<Group>,
    id: LayerId,
}

#[derive(PartialEq)]
struct Group {
    name: String,
    kind: &'static str,
}

impl Group {
    fn new(name: impl Into<String>, kind: &'static str) -> Self {
        let name = name.into();
        Self { name, kind }
    }
}

fn groups(place: Place) -> Vec<Group> {
    let name = place.part.to_string();
    let Part::Block {
        block, sub_block, ..
    } = place.part
    else {
        return vec![Group::new(name, "part")];
    };
    let kind = match sub_block {
        SubBlock::One => "sub-block 1",
        SubBlock::Two => "sub-block 2",
        SubBlock::Three => "sub-block 3",
    };
    let module = place.module.map(|module| match module {
        Module::One => "module 1",
        Module::Two => "module 2",
        Module::Three => "module 3",
        Module::Four => "module 4",
        Module::Five => "module 5",
    });
    let block = Group::new(format!("block{block}"), "block");
    let module = module.map(|name| Group::new(name, "module"));
    let groups = [block, Group::new(name, kind)].into_iter();
    groups.chain(module).collect()
}

/// Layers that follow each other in one group become its node, at each level of the tree.
fn nodes(graph: &LayerGraph, placed: &[Placed], level: usize) -> Vec<Node> {
    let together = |a: &Placed, b: &Placed| {
        let (a, b) = (a.groups.get(level), b.groups.get(level));
        a.is_some() && a == b
    };
    let node = |chunk: &[Placed]| {
        let (first, last) = (chunk.first()?, chunk.last()?);
        let Some(group) = first.groups.get(level) else {
            return Some(leaf(graph, first.id));
        };
        let children = nodes(graph, chunk, level + 1);
        let sums = children.iter().map(|child| child.sums);
        Some(Node {
            name: group.name.clone(),
            short: group.name.clone(),
            what: What::Group(group.kind),
            output: graph.layer(last.id).output,
            sums: sums.fold(Sums::default(), Add::add),
            children,
        })
    };
    placed.chunk_by(together).filter_map(node).collect()
}
