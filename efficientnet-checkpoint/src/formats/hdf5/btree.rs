//! Trees of version 1: the entries of a group, the chunks of a dataset.

use super::super::Refusal;
use super::damaged;
use super::file::File;

/// What a tree holds.
#[derive(Clone, Copy)]
pub(super) enum Tree {
    /// Tables of symbols, between keys of one length each.
    Group,
    /// Chunks, behind keys that describe them.
    Chunks {
        /// Bytes of a key.
        key: usize,
    },
}

/// What the tree's lowest nodes refer to, in order: the key in front of it, its address.
pub(super) fn leaves(
    file: &File<'_>,
    root: u64,
    tree: Tree,
) -> Result<Vec<(Vec<u8>, u64)>, Refusal> {
    let (kind, key_length) = match tree {
        Tree::Group => (0, file.widths.length),
        Tree::Chunks { key } => (1, key),
    };
    let mut leaves = Vec::new();
    // Each with the level that it has to have.
    let mut nodes = vec![(root, None)];
    while let Some((address, expected)) = nodes.pop() {
        let beginning = file.read(address, 8 + 2 * file.widths.address as u64)?;
        let mut cursor = file.cursor(&beginning);
        cursor.signature(b"TREE")?;
        let (found_kind, level) = (cursor.u8()?, cursor.u8()?);
        if found_kind != kind || expected.is_some_and(|expected| expected != level) {
            return Err(damaged(format!("the tree at {address} belongs elsewhere")));
        }
        let count: usize = cursor.u16()?.into();
        let entry = key_length + file.widths.address;
        let entries = file.read(address + beginning.len() as u64, (count * entry) as u64)?;
        let mut below = Vec::with_capacity(count);
        for entry in entries.chunks_exact(entry) {
            let (key, child) = entry.split_at(key_length);
            let child = file.cursor(child).address()?;
            below.push((key, child.ok_or_else(|| damaged("a tree has no leaf"))?));
        }
        match level.checked_sub(1) {
            None => leaves.extend(below.into_iter().map(|(key, child)| (key.to_vec(), child))),
            Some(level) => nodes.extend(
                below
                    .into_iter()
                    .rev()
                    .map(|(_, child)| (child, Some(level))),
            ),
        }
    }
    Ok(leaves)
}
