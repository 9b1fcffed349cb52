//! Keras's archives: a zip archive of a network's configuration and its weights.

use super::zip::Archive;
use super::{Contents, Refusal, hdf5};
use crate::format::Format;
use crate::keras::{KerasModel, MAX_CONFIG};

/// The weights: HDF5.
pub(super) const WEIGHTS: &str = "model.weights.h5";

/// The network: JSON.
const CONFIG: &str = "config.json";

/// Reads the table of contents of the weights, and the configuration.
pub(super) fn read(archive: &Archive) -> Result<Contents, Refusal> {
    let weights = hdf5::read(&archive.entry(WEIGHTS, u64::MAX)?);
    let weights = weights.map_err(|refusal| match refusal {
        Refusal::Corrupt(_, reason) => archive.corrupt(WEIGHTS, &reason),
        Refusal::Unsupported(what) => Refusal::Unsupported(format!("a Keras archive of {what}")),
        Refusal::Io(error) => Refusal::Io(error),
    })?;
    Ok(Contents {
        format: Format::Keras,
        keras: config(archive)?,
        ..weights
    })
}

fn config(archive: &Archive) -> Result<Option<KerasModel>, Refusal> {
    if !archive.names().any(|name| name == CONFIG) {
        return Ok(None);
    }
    let config = archive.entry(CONFIG, MAX_CONFIG as u64)?;
    let config = config
        .bytes()
        .map_err(|error| archive.unreadable(CONFIG, error))?;
    Ok(str::from_utf8(&config).ok().and_then(KerasModel::parse))
}
