//! Which bundled variant a checkpoint is of.

use efficientnet::runtime::checkpoint::{Checkpoint, CheckpointError, Expected, Mismatch};
use efficientnet::spec::{BUNDLED, LayerGraph, Options, Spec, Top};

use crate::failure::Failure;
use crate::network;

/// Share of a variant's tensors that may differ for a checkpoint to be nearly one of it.
const NEARLY: f64 = 0.1;

/// The last layer, without which a checkpoint is of a network without top.
const CLASSIFIER: &str = "classifier.";

/// A variant that a checkpoint is of, or nearly.
pub(super) struct Found {
    /// Name of the bundled spec.
    pub(super) spec: &'static str,
    /// Name of the variant.
    pub(super) variant: String,
    /// What is different.
    pub(super) mismatch: Option<Box<Mismatch>>,
}

/// The bundled variant with the fewest differences.
pub(super) fn find(checkpoint: &Checkpoint) -> Result<Option<Found>, Failure> {
    let mut nearest = None;
    for (name, text) in BUNDLED {
        let spec = Spec::parse(text, name).map_err(Failure::mistake)?;
        for variant in spec.variants.iter() {
            let variant = variant.name.to_string();
            let expected = expected(&spec, &variant, checkpoint)?;
            let mismatch = match checkpoint.select(&expected) {
                Ok(_) => None,
                Err(CheckpointError::Mismatch(mismatch)) => Some(mismatch),
                // No known library's names.
                Err(_) => return Ok(None),
            };
            let differences = mismatch.as_deref().map_or(0, differences);
            let near = differences as f64 <= NEARLY * expected.len() as f64;
            if near
                && nearest
                    .as_ref()
                    .is_none_or(|(least, _)| differences < *least)
            {
                let found = Found {
                    spec: name,
                    variant,
                    mismatch,
                };
                nearest = Some((differences, found));
            }
        }
    }
    Ok(nearest.map(|(_, found)| found))
}

/// The tensors of a variant with the checkpoint's classes and channels; without a classifier, if it
/// has none.
fn expected(spec: &Spec, variant: &str, checkpoint: &Checkpoint) -> Result<Vec<Expected>, Failure> {
    let classes = checkpoint.classes();
    let options = Options {
        classes,
        in_channels: checkpoint.in_channels(),
        ..Options::default()
    };
    // Numbers that no network has are the variant's then.
    let architecture = spec
        .architecture(variant, &options)
        .or_else(|_| network::architecture(spec, variant, &Options::default()))?;
    let graph = LayerGraph::build(&architecture, Top::With).map_err(Failure::mistake)?;
    let mut expected = network::expected(&graph, network::own_precision(checkpoint));
    for tensor in &mut expected {
        tensor.needed = classes.is_some() || !tensor.name.starts_with(CLASSIFIER);
    }
    Ok(expected)
}

fn differences(mismatch: &Mismatch) -> usize {
    mismatch.missing.len() + mismatch.unexpected.len() + mismatch.misshapen.len()
}
