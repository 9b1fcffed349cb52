//! What several tests need.
// Every test file is a crate of its own that uses its share of this.
#![allow(dead_code, unreachable_pub)]

pub mod faulty;

use efficientnet_spec::{Architecture, LayerGraph, Options, Padding, Spec, Top, bundled};

/// A bundled spec.
pub fn spec(family: &str) -> Spec {
    Spec::parse(bundled(family).unwrap(), family).unwrap()
}

/// A variant of a bundled spec.
pub fn architecture(family: &str, variant: &str, padding: Padding) -> Architecture {
    let options = Options {
        padding,
        ..Options::default()
    };
    spec(family).architecture(variant, &options).unwrap()
}

/// The layers of a variant of a bundled spec.
pub fn graph(family: &str, variant: &str, padding: Padding, top: Top) -> LayerGraph {
    LayerGraph::build(&architecture(family, variant, padding), top).unwrap()
}

/// The rows of a table below its header, each split at its tabs.
pub fn rows(table: &str) -> Vec<Vec<&str>> {
    table
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect())
        .collect()
}
