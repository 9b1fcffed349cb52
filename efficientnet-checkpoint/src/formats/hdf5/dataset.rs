//! Datasets: shape, element type, and where the values lie.

use super::super::Refusal;
use super::attribute;
use super::chunked::{Chunked, Filter};
use super::datatype::Datatype;
use super::file::{Cursor, File};
use super::header::{Kind, Message, of_kind};
use super::{damaged, unsupported};
use crate::dtype::Dtype;
use crate::entry::Entry;
use crate::source::Source;

/// Most dimensions that HDF5 has.
const MAX_RANK: usize = 32;

/// The attribute and its value with which Keras marks bfloat16, that h5py only knows as bytes.
const BFLOAT16: (&str, &str) = ("dtype", "bfloat16");

/// Whether an object is a dataset.
pub(super) fn is_one(messages: &[Message]) -> bool {
    of_kind(messages, Kind::Layout).next().is_some()
}

/// Where a dataset's values lie; `None` if they are texts or if there are none, as in no tensor.
pub(super) fn entry(file: &File<'_>, messages: &[Message]) -> Result<Option<Entry>, Refusal> {
    let datatype = Datatype::parse(message(file, messages, Kind::Datatype)?)?;
    let Some(shape) = shape(message(file, messages, Kind::Dataspace)?)? else {
        return Ok(None);
    };
    let (dtype, big_endian) = match datatype {
        Datatype::Number { dtype, big_endian } => (dtype, big_endian),
        Datatype::Text(_) | Datatype::LongText => return Ok(None),
        Datatype::Opaque(2) if is_bfloat16(file, messages)? => (Dtype::BF16, false),
        Datatype::Opaque(size) => {
            return Err(unsupported(format!(
                "holds opaque values of {size} bytes, expected integers or floats"
            )));
        }
        Datatype::Other(what) => {
            return Err(unsupported(format!(
                "holds {what}, expected integers or floats"
            )));
        }
    };
    if of_kind(messages, Kind::ExternalFiles).next().is_some() {
        return Err(unsupported("has its values in other files"));
    }
    let data = values(file, messages, &shape, dtype.size())?;
    Ok(Some(Entry {
        big_endian,
        ..Entry::contiguous(dtype, shape, data)
    }))
}

fn is_bfloat16(file: &File<'_>, messages: &[Message]) -> Result<bool, Refusal> {
    let (name, value) = BFLOAT16;
    Ok(attribute::text(file, messages, name)?.is_some_and(|found| found == value))
}

/// The message of a kind that a dataset has to have.
fn message<'a>(
    file: &File<'_>,
    messages: &'a [Message],
    kind: Kind,
) -> Result<Cursor<'a>, Refusal> {
    match of_kind(messages, kind).next() {
        Some(message) if message.shared => {
            Err(unsupported("has a type that it shares with others"))
        }
        Some(message) => Ok(file.cursor(&message.body)),
        None => Err(damaged("its type, its shape or its values are missing")),
    }
}

/// Lengths of a dataspace message; `None` if it says that there are no values.
pub(super) fn shape(mut cursor: Cursor<'_>) -> Result<Option<Vec<usize>>, Refusal> {
    let (version, rank, _flags) = (cursor.u8()?, cursor.u8()?, cursor.u8()?);
    let kind = cursor.u8()?;
    match version {
        1 => cursor.skip(4)?,
        2 if kind == 2 => return Ok(None),
        2 => {}
        _ => return Err(unsupported(format!("has a shape of version {version}"))),
    }
    if usize::from(rank) > MAX_RANK {
        return Err(damaged(format!(
            "it has {rank} dimensions (the limit is {MAX_RANK})"
        )));
    }
    (0..rank)
        .map(|_| {
            usize::try_from(cursor.length()?).map_err(|_| damaged("it is larger than the memory"))
        })
        .collect::<Result<_, _>>()
        .map(Some)
}

/// The values that a layout message describes.
fn values(
    file: &File<'_>,
    messages: &[Message],
    shape: &[usize],
    size: usize,
) -> Result<Source, Refusal> {
    let expected = shape
        .iter()
        .try_fold(size, |bytes, &length| bytes.checked_mul(length))
        .ok_or_else(|| damaged(format!("its shape {shape:?} is impossible")))?
        as u64;
    let mut cursor = message(file, messages, Kind::Layout)?;
    let (version, class) = (cursor.u8()?, cursor.u8()?);
    if !(3..=4).contains(&version) {
        return Err(unsupported(format!("has a layout of version {version}")));
    }
    let data = match class {
        0 => {
            let length = cursor.u16()?;
            Source::from(cursor.take(length.into())?.to_vec())
        }
        1 => match (cursor.address()?, cursor.length()?) {
            (Some(address), length) => file.values(address, length)?,
            (None, _) => Source::from(Vec::new()),
        },
        2 if version == 3 => {
            let filters = match of_kind(messages, Kind::Filters).next() {
                Some(filters) => Filter::parse(file.cursor(&filters.body))?,
                None => Vec::new(),
            };
            return Chunked::locate(file, cursor, filters, shape, size);
        }
        2 => {
            return Err(unsupported(
                "has a newer index of chunks; expected h5py's default, `libver=\"earliest\"`",
            ));
        }
        _ => return Err(unsupported("has its values in other datasets")),
    };
    if data.len() != expected {
        return Err(damaged(format!(
            "it has {} bytes of values, its shape {shape:?} expects {expected}",
            data.len()
        )));
    }
    Ok(data)
}
