//! Graphs that no plan computes.

use efficientnet_spec::{LayerGraph, Top};

use super::schedule;
use crate::fixture::{self, Builder, MAP, pointwise};
use crate::ir::{Op, Operand};

/// The message for a graph.
fn error(builder: &Builder) -> String {
    let architecture = fixture::architecture();
    let layers = LayerGraph::build(&architecture, Top::With).expect("the fixture is valid");
    schedule(&architecture, &layers, &builder.0)
        .expect_err("the graph has no plan")
        .to_string()
}

#[test]
fn a_node_that_no_kernel_computes() {
    let mut b = Builder::default();
    let input = b.node("input", Op::Input, MAP, &[]);
    let norm = Op::BatchNorm {
        tensor: "bn".to_owned(),
    };
    b.node("norm", norm, MAP, &[(Operand::Data, input)]);
    assert_eq!(
        error(&b),
        "no kernel computes node `norm` (batch_norm) by itself, and no pass could fuse it"
    );
}

#[test]
fn the_input_is_read_by_convolutions_only() {
    let mut b = Builder::default();
    let input = b.node("input", Op::Input, MAP, &[]);
    b.node("product", pointwise("w"), MAP, &[(Operand::Data, input)]);
    assert_eq!(
        error(&b),
        "node `product` reads the network's input, which only a convolution can"
    );
}

#[test]
fn an_empty_graph() {
    assert_eq!(error(&Builder::default()), "the kernel graph is empty");
}
