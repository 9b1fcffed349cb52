//! Where in the family's anatomy a layer stands: stem, block 1..7 or final layers; sub-block 1..3;
//! module 1..5.

use std::fmt;

/// The parts of every variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// Input to the first activation.
    Stem,
    /// One of the blocks, from 1.
    Block {
        /// Number of the block, from 1.
        block: usize,
        /// Position of the sub-block inside the block, from 0 (Keras's `a`, `b`, ...).
        index: usize,
        /// Kind of the sub-block.
        sub_block: SubBlock,
    },
    /// Head convolution to the classifier.
    Final,
}

/// The three kinds of sub-block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SubBlock {
    /// Modules 1, 3, 4: the first sub-block of block 1.
    One,
    /// Modules 2, 3, 4: the first sub-block of every other block.
    ///
    /// In no variant of the family does a first sub-block keep stride and channels; where a scaled one
    /// does, it has a shortcut, and module 5 in place of 4, as in Keras.
    Two,
    /// Modules 2 (1 in block 1), 3, 5: every later sub-block.
    Three,
}

/// The five modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Module {
    /// Depthwise, or the dense convolution of a fused block, batch norm, activation.
    One,
    /// Expansion, batch norm, activation, padding where strided, depthwise, batch norm, activation.
    Two,
    /// Squeeze and excite: pooling, reshape, reduce, expand.
    Three,
    /// Multiply, projection, batch norm. In a block of convolutions: convolution, batch norm, activation.
    Four,
    /// As module 4, then dropout, add.
    Five,
}

/// Part and module of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Stem, block or final layers.
    pub part: Part,
    /// The module, inside blocks.
    pub module: Option<Module>,
}

/// `stem`, `block2a` or `final`.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Stem => f.write_str("stem"),
            Part::Block { block, index, .. } => write!(f, "block{}", label(*block, *index)),
            Part::Final => f.write_str("final"),
        }
    }
}

/// Keras's label of a sub-block, such as `2a`, by its block from 1 and its position from 0.
pub fn label(block: usize, index: usize) -> String {
    format!("{block}{}", letters(index))
}

/// `a` to `z`, then `aa`, `ab`, ...: the letters of a sub-block.
fn letters(index: usize) -> String {
    let last = char::from(b'a' + (index % 26) as u8);
    match index / 26 {
        0 => last.into(),
        rest => letters(rest - 1) + &String::from(last),
    }
}
