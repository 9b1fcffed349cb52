//! Names of the family's parts, as every text and every generated comment writes them.

use efficientnet_spec::{Part, SubBlock, label};

/// `Stem`, `Block 2, sub-block 2a (kind 2)` or `Final layers`.
pub(crate) fn title(part: Part) -> String {
    match part {
        Part::Stem => "Stem".to_owned(),
        Part::Block {
            block,
            index,
            sub_block,
        } => {
            format!(
                "Block {block}, sub-block {} (kind {})",
                label(block, index),
                kind(sub_block)
            )
        }
        Part::Final => "Final layers".to_owned(),
    }
}

/// The article's number of a sub-block's kind.
fn kind(sub_block: SubBlock) -> usize {
    match sub_block {
        SubBlock::One => 1,
        SubBlock::Two => 2,
        SubBlock::Three => 3,
    }
}

/// `Sub-block 2a (kind 2)`; the part's title outside blocks.
pub(crate) fn sub_block_title(part: Part) -> String {
    match part {
        Part::Block {
            block,
            index,
            sub_block,
        } => {
            format!(
                "Sub-block {} (kind {})",
                label(block, index),
                kind(sub_block)
            )
        }
        Part::Stem | Part::Final => title(part),
    }
}
