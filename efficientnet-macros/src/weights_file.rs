//! The checkpoint to embed: checked while the model is compiled.

use std::collections::BTreeSet;

use efficientnet_checkpoint::Checkpoint;
use efficientnet_codegen::Compiled;
use efficientnet_codegen::lower::Embedded;
use efficientnet_spec::Output;
use syn::LitStr;

use crate::spec_file::{absolute, crate_root};

/// Checks that a checkpoint's tensors are the network's by name, shape and element type, and that its
/// padding is; every error points at the argument.
pub(crate) fn check(
    argument: &LitStr,
    compiled: &Compiled,
    outputs: &[Output],
) -> syn::Result<Embedded> {
    let at = |message: String| syn::Error::new(argument.span(), message);
    let path = crate_root().join(argument.value());
    if !path.is_file() {
        return Err(at(format!(
            "weights `{}` do not exist; expected a checkpoint, its path counted from the folder of \
             the crate's Cargo.toml",
            argument.value()
        )));
    }
    let checkpoint = Checkpoint::open(&path).map_err(|error| at(error.to_string()))?;
    checkpoint
        .check(&expected(compiled, outputs))
        .map_err(|error| at(error.to_string()))?;
    Ok(Embedded {
        path: absolute(&path),
        name: argument.value(),
    })
}

fn expected(compiled: &Compiled, outputs: &[Output]) -> Vec<(String, Vec<usize>)> {
    let layers = &compiled.layers;
    let ends: Vec<_> = outputs.iter().filter_map(|&o| layers.output(o)).collect();
    let needed: BTreeSet<_> = layers.needed(&ends);
    let layers_of = |id| layers.tensors(id).into_iter().map(|t| (t.name, t.shape));
    needed.into_iter().flat_map(layers_of).collect()
}
