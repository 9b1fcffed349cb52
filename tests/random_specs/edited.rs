//! Bundled specs with random edits: what can still be read goes through the whole compiler.

use efficientnet::codegen;
use efficientnet::codegen::lower::{Target, lower};
use efficientnet::codegen::plan::Precision;
use efficientnet::spec::{LayerGraph, Options, Output, Spec, Top};

/// Layers of the largest network that is compiled: time grows with them, not with the size of maps.
const MOST_LAYERS: usize = 1000;

/// Compiles the first variant of a text to Rust, if it is a spec that has one of few enough layers; says
/// whether it was.
///
/// # Panics
/// If something that can be scaled cannot be compiled.
pub(crate) fn check(text: &str) -> bool {
    let Ok(spec) = Spec::parse(text, "edited.yaml") else {
        return false;
    };
    let architecture = spec.scale(&spec.variants[0], &Options::default());
    let architecture = architecture.expect("parsing scales every variant");
    let layers = LayerGraph::build(&architecture, Top::With).expect("it can be built");
    if layers.len() > MOST_LAYERS {
        return false;
    }
    let compiled = codegen::compile(&architecture, &[Output::Logits], Precision::F32);
    let plan = compiled.unwrap_or_else(|error| panic!("{error}")).plan;
    let target = Target::public("Edited").expect("an identifier");
    lower(&plan, &target).text().expect("it is Rust");
    true
}
