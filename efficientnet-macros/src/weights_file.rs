//! The checkpoint to embed: checked while the model is compiled.

use std::collections::BTreeSet;

use efficientnet_checkpoint::{Checkpoint, Expected, Padding};
use efficientnet_codegen::Compiled;
use efficientnet_codegen::lower::Embedded;
use efficientnet_codegen::spec_file::crate_root;
use efficientnet_spec::Output;
use syn::LitStr;

use crate::spec_file::absolute;

/// Checks that a checkpoint's tensors are the network's by name, shape and element type, and that its
/// padding is; every error points at the argument.
pub(crate) fn check(
    argument: &LitStr,
    compiled: &Compiled,
    outputs: &[Output],
) -> syn::Result<Embedded> {
    let at = |message: String| syn::Error::new(argument.span(), message);
    let path = crate_root().join(argument.value());
    let bytes = std::fs::read(&path).map_err(|error| {
        at(format!(
            "weights `{}` cannot be read: {error}; expected a checkpoint, its path counted from the \
             folder of the crate's Cargo.toml",
            argument.value()
        ))
    })?;
    // From bytes: messages then name the file as the user does.
    let checkpoint =
        Checkpoint::from_bytes(bytes, argument.value()).map_err(|error| at(error.to_string()))?;
    let selection = checkpoint
        .select(&expected(compiled, outputs))
        .map_err(|error| at(error.to_string()))?;
    let flavour = selection.flavour();
    if let Some(wanted) = flavour.padding()
        && wanted != padding(compiled)
    {
        return Err(at(format!(
            "the checkpoint is of {}, whose networks pad `{}`: add `padding = \"{}\"`",
            flavour.library(),
            wanted.name(),
            wanted.name()
        )));
    }
    Ok(Embedded {
        path: absolute(&path),
        name: argument.value(),
    })
}

/// The tensors of the whole network; needed are those of layers that lead to an output.
fn expected(compiled: &Compiled, outputs: &[Output]) -> Vec<Expected> {
    let layers = &compiled.layers;
    let ends: Vec<_> = outputs.iter().filter_map(|&o| layers.output(o)).collect();
    let needed: BTreeSet<_> = layers.needed(&ends);
    let tensors = layers.layers().flat_map(|(id, _)| {
        let needed = needed.contains(&id);
        let tensors = layers.tensors(id).into_iter();
        tensors.map(move |tensor| Expected {
            name: tensor.name,
            shape: tensor.shape,
            needed,
        })
    });
    tensors.collect()
}

fn padding(compiled: &Compiled) -> Padding {
    match compiled.plan.padding {
        efficientnet_spec::Padding::Symmetric => Padding::Symmetric,
        efficientnet_spec::Padding::Same => Padding::Same,
    }
}
