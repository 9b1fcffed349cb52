//! One reader a file format: from bytes to where each tensor lies in them.

#[cfg(test)]
mod bombs;
mod hdf5;
mod keras;
pub(crate) mod npy;
pub(crate) mod npz;
mod pickle;
mod prefix;
mod pytorch;
pub(crate) mod safetensors;
#[cfg(test)]
pub(crate) mod testing;
mod zip;

use std::collections::BTreeMap;
use std::io;

use crate::entry::Entry;
use crate::format::{Container, Format};
use crate::keras::KerasModel;
use crate::quote::quoted;
use crate::source::Source;

/// Longest name of a tensor, in bytes. A network asks for hundreds of names made of one.
const MAX_NAME: usize = 1 << 10;

/// Bytes that reading all tensors of a file may take, however small it is, and times its own size that it
/// may take of a larger one: tensors may share their bytes.
const MAX_READ: u64 = 256 << 20;
const MAX_READINGS: u64 = 64;

/// What a file holds.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) format: Format,
    pub(crate) tensors: BTreeMap<String, Entry>,
    /// What the file says of the Keras network around the weights.
    pub(crate) keras: Option<KerasModel>,
}

/// Why a file's contents could not be read.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The system refuses.
    Io(io::Error),
    /// No file of a format that is read, or of one that is read in part: what it is.
    Unsupported(String),
    /// Damaged: what is wrong.
    Corrupt(Format, String),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Refusal::Io(error)
    }
}

/// Reads a file's table of contents, whatever its format. Values stay where they are; names lose what
/// wrappers put in front of all of them.
pub(crate) fn read(source: &Source) -> Result<Contents, Refusal> {
    let mut contents = read_as_is(source)?;
    if contents.tensors.is_empty() {
        let what = format!("a {} file that holds no tensors", contents.format);
        return Err(Refusal::Unsupported(what));
    }
    check(&contents, source.len()).map_err(|reason| Refusal::Corrupt(contents.format, reason))?;
    contents.tensors = prefix::strip(contents.tensors);
    Ok(contents)
}

/// Whether tensors are in proportion to the file that they are in.
fn check(contents: &Contents, length: u64) -> Result<(), String> {
    if let Some(name) = contents.tensors.keys().find(|name| name.len() > MAX_NAME) {
        return Err(format!(
            "a tensor's name has {} bytes (the limit is {MAX_NAME}): {}",
            name.len(),
            quoted(name)
        ));
    }
    let tensors = contents.tensors.values();
    let effort = tensors.fold(0u64, |sum, tensor| sum.saturating_add(tensor.data.effort()));
    let limit = length.saturating_mul(MAX_READINGS).max(MAX_READ);
    if effort > limit {
        return Err(format!(
            "to read its tensors, which share bytes, takes {effort} bytes of its {length} (the limit is \
             {limit}): save copies of them"
        ));
    }
    Ok(())
}

fn read_as_is(source: &Source) -> Result<Contents, Refusal> {
    let unsupported = |what: &str| Err(Refusal::Unsupported(what.to_owned()));
    match Container::detect(source)? {
        Some(Container::Safetensors) => safetensors::read(source),
        Some(Container::Zip) => zip::read(source),
        Some(Container::Pickle) => pytorch::read_legacy(source),
        Some(Container::Hdf5) => hdf5::read(source),
        Some(Container::Npy) => {
            unsupported("a single NumPy array (.npy); expected an archive of them (.npz)")
        }
        None if source.len() == 0 => unsupported("an empty file"),
        None => unsupported("a file of no known format"),
    }
}
