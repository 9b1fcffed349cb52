//! Object headers: the messages that describe a group or a dataset.

use super::super::Refusal;
use super::file::{Cursor, File};
use super::{damaged, unsupported};

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Dataspace,
    LinkInfo,
    Datatype,
    Link,
    ExternalFiles,
    Layout,
    Filters,
    Attribute,
    SymbolTable,
}

/// Numbers of the messages that are read.
const KINDS: [(u16, Kind); 9] = [
    (0x01, Kind::Dataspace),
    (0x02, Kind::LinkInfo),
    (0x03, Kind::Datatype),
    (0x06, Kind::Link),
    (0x07, Kind::ExternalFiles),
    (0x08, Kind::Layout),
    (0x0b, Kind::Filters),
    (0x0c, Kind::Attribute),
    (0x11, Kind::SymbolTable),
];

/// Number of the message that says where more messages lie.
const CONTINUATION: u16 = 0x10;

/// Bit of a message's flags: what it says is said elsewhere.
const SHARED: u8 = 1 << 1;

/// One message.
pub(super) struct Message {
    pub(super) kind: Kind,
    pub(super) shared: bool,
    pub(super) body: Vec<u8>,
}

/// The messages of one kind.
pub(super) fn of_kind(messages: &[Message], kind: Kind) -> impl Iterator<Item = &Message> {
    messages.iter().filter(move |message| message.kind == kind)
}

/// How an object header is laid out.
enum Version {
    One,
    Two { creation_order: bool },
}

/// Longest beginning of a header, up to its first message.
const BEGINNING: u64 = 34;

/// Bytes of a checksum.
const CHECKSUM: usize = 4;

/// The messages of the object at an address.
pub(super) fn messages(file: &File<'_>, address: u64) -> Result<Vec<Message>, Refusal> {
    let beginning = file.read_beginning(address, BEGINNING)?;
    let mut cursor = file.cursor(&beginning);
    let (version, size) = match cursor.rest() {
        [1, ..] => first_version(&mut cursor)?,
        [b'O', b'H', b'D', b'R', ..] => second_version(&mut cursor)?,
        _ => return Err(damaged(format!("there is no header at {address}"))),
    };
    let start = address + (beginning.len() - cursor.rest().len()) as u64;
    let mut messages = Vec::new();
    let mut blocks = vec![(start, size)];
    while let Some((address, length)) = blocks.pop() {
        let block = file.read(address, length)?;
        let mut cursor = file.cursor(&block);
        if address != start && matches!(version, Version::Two { .. }) {
            cursor.signature(b"OCHK")?;
        }
        read_block(&version, cursor, &mut messages, &mut |mut body| {
            let address = body
                .address()?
                .ok_or_else(|| damaged("a header ends nowhere"))?;
            blocks.push((address, body.length()?));
            Ok(())
        })?;
    }
    Ok(messages)
}

/// Version, reserved, number of messages, references, size, padding to 8 bytes.
fn first_version(cursor: &mut Cursor<'_>) -> Result<(Version, u64), Refusal> {
    cursor.skip(8)?;
    let size = cursor.u32()?;
    cursor.skip(4)?;
    Ok((Version::One, size.into()))
}

/// Signature, version, flags, perhaps times and limits, size. The checksum counts as messages.
fn second_version(cursor: &mut Cursor<'_>) -> Result<(Version, u64), Refusal> {
    cursor.signature(b"OHDR")?;
    let version = cursor.u8()?;
    if version != 2 {
        return Err(unsupported(format!("has a header of version {version}")));
    }
    let flags = cursor.u8()?;
    let has = |bit: u8| flags >> bit & 1 == 1;
    cursor.skip(16 * usize::from(has(5)) + 4 * usize::from(has(4)))?;
    let size = cursor.uint(1 << (flags & 3))?;
    let creation_order = has(2);
    let size = size.saturating_add(CHECKSUM as u64);
    Ok((Version::Two { creation_order }, size))
}

/// Messages up to the end of a block or the gap in front of its checksum.
fn read_block(
    version: &Version,
    mut cursor: Cursor<'_>,
    messages: &mut Vec<Message>,
    follow: &mut dyn FnMut(Cursor<'_>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let (beginning, checksum) = match version {
        Version::One => (8, 0),
        Version::Two { creation_order } => (if *creation_order { 6 } else { 4 }, CHECKSUM),
    };
    while cursor.rest().len() >= beginning + checksum {
        let kind = match version {
            Version::One => cursor.u16()?,
            Version::Two { .. } => cursor.u8()?.into(),
        };
        let size = cursor.u16()?;
        let flags = cursor.u8()?;
        // Reserved, or the order of creation.
        cursor.skip(beginning - if checksum == 0 { 5 } else { 4 })?;
        let body = cursor.nested(size.into())?;
        if kind == CONTINUATION {
            follow(body)?;
        } else if let Some(&(_, kind)) = KINDS.iter().find(|(number, _)| *number == kind) {
            messages.push(Message {
                kind,
                shared: flags & SHARED != 0,
                body: body.rest().to_vec(),
            });
        }
    }
    Ok(())
}
