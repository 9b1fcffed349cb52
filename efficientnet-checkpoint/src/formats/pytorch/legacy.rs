//! Files of PyTorch before 1.6 (`torch/serialization.py`, `_legacy_save`): five pickles in a row, a
//! magic number, the version, facts of the machine, the object, the storages' keys; then each storage,
//! its number of elements (i64) in front. All is little endian, whatever the machine.

use std::collections::HashMap;

use super::tensor::Storage;
use super::{contents, corrupt};
use crate::formats::pickle::{self, Id, Input, Tree, Value};
use crate::formats::{Contents, Refusal};
use crate::quote::quoted;
use crate::source::Source;

const MAGIC: i128 = 0x1950_a86a_20f9_469c_fc6c;
const VERSION: i128 = 1001;
const LENGTH_BYTES: u64 = size_of::<u64>() as u64;

/// Reads a file that begins with a pickle.
pub(in crate::formats) fn read(source: &Source) -> Result<Contents, Refusal> {
    let mut input = Input::new(source);
    let magic = pickle::load(&mut input)?;
    if magic.int(magic.root()) != Some(MAGIC) {
        return Err(Refusal::Unsupported(
            "a pickle that torch.save did not write".to_owned(),
        ));
    }
    let version = pickle::load(&mut input)?;
    if version.int(version.root()) != Some(VERSION) {
        return Err(corrupt(format!("its version is not {VERSION}")));
    }
    let _machine = pickle::load(&mut input)?;
    let tree = pickle::load(&mut input)?;
    let keys = pickle::load(&mut input)?;
    let storages = locate(source, input.position(), &tree, &keys)?;
    contents(&tree, false, |storage| {
        let data = storages.get(storage.key).cloned();
        data.ok_or_else(|| corrupt(format!("storage {} is missing", quoted(storage.key))))
    })
}

/// Each storage's bytes, by key; they begin at `position`.
fn locate<'a>(
    source: &Source,
    mut position: u64,
    tree: &'a Tree,
    keys: &'a Tree,
) -> Result<HashMap<&'a str, Source>, Refusal> {
    let mut named = HashMap::new();
    for value in tree.all() {
        if let Value::Persistent(id) = value
            && let Some(storage) = storage(tree, *id).transpose().map_err(corrupt)?
        {
            named.insert(storage.key, storage);
        }
    }
    let Value::List(list) = keys.get(keys.root()) else {
        return Err(corrupt("no list of storages".to_owned()));
    };
    let mut located = HashMap::new();
    for &key in list {
        let key = keys.text(key).unwrap_or_default();
        let Some(storage) = named.get(key) else {
            return Err(corrupt(format!("storage {} is not described", quoted(key))));
        };
        let start = position.saturating_add(LENGTH_BYTES);
        let end = storage.bytes().and_then(|bytes| start.checked_add(bytes));
        let (Some(end), Some(data)) = (end, end.and_then(|end| source.slice(start..end))) else {
            return Err(corrupt(format!(
                "truncated: it ends inside of storage {} of {} elements",
                quoted(key),
                storage.length
            )));
        };
        let length = source.read(position..start)?;
        if *length != storage.length.to_le_bytes() {
            return Err(corrupt(format!(
                "storage {} does not have its {} elements",
                quoted(key),
                storage.length
            )));
        }
        located.insert(key, data);
        position = end;
    }
    Ok(located)
}

/// The storage that a value describes; a legacy file describes source code of modules, too.
fn storage(tree: &Tree, id: Id) -> Option<Result<Storage<'_>, String>> {
    let kind = tree.tuple(id)?.first()?;
    (tree.text(*kind)? == "storage").then(|| Storage::parse(tree, id))
}
