//! Groups: names, and the addresses of what they stand for.

use super::super::Refusal;
use super::btree::{self, Tree};
use super::file::File;
use super::header::{Kind, Message, of_kind};
use super::{damaged, unsupported};

/// The objects in a group. Links to names and to other files are left out.
pub(super) fn links(file: &File<'_>, messages: &[Message]) -> Result<Vec<(String, u64)>, Refusal> {
    let mut links = Vec::new();
    for message in of_kind(messages, Kind::SymbolTable) {
        symbol_table(file, message, &mut links)?;
    }
    for message in of_kind(messages, Kind::LinkInfo) {
        refuse_dense(file, message)?;
    }
    for message in of_kind(messages, Kind::Link) {
        links.extend(link(file, message)?);
    }
    Ok(links)
}

/// A tree of tables of symbols, whose names lie in a heap.
fn symbol_table(
    file: &File<'_>,
    message: &Message,
    links: &mut Vec<(String, u64)>,
) -> Result<(), Refusal> {
    let mut cursor = file.cursor(&message.body);
    let (Some(tree), Some(heap)) = (cursor.address()?, cursor.address()?) else {
        return Err(damaged("a group has no table"));
    };
    let names = heap_data(file, heap)?;
    for (_, table) in btree::leaves(file, tree, Tree::Group)? {
        let beginning = file.read(table, 8)?;
        let mut cursor = file.cursor(&beginning);
        cursor.signature(b"SNOD")?;
        cursor.skip(2)?;
        let count = u64::from(cursor.u16()?);
        // Name, address, kind, reserved, what the kind needs.
        let symbol = 2 * file.widths.address as u64 + 4 + 4 + 16;
        for symbol in file
            .read(table + 8, count * symbol)?
            .chunks_exact(symbol as usize)
        {
            let mut cursor = file.cursor(symbol);
            let position = cursor.uint(file.widths.address)?;
            // A link to a name has no address.
            if let Some(address) = cursor.address()? {
                links.push((name_at(file, &names, position)?, address));
            }
        }
    }
    Ok(())
}

fn heap_data(file: &File<'_>, heap: u64) -> Result<Vec<u8>, Refusal> {
    let widths = file.widths;
    let beginning = file.read(heap, 8 + (2 * widths.length + widths.address) as u64)?;
    let mut cursor = file.cursor(&beginning);
    cursor.signature(b"HEAP")?;
    cursor.skip(4)?;
    let size = cursor.length()?;
    cursor.length()?;
    let address = cursor
        .address()?
        .ok_or_else(|| damaged("a group has no names"))?;
    Ok(file.read(address, size)?.into_owned())
}

/// The name from a position of a heap up to a NUL.
fn name_at(file: &File<'_>, heap: &[u8], position: u64) -> Result<String, Refusal> {
    let position = usize::try_from(position).unwrap_or(usize::MAX);
    let text = heap
        .get(position..)
        .and_then(|text| text.split_inclusive(|&byte| byte == 0).next())
        .and_then(|text| text.strip_suffix(&[0]))
        .ok_or_else(|| damaged("a name lies outside of its heap"))?;
    name(file, text)
}

fn name(file: &File<'_>, text: &[u8]) -> Result<String, Refusal> {
    // Many links may share one long name.
    file.spend(text.len() as u64)?;
    match str::from_utf8(text) {
        Ok(name) if !name.is_empty() && !name.contains('/') => Ok(name.to_owned()),
        _ => Err(damaged(format!("`{}` is no name", text.escape_ascii()))),
    }
}

/// Groups of many links keep them in a heap and a tree of their own, but for files of the oldest kind.
fn refuse_dense(file: &File<'_>, message: &Message) -> Result<(), Refusal> {
    let mut cursor = file.cursor(&message.body);
    cursor.skip(1)?;
    let tracked = cursor.u8()? & 1 == 1;
    cursor.skip(8 * usize::from(tracked))?;
    match cursor.address()? {
        None => Ok(()),
        Some(_) => Err(unsupported(
            "keeps its links in a heap; expected h5py's default, `libver=\"earliest\"`",
        )),
    }
}

/// A link message; `None` unless it leads to an object of this file.
fn link(file: &File<'_>, message: &Message) -> Result<Option<(String, u64)>, Refusal> {
    let mut cursor = file.cursor(&message.body);
    cursor.skip(1)?;
    let flags = cursor.u8()?;
    let has = |bit: u8| flags >> bit & 1 == 1;
    let hard = !has(3) || cursor.u8()? == 0;
    // Order of creation, character set.
    cursor.skip(8 * usize::from(has(2)) + usize::from(has(4)))?;
    let length = cursor.uint(1 << (flags & 3))?;
    let text = cursor.take(usize::try_from(length).unwrap_or(usize::MAX))?;
    if !hard {
        return Ok(None);
    }
    let address = cursor
        .address()?
        .ok_or_else(|| damaged("a link leads nowhere"))?;
    Ok(Some((name(file, text)?, address)))
}
