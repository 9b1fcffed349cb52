//! Two variants beside each other, before they have places: a row a stage.

use super::diagram::Leaf;

/// Two variants, stage by stage.
#[derive(Clone, Debug)]
pub(crate) struct SideBySide {
    /// Such as `b0 and b7, stage by stage`.
    pub(crate) title: String,
    /// What follows, in sentences.
    pub(crate) statements: Vec<String>,
    /// How the two are called.
    pub(crate) names: [String; 2],
    /// Input, stem, blocks and final layers, in order.
    pub(crate) rows: Vec<Row>,
    /// What the whole networks have, a line each.
    pub(crate) traits: Vec<Trait>,
}

/// A stage of both, or of one.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Such as `Block 2`.
    pub(crate) title: String,
    /// What each has there.
    pub(crate) sides: [Option<Side>; 2],
    /// What differs, in words; nothing where both are the same.
    pub(crate) different: Vec<String>,
}

/// A stage of one variant.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    /// Its name, lines, output and facts.
    pub(crate) leaf: Leaf,
    /// The lines, each in phrases.
    pub(crate) lines: Vec<Vec<Phrase>>,
    /// What is drawn of it.
    pub(crate) figure: Figure,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Phrase {
    pub(crate) text: String,
    /// Whether the other variant says something else.
    pub(crate) differs: bool,
}

/// What is drawn of a stage, to scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    /// An image of so many pixels.
    Image { height: usize, width: usize },
    /// A bar a sub-block, as wide as its channels say.
    SubBlocks { count: usize, channels: usize },
}

/// Something that a whole network has.
#[derive(Clone, Debug)]
pub(crate) struct Trait {
    pub(crate) name: &'static str,
    /// Both values.
    pub(crate) values: [String; 2],
    /// Second value over first, of a number.
    pub(crate) ratio: Option<f64>,
    pub(crate) differs: bool,
}

impl SideBySide {
    /// The boxes, in the order in which they are drawn: row by row.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = &Leaf> {
        let sides = self.rows.iter().flat_map(|row| row.sides.iter().flatten());
        sides.map(|side| &side.leaf)
    }
}
