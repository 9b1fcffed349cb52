//! HDF5, as Keras writes whole models (`.h5`) and weights (`.weights.h5`) through h5py.
//!
//! Read is the part of the format (HDF5 File Format Specification 3.0) that h5py writes by default,
//! and more of its variants: superblocks 0 to 3, both kinds of object headers, symbol tables and
//! compact links, compact, contiguous and chunked values, deflate and shuffle. What only newer
//! versions of the format have (dense groups, other chunk indices) is refused by name.

mod attribute;
mod btree;
mod chunked;
mod dataset;
mod datatype;
mod file;
mod group;
mod header;

use std::collections::BTreeMap;

use super::{Contents, Refusal};
use crate::entry::Entry;
use crate::format::Format;
use crate::keras::KerasModel;
use crate::quote::quoted;
use crate::source::Source;

use file::File;

/// The attribute of a whole model's file that describes its network.
const MODEL_CONFIG: &str = "model_config";

/// Groups at the root that hold the state of an optimizer.
const OPTIMIZERS: [&str; 2] = ["optimizer", "optimizer_weights"];

/// Where Keras 3 keeps the layers of a `.weights.h5` file, and a second place of Keras 2.12 to 2.15.
const LAYERS: &str = "layers/";
const LAYERS_AGAIN: &str = "_layer_checkpoint_dependencies/";

/// Groups inside each other that are followed: those that lie inside themselves end here.
const MAX_DEPTH: usize = 32;

/// Reads the table of contents of a file that begins with the signature.
pub(super) fn read(source: &Source) -> Result<Contents, Refusal> {
    let (file, root) = File::open(source)?;
    let config = attribute::text(&file, &header::messages(&file, root)?, MODEL_CONFIG)?;
    Ok(Contents {
        format: Format::Hdf5,
        tensors: tensors(&file, root)?,
        keras: config.and_then(|config| KerasModel::parse(&config)),
    })
}

/// All datasets of numbers by their paths, but for an optimizer's.
fn tensors(file: &File<'_>, root: u64) -> Result<BTreeMap<String, Entry>, Refusal> {
    let mut tensors = BTreeMap::new();
    let mut objects = vec![(String::new(), root)];
    while let Some((path, address)) = objects.pop() {
        let inside = |refusal| located(&path, refusal);
        let messages = header::messages(file, address).map_err(inside)?;
        if dataset::is_one(&messages) {
            let entry = dataset::entry(file, &messages).map_err(inside)?;
            tensors.extend(entry.map(|entry| (path, entry)));
            continue;
        }
        for (name, address) in group::links(file, &messages).map_err(inside)? {
            if path.is_empty() && OPTIMIZERS.contains(&name.as_str()) {
                continue;
            }
            if path.split('/').count() > MAX_DEPTH {
                return Err(inside(damaged("its groups are nested too deeply")));
            }
            let separator = if path.is_empty() { "" } else { "/" };
            let path = format!("{path}{separator}{name}");
            file.spend(path.len() as u64)?;
            objects.push((path, address));
        }
    }
    if tensors.keys().any(|name| name.starts_with(LAYERS)) {
        tensors.retain(|name, _| !name.starts_with(LAYERS_AGAIN));
    }
    Ok(tensors)
}

fn damaged(reason: impl Into<String>) -> Refusal {
    Refusal::Corrupt(Format::Hdf5, reason.into())
}

/// A part of the format that is not read. `what` follows the object's name.
fn unsupported(what: impl Into<String>) -> Refusal {
    Refusal::Unsupported(what.into())
}

/// Says which object of the file is meant.
fn located(path: &str, refusal: Refusal) -> Refusal {
    let object = match path {
        "" => "root group".to_owned(),
        _ => quoted(path),
    };
    match refusal {
        Refusal::Io(error) => Refusal::Io(error),
        Refusal::Unsupported(what) => Refusal::Unsupported(format!("HDF5 whose {object} {what}")),
        Refusal::Corrupt(format, reason) => Refusal::Corrupt(format, format!("{object}: {reason}")),
    }
}

#[cfg(test)]
mod tests;
