//! Attributes that are texts.

use super::super::Refusal;
use super::datatype::Datatype;
use super::file::{Cursor, File};
use super::header::{Kind, Message, of_kind};
use super::{damaged, dataset};

/// The text of an object's attribute; `None` if there is none, or if it is something else.
pub(super) fn text(
    file: &File<'_>,
    messages: &[Message],
    name: &str,
) -> Result<Option<String>, Refusal> {
    for message in of_kind(messages, Kind::Attribute) {
        if let Some(attribute) = Attribute::parse(file.cursor(&message.body))?
            && attribute.name == name.as_bytes()
        {
            return attribute.text(file);
        }
    }
    Ok(None)
}

struct Attribute<'a> {
    name: &'a [u8],
    datatype: Datatype,
    shape: Option<Vec<usize>>,
    data: Cursor<'a>,
}

impl<'a> Attribute<'a> {
    /// Version, flags, sizes of name, type and shape; from version 3 on the name's character set; in
    /// version 1 all three are padded to 8 bytes.
    fn parse(mut cursor: Cursor<'a>) -> Result<Option<Self>, Refusal> {
        let (version, flags) = (cursor.u8()?, cursor.u8()?);
        let known = (1..=3).contains(&version);
        if !known || (version > 1 && flags & 0b11 != 0) {
            // Newer, or a type that it shares with others.
            return Ok(None);
        }
        let sizes = [cursor.u16()?, cursor.u16()?, cursor.u16()?].map(usize::from);
        cursor.skip(if version == 3 { 1 } else { 0 })?;
        let padded = |size: usize| {
            if version == 1 {
                size.next_multiple_of(8)
            } else {
                size
            }
        };
        let [name, datatype, shape] = sizes.map(padded);
        let name = cursor
            .take(name)?
            .split(|&byte| byte == 0)
            .next()
            .unwrap_or_default();
        Ok(Some(Self {
            name,
            datatype: Datatype::parse(cursor.nested(datatype)?)?,
            shape: dataset::shape(cursor.nested(shape)?)?,
            data: cursor,
        }))
    }

    fn text(mut self, file: &File<'_>) -> Result<Option<String>, Refusal> {
        if self.shape != Some(Vec::new()) {
            return Ok(None);
        }
        let bytes = match self.datatype {
            Datatype::Text(size) => self.data.take(size)?.to_vec(),
            Datatype::LongText => {
                let length = self.data.u32()? as usize;
                let collection = self
                    .data
                    .address()?
                    .ok_or_else(|| damaged("a text is missing"))?;
                let mut object = heap_object(file, collection, self.data.u32()?)?;
                object.truncate(length);
                object
            }
            _ => return Ok(None),
        };
        let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
        Ok(str::from_utf8(text)
            .ok()
            .map(|text| text.trim_end().to_owned()))
    }
}

/// An object of a collection in the global heap.
fn heap_object(file: &File<'_>, collection: u64, index: u32) -> Result<Vec<u8>, Refusal> {
    let beginning = 8 + file.widths.length as u64;
    let header = file.read(collection, beginning)?;
    let mut cursor = file.cursor(&header);
    cursor.signature(b"GCOL")?;
    cursor.skip(4)?;
    let size = cursor.length()?;
    let objects = file.read(
        collection + beginning,
        size.checked_sub(beginning)
            .ok_or_else(|| damaged("a heap is too small"))?,
    )?;
    let mut cursor = file.cursor(&objects);
    while cursor.rest().len() as u64 >= beginning {
        let found = u32::from(cursor.u16()?);
        cursor.skip(6)?;
        let size = usize::try_from(cursor.length()?).unwrap_or(usize::MAX);
        if found == 0 {
            break;
        }
        let object = cursor.take(size)?;
        if found == index {
            return Ok(object.to_vec());
        }
        let padding = size.next_multiple_of(8) - size;
        cursor.skip(padding.min(cursor.rest().len()))?;
    }
    Err(damaged(format!("object {index} of a heap is missing")))
}
