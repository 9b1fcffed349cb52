//! `.npz`: a zip archive of one `.npy` file an array, not compressed.

use std::io::{self, Write};

use rawzip::ZipArchiveWriter;
use rawzip::path::EntryPath;

use super::ReadBytes;
use crate::formats::npy::Header;
use crate::formats::npz::EXTENSION;
use crate::quote::quoted;
use crate::{Checkpoint, CheckpointError, InputTransform, Padding};

/// Relative difference of two numbers that mean the same, but for the digits in a configuration.
const TOLERANCE: f64 = 1e-6;

/// What an archive would not keep, if anything: types that NumPy does not have, and the Keras network
/// around the weights, where it is not the one that they are taken for without it.
pub(super) fn loss(checkpoint: &Checkpoint) -> Result<Option<String>, CheckpointError> {
    let unknown = |tensor: &crate::TensorView<'_>| {
        Header::encode(tensor.dtype().into(), tensor.shape()).is_none()
    };
    if let Some(tensor) = checkpoint.tensors().find(unknown) {
        let (name, dtype) = (tensor.name(), tensor.dtype());
        return Ok(Some(format!(
            "tensor {} has values of type {dtype}",
            quoted(name)
        )));
    }
    let alone = Checkpoint {
        keras: None,
        ..checkpoint.clone()
    };
    let (found, kept) = (checkpoint.keras_input(None)?, alone.keras_input(None)?);
    if !same_input(found.as_ref(), kept.as_ref()) {
        let what = "its Keras network rescales the input as its weights do not say";
        return Ok(Some(what.to_owned()));
    }
    let epsilon = |checkpoint: &Checkpoint| checkpoint.batch_norm_epsilon(Padding::Same);
    if !is_near(epsilon(checkpoint), epsilon(&alone)) {
        let what = "its Keras network has another batch-norm epsilon than Keras's own";
        return Ok(Some(what.to_owned()));
    }
    Ok(None)
}

fn same_input(a: Option<&InputTransform>, b: Option<&InputTransform>) -> bool {
    let (Some(a), Some(b)) = (a, b) else {
        return a.is_none() && b.is_none();
    };
    let near =
        |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| is_near(a, b));
    near(&a.scale, &b.scale) && near(&a.shift, &b.shift)
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= TOLERANCE * a.abs().max(b.abs())
}

/// Writes all arrays.
pub(super) fn write(
    checkpoint: &Checkpoint,
    out: &mut dyn Write,
    bytes: &mut ReadBytes<'_>,
) -> io::Result<()> {
    let mut archive = ZipArchiveWriter::new(out);
    for tensor in checkpoint.tensors() {
        let name = format!("{}{EXTENSION}", tensor.name());
        // As it is: a conformant path would lose parts such as `..`.
        let path = match name.is_ascii() {
            true => EntryPath::verbatim(name.into_bytes()),
            false => EntryPath::conformant(name),
        };
        let header = Header::encode(tensor.dtype().into(), tensor.shape()).unwrap_or_default();
        let (mut entry, config) = archive.new_file(path).start().map_err(io::Error::other)?;
        let mut array = config.wrap(&mut entry);
        array.write_all(&header)?;
        array.write_all(&bytes(&tensor)?)?;
        let (_, output) = array.finish().map_err(io::Error::other)?;
        entry.finish(output).map_err(io::Error::other)?;
    }
    archive.finish().map_err(io::Error::other)?;
    Ok(())
}
