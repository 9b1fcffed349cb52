//! NumPy's archives: a zip archive of one `.npy` file an array, `NAME.npy`.

use std::collections::BTreeMap;

use super::npy::{BEGINNING, Header};
use super::zip::Archive;
use super::{Contents, Refusal};
use crate::dtype::Dtype;
use crate::entry::Entry;
use crate::format::Format;

/// How each array's file is called.
pub(crate) const EXTENSION: &str = ".npy";

/// Reads the headers of all arrays.
pub(super) fn read(archive: &Archive) -> Result<Contents, Refusal> {
    let mut tensors = BTreeMap::new();
    for file in archive.names() {
        let name = file.strip_suffix(EXTENSION).unwrap_or(file);
        tensors.insert(name.to_owned(), array(archive, file)?);
    }
    Ok(Contents {
        format: Format::Npz,
        tensors,
        keras: None,
    })
}

/// Where an array's values lie.
fn array(archive: &Archive, file: &str) -> Result<Entry, Refusal> {
    let corrupt = |reason: String| archive.corrupt(file, &reason);
    let source = archive.sequential_entry(file)?;
    let read = |end: u64| {
        let end = end.min(source.len());
        source
            .read(0..end)
            .map_err(|error| archive.unreadable(file, error))
    };
    let length = Header::length(&read(BEGINNING as u64)?).map_err(corrupt)? as u64;
    let Some(data) = source.slice(length..source.len()) else {
        return Err(corrupt("it ends inside its header".to_owned()));
    };
    let header = Header::parse(&read(length)?).map_err(corrupt)?;
    header.check_size(data.len()).map_err(corrupt)?;
    let fortran_order = header.fortran_order && data.len() > 0;
    Ok(Entry {
        strides: fortran_order.then(|| header.fortran_strides()),
        big_endian: header.big_endian,
        dtype: Dtype::from(header.element),
        shape: header.shape,
        data,
    })
}

#[cfg(test)]
mod tests;
