//! Every level of a network: its own text, its own verifier, and what must be equal between levels.

use efficientnet::codegen::plan::Precision;
use std::collections::HashSet;

use efficientnet::codegen::lower::{Target, lower};
use efficientnet::codegen::plan::{Call, Plan};
use efficientnet::codegen::{self, Compiled};
use efficientnet::spec::{Architecture, LayerGraph, Options, Output, Spec, Top};

use super::case::Case;
use super::names;

/// Widest line of generated Rust: a call with two kernels' shapes and activations, its operands and their
/// addresses is one line.
const WIDEST: usize = 180;

/// Checks a case from its text to generated Rust.
///
/// # Panics
/// At the first thing that does not hold.
pub(crate) fn check(case: &Case) {
    let spec = spec(&case.yaml);
    for variant in spec.variants.iter() {
        let architecture = spec.scale(variant, &Options::default());
        layers(&architecture.expect("a small variant is within all bounds"));
    }
    let architecture = case.architecture(&spec);
    let whole = layers(&architecture);
    let outputs = case.outputs(&architecture);
    let compiled = compiled(&architecture, &outputs);
    counts(&compiled, &whole, &outputs);
    let text = rust(&compiled.plan);
    let again =
        codegen::compile(&architecture, &outputs, Precision::F32).expect("it compiled before");
    assert_eq!(
        text,
        rust(&again.plan),
        "the text is a function of the plan"
    );
}

/// Reads a spec, which its canonical text gives back.
fn spec(yaml: &str) -> Spec {
    let spec = Spec::parse(yaml, "random.yaml").expect("random specs are valid");
    let canonical = spec.to_string();
    let again = Spec::parse(&canonical, "canonical.yaml").expect("canonical text is valid");
    assert_eq!(again, spec, "what canonical text says:\n{canonical}");
    assert_eq!(again.to_string(), canonical);
    spec.verify().expect("a spec that can be read is sound");
    spec
}

/// The layers with top; without top they are sound as well.
fn layers(architecture: &Architecture) -> LayerGraph {
    architecture.verify().expect("scaling verifies");
    assert!(!architecture.to_string().is_empty());
    let [without, with] = [Top::Without, Top::With].map(|top| {
        let layers = LayerGraph::build(architecture, top).expect("it can be built");
        layers.verify().expect("a graph as built is sound");
        assert!(!layers.to_string().is_empty());
        layers
    });
    assert!(without.len() < with.len());
    with
}

/// Compiles, which verifies after every pass.
pub(crate) fn compiled(architecture: &Architecture, outputs: &[Output]) -> Compiled {
    let compiled = codegen::compile(architecture, outputs, Precision::F32);
    let compiled = compiled.unwrap_or_else(|error| panic!("{error}"));
    compiled.plan.verify().expect("a compiled plan is sound");
    compiled
}

/// What is counted in layers and what is counted in calls.
fn counts(compiled: &Compiled, whole: &LayerGraph, outputs: &[Output]) {
    let Compiled { kernels, plan, .. } = compiled;
    assert!(!kernels.to_string().is_empty() && !plan.to_string().is_empty());
    let names: Vec<_> = plan.outputs.iter().map(|output| output.name).collect();
    assert_eq!(names, outputs);
    let macs: u64 = plan.calls.iter().map(Call::macs).sum();
    assert_eq!(macs, plan.macs, "multiply-accumulates of calls and layers");
    if outputs.contains(&Output::Logits) {
        assert_eq!(macs, whole.total_macs());
        assert_eq!(plan.parameters, whole.total_trainable_parameters());
        assert!(plan.unused.is_empty());
    }
}

/// The generated text: Rust, each function once, no line too wide.
fn rust(plan: &Plan) -> String {
    let target = Target::public("Random").expect("an identifier");
    let source = lower(plan, &target);
    syn::parse2::<syn::File>(source.tokens()).expect("the macro's form is Rust");
    let text = source.text().expect("it can be formatted");
    let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{error} in\n{text}"));
    let mut names = HashSet::new();
    for item in &file.items {
        if let syn::Item::Fn(function) = item {
            assert!(names.insert(&function.sig.ident), "twice in\n{text}");
        }
    }
    names::check(&file, plan);
    for line in text.lines() {
        assert!(line.len() <= WIDEST, "{} columns: {line}", line.len());
    }
    text
}
