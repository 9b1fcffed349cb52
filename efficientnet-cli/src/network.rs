//! From a variant's name to something that runs.

use std::fs;

use efficientnet::codegen::{self, Compiled};
use efficientnet::spec::{Architecture, BUNDLED, Options, Spec};

use crate::failure::Failure;

/// The spec that holds a variant: the one named, or the bundled one that has it.
pub(crate) fn spec(named: Option<&str>, variant: &str) -> Result<Spec, Failure> {
    let Some(name) = named else { return bundled_with(variant) };
    if let Some(text) = efficientnet::spec::bundled(name) {
        return Spec::parse(text, name).map_err(Failure::mistake);
    }
    let text = fs::read_to_string(name).map_err(|error| {
        let bundled = BUNDLED.map(|(name, _)| name).join(", ");
        Failure::Mistake(format!("{name}: {error}; expected a YAML file or a bundled spec ({bundled})"))
    })?;
    Spec::parse(&text, name).map_err(Failure::mistake)
}

fn bundled_with(variant: &str) -> Result<Spec, Failure> {
    let mut known = Vec::new();
    for (name, text) in BUNDLED {
        let spec = Spec::parse(text, name).map_err(Failure::mistake)?;
        if spec.has_variant(variant) {
            return Ok(spec);
        }
        known.extend(spec.variant_names().map(str::to_owned));
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
    spec.architecture(variant, options).map_err(Failure::mistake)
}

/// Compiles an architecture to a plan.
pub(crate) fn compile(architecture: &Architecture) -> Result<Compiled, Failure> {
    codegen::compile(architecture).map_err(Failure::mistake)
}
