//! From a variant's name to something that runs.

use std::fs;
use std::path::Path;

use efficientnet::codegen::{self, Compiled};
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::spec::{Architecture, BUNDLED, Options, Output, Spec};

use crate::failure::Failure;

/// The spec that holds a variant: the one named, or the bundled one that has it.
pub(crate) fn spec(named: Option<&str>, variant: &str) -> Result<Spec, Failure> {
    match named {
        Some(name) => spec_named(name),
        None => bundled_with(variant),
    }
}

/// The bundled spec of a name, or the one in a file.
pub(crate) fn spec_named(name: &str) -> Result<Spec, Failure> {
    if let Some(text) = efficientnet::spec::bundled(name) {
        return Spec::parse(text, name).map_err(Failure::mistake);
    }
    let text = fs::read_to_string(name).map_err(|error| {
        let bundled = BUNDLED.map(|(name, _)| name).join(", ");
        Failure::Mistake(format!(
            "{name}: {error}; expected a YAML file or a bundled spec ({bundled})"
        ))
    })?;
    Spec::parse(&text, name).map_err(Failure::mistake)
}

fn bundled_with(variant: &str) -> Result<Spec, Failure> {
    let mut known = Vec::new();
    for (name, text) in BUNDLED {
        let spec = Spec::parse(text, name).map_err(Failure::mistake)?;
        if spec.variant(variant).is_some() {
            return Ok(spec);
        }
        known.extend(spec.variants.iter().map(|variant| variant.name.to_string()));
    }
    Err(Failure::Mistake(format!(
        "no bundled spec has a variant `{variant}`; there are {}; --spec names another spec",
        known.join(", ")
    )))
}

/// Scales a variant.
pub(crate) fn architecture(
    spec: &Spec,
    variant: &str,
    options: &Options,
) -> Result<Architecture, Failure> {
    spec.architecture(variant, options)
        .map_err(Failure::mistake)
}

/// Compiles an architecture to a plan of its logits.
pub(crate) fn compile(architecture: &Architecture) -> Result<Compiled, Failure> {
    Ok(codegen::compile(architecture, &[Output::Logits])?)
}

/// Opens a checkpoint.
pub(crate) fn open_checkpoint(path: &Path) -> Result<Checkpoint, Failure> {
    Checkpoint::open(path).map_err(Failure::mistake)
}

/// One extent of a tensor of the checkpoint, where it has it; a checkpoint without it is reported in
/// full when its weights are packed.
pub(crate) fn extent(checkpoint: &Checkpoint, name: &str, dimension: usize) -> Option<usize> {
    let extent = checkpoint.tensor(name)?.shape().get(dimension).copied()?;
    (extent > 0).then_some(extent)
}
