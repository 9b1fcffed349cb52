//! One reader a file format: from bytes to where each tensor lies in them.

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
use crate::source::Source;

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
    contents.tensors = prefix::strip(contents.tensors);
    Ok(contents)
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
