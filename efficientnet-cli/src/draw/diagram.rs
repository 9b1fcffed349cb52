//! What a picture shows, before it has a place: boxes in columns, and the edges between them.

mod blocks;
mod excerpt;
mod kernels;
mod layers;
mod modules;
mod words;

use efficientnet::codegen::plan::Plan;
use efficientnet::spec::{Architecture, LayerGraph, Module, Part, Place, Shape, SubBlock, label};

use super::colour::Role;

/// Boxes and edges of one variant at one level.
#[derive(Clone, Debug)]
pub(crate) struct Diagram {
    /// Such as `efficientnet b0, layers`.
    pub(crate) title: String,
    /// Size of the network in a line.
    pub(crate) subtitle: String,
    /// What the first box takes, where that is no box itself.
    pub(crate) input: Option<Extents>,
    /// Stem, blocks and final layers, in order.
    pub(crate) columns: Vec<Column>,
    /// In order of their consumers.
    pub(crate) edges: Vec<Edge>,
    /// Whether a column is one box with its sub-blocks inside it.
    pub(crate) is_overview: bool,
}

/// Stem, a block or the final layers.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Such as `Block 2`.
    pub(crate) title: String,
    /// Its sub-blocks; stem and final layers are one group without a title.
    pub(crate) groups: Vec<Group>,
}

/// A sub-block, or several that look alike.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// The part that it is, or the first of several.
    pub(crate) part: Part,
    /// Such as `2b to 2d (kind 3)`.
    pub(crate) title: Option<String>,
    /// How many sub-blocks it stands for.
    pub(crate) repeats: usize,
    /// Its boxes from top to bottom.
    pub(crate) leaves: Vec<Leaf>,
}

/// A box: a layer, a module, a kernel call or a whole block.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    /// Its name, unique in the diagram.
    pub(crate) name: String,
    /// What is written in it; the first line is its heading.
    pub(crate) lines: Vec<String>,
    /// Its colour.
    pub(crate) role: Role,
    /// Shape of its output: height, width, channels, or channels alone.
    pub(crate) output: Extents,
    /// The sub-blocks in it, of an overview.
    pub(crate) chips: Vec<Chip>,
    /// What there is to know about it: a label and its lines.
    pub(crate) facts: Vec<(&'static str, Vec<String>)>,
}

impl Leaf {
    /// A box that stands for no layer, such as the input of a network.
    pub(crate) fn without_layers(name: &str, output: Extents) -> Self {
        Self {
            name: name.to_owned(),
            lines: Vec::new(),
            role: Role::Plain,
            facts: vec![("Output", vec![output.to_string()])],
            output,
            chips: Vec::new(),
        }
    }
}

/// A sub-block inside the box of its block.
#[derive(Clone, Debug)]
pub(crate) struct Chip {
    /// Such as `2a`.
    pub(crate) label: String,
    /// Its colour.
    pub(crate) role: Role,
    /// Whether its input is added to its output.
    pub(crate) has_shortcut: bool,
}

/// Extents of an output: height, width and channels, or channels alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extents(pub(crate) Vec<usize>);

impl Extents {
    /// Rows of a map.
    pub(crate) fn rows(&self) -> Option<usize> {
        match self.0[..] {
            [height, _, _] => Some(height),
            _ => None,
        }
    }
}

impl From<Shape> for Extents {
    fn from(shape: Shape) -> Self {
        Self(shape.extents())
    }
}

/// `112x112x32` or `1280`, as the layer graph writes shapes.
impl std::fmt::Display for Extents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let extents: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&extents.join("x"))
    }
}

/// A tensor on its way from one box to another; boxes are counted through all columns, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    /// The box that makes it.
    pub(crate) from: usize,
    /// The box that takes it.
    pub(crate) to: usize,
    /// Which way it takes.
    pub(crate) kind: EdgeKind,
}

/// Ways of tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EdgeKind {
    /// Straight down, to the next box.
    Flow,
    /// A shortcut, added to what it skips.
    Skip,
    /// Past the boxes in between, as a map past its squeeze and excite.
    Bypass,
}

impl EdgeKind {
    /// What an edge that is no shortcut does.
    fn between(from: usize, to: usize) -> Self {
        match from + 1 == to {
            true => Self::Flow,
            false => Self::Bypass,
        }
    }
}

impl Diagram {
    /// One box a block.
    pub(crate) fn blocks(architecture: &Architecture, graph: &LayerGraph) -> Self {
        blocks::diagram(architecture, graph)
    }

    /// One box a module, sub-blocks that look alike drawn once.
    pub(crate) fn modules(architecture: &Architecture, graph: &LayerGraph) -> Self {
        modules::diagram(architecture, graph)
    }

    /// One box a layer.
    pub(crate) fn layers(architecture: &Architecture, graph: &LayerGraph) -> Self {
        layers::diagram(architecture, graph)
    }

    /// One box a kernel call.
    pub(crate) fn kernels(plan: &Plan) -> Self {
        kernels::diagram(plan)
    }

    /// The layers of a module where it first occurs, if it does.
    pub(crate) fn module(graph: &LayerGraph, module: Module) -> Option<Self> {
        excerpt::module(graph, module)
    }

    /// A kind of sub-block where it first occurs in a picture of modules, if it does.
    pub(crate) fn sub_block(modules: &Diagram, kind: SubBlock) -> Option<Self> {
        excerpt::sub_block(modules, kind)
    }

    /// All boxes, in the order that edges count them in.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = &Leaf> {
        let groups = self.columns.iter().flat_map(|column| &column.groups);
        groups.flat_map(|group| &group.leaves)
    }

    /// Roles of the boxes, each once, in the order of the legend.
    pub(crate) fn roles(&self) -> Vec<Role> {
        let chips = self.leaves().flat_map(|leaf| &leaf.chips);
        let roles: Vec<Role> = chips
            .map(|chip| chip.role)
            .chain(self.leaves().map(|leaf| leaf.role))
            .collect();
        let known = Role::BOXES.into_iter();
        known.filter(|role| roles.contains(role)).collect()
    }
}

/// Puts boxes into the columns and groups that their places give.
#[derive(Default)]
struct Columns {
    columns: Vec<Column>,
    last: Option<Part>,
    leaves: usize,
}

impl Columns {
    /// Adds a box behind the others; gives its number. A group that is opened for it stands for
    /// `repeats` sub-blocks.
    fn push(&mut self, part: Part, repeats: usize, leaf: Leaf) -> usize {
        let last = self.last.replace(part);
        if last.map(block) != Some(block(part)) {
            self.columns.push(Column {
                title: title(part),
                groups: Vec::new(),
            });
        }
        if let Some(column) = self.columns.last_mut() {
            if last != Some(part) {
                column.groups.push(Group {
                    part,
                    title: sub_block_title(part, repeats),
                    repeats,
                    leaves: Vec::new(),
                });
            }
            if let Some(group) = column.groups.last_mut() {
                group.leaves.push(leaf);
            }
        }
        self.leaves += 1;
        self.leaves - 1
    }
}

/// What stands in one column.
#[derive(PartialEq, Eq)]
enum Section {
    Stem,
    Block(usize),
    Final,
}

fn block(part: Part) -> Section {
    match part {
        Part::Stem => Section::Stem,
        Part::Block { block, .. } => Section::Block(block),
        Part::Final => Section::Final,
    }
}

fn title(part: Part) -> String {
    match part {
        Part::Stem => "Stem".to_owned(),
        Part::Block { block, .. } => format!("Block {block}"),
        Part::Final => "Final layers".to_owned(),
    }
}

/// Such as `2a (kind 2)` or `2b to 2d (kind 3)`.
fn sub_block_title(part: Part, repeats: usize) -> Option<String> {
    let Part::Block {
        block,
        index,
        sub_block,
    } = part
    else {
        return None;
    };
    let kind = match sub_block {
        SubBlock::One => 1,
        SubBlock::Two => 2,
        SubBlock::Three => 3,
    };
    let first = label(block, index);
    Some(match repeats {
        1 => format!("{first} (kind {kind})"),
        _ => format!(
            "{first} to {} (kind {kind})",
            label(block, index + repeats - 1)
        ),
    })
}

/// The colour of a place.
fn role(place: Place) -> Role {
    match (place.part, place.module) {
        (Part::Stem, _) => Role::Stem,
        (Part::Final, _) => Role::Final,
        (Part::Block { .. }, Some(module)) => Role::Module(module),
        (Part::Block { .. }, None) => Role::Plain,
    }
}
