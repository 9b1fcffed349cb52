//! What `torch.save` writes: a pickle of the object, which names storages, and the storages' bytes.
//!
//! Since PyTorch 1.6 a zip archive (`torch/serialization.py`, `_save`) of `data.pkl`, `byteorder` and
//! `data/<key>` inside of one directory; before, all in a row (`legacy`).

mod legacy;
mod state_dict;
mod tensor;

use std::collections::BTreeMap;

use super::pickle::{self, Input, Tree};
use super::zip::Archive;
use super::{Contents, Refusal};
use crate::format::Format;
use crate::quote::quoted;
use crate::source::Source;

pub(super) use legacy::read as read_legacy;

use tensor::Storage;

/// The pickle in an archive.
const PICKLE: &str = "data.pkl";

/// Longest pickle in an archive, in bytes: B7's weights with an optimizer's state take some 500,000.
const MAX_PICKLE: u64 = 64 << 20;

/// Longest entry that names the order of bytes.
const MAX_ORDER: u64 = 16;

/// Reads an archive.
pub(super) fn read_archive(archive: &Archive) -> Result<Contents, Refusal> {
    let directories: Vec<&str> = archive.names().filter_map(directory).collect();
    let [directory] = directories[..] else {
        return Err(corrupt(format!(
            "{} entries `{PICKLE}`, expected one",
            directories.len()
        )));
    };
    let compiled = [
        format!("{directory}constants.pkl"),
        format!("{directory}code/"),
    ];
    if archive
        .names()
        .any(|name| compiled.iter().any(|part| name.starts_with(part)))
    {
        return Err(Refusal::Unsupported(
            "a TorchScript archive, compiled code with its weights: save `model.state_dict()` with \
             `torch.save` instead"
                .to_owned(),
        ));
    }
    let big_endian = big_endian(archive, &format!("{directory}byteorder"))?;
    let pickle = archive.entry(&format!("{directory}{PICKLE}"), MAX_PICKLE)?;
    let tree = pickle::load(&mut Input::new(&pickle))?;
    contents(&tree, big_endian, |storage| {
        let name = format!("{directory}data/{}", storage.key);
        let data = archive.sequential_entry(&name)?;
        let (expected, found) = (storage.bytes(), data.len());
        if expected != Some(found) {
            let expected = expected.map_or("too many".to_owned(), |bytes| bytes.to_string());
            let reason = format!("it needs {expected} bytes of values, found {found}");
            return Err(archive.corrupt(&name, &reason));
        }
        Ok(data)
    })
}

/// The directory of the pickle, with its slash.
fn directory(name: &str) -> Option<&str> {
    let directory = name.strip_suffix(PICKLE)?;
    (directory.is_empty() || directory.ends_with('/')).then_some(directory)
}

/// Files without the entry, of PyTorch before 2.1, are little endian.
fn big_endian(archive: &Archive, name: &str) -> Result<bool, Refusal> {
    if !archive.names().any(|found| found == name) {
        return Ok(false);
    }
    match &*archive.entry(name, MAX_ORDER)?.bytes()? {
        b"little" => Ok(false),
        b"big" => Ok(true),
        _ => Err(archive.corrupt(name, "expected `little` or `big`")),
    }
}

/// The tensors of a pickle; `data` are the bytes of a storage.
fn contents(
    tree: &Tree,
    big_endian: bool,
    data: impl Fn(&Storage<'_>) -> Result<Source, Refusal>,
) -> Result<Contents, Refusal> {
    let mut tensors = BTreeMap::new();
    for (name, id) in state_dict::find(tree).map_err(corrupt)? {
        let fault = |reason| corrupt(format!("tensor {}: {reason}", quoted(name)));
        let view = tensor::View::parse(tree, id).map_err(fault)?;
        let data = data(&view.storage)?;
        let mut entry = view.entry(&data).map_err(fault)?;
        entry.big_endian = big_endian;
        tensors.insert(name.to_owned(), entry);
    }
    Ok(Contents {
        format: Format::PyTorch,
        tensors,
        keras: None,
    })
}

fn corrupt(reason: String) -> Refusal {
    Refusal::Corrupt(Format::PyTorch, reason)
}

#[cfg(test)]
mod tests;
