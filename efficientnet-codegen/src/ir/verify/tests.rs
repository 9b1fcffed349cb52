//! One broken graph for each fault, and the words for it.

use efficientnet_spec::{Output, Pads};

use crate::fixture::{Builder, MAP, filter, pointwise};
use crate::ir::{GateMode, KernelGraph, KernelId, Matrix, Op, Operand, Port, Shape, Window};

use Operand::{Data, Gate, Residual};

/// The message of the first fault.
fn fault(graph: &KernelGraph) -> String {
    graph
        .verify()
        .expect_err("the graph is broken on purpose")
        .to_string()
}

/// A graph that begins with its input.
fn with_input() -> (Builder, KernelId) {
    let mut builder = Builder::default();
    let input = builder.node("input", Op::Input, MAP, &[]);
    (builder, input)
}

fn depthwise(window: Window) -> Op {
    Op::Depthwise {
        window,
        filter: filter("dw"),
        activation: None,
        sums: false,
    }
}

const WINDOW: Window = Window {
    kernel: 3,
    stride: 2,
    pads: Pads {
        top: 1,
        bottom: 1,
        left: 1,
        right: 1,
    },
};

#[test]
fn sound_graphs_pass() {
    let (mut b, input) = with_input();
    let product = b.node("product", pointwise("conv"), MAP, &[(Data, input)]);
    b.node("add", Op::Add, MAP, &[(Data, product), (Residual, input)]);
    assert_eq!(b.0.verify(), Ok(()));
}

#[test]
fn empty() {
    assert_eq!(fault(&KernelGraph::default()), "the kernel graph is empty");
}

#[test]
fn cycle() {
    let (mut b, input) = with_input();
    let first = b.node("first", pointwise("first"), MAP, &[(Data, input)]);
    let second = b.node("second", pointwise("second"), MAP, &[(Data, first)]);
    b.0.connect(second, Port::Main, first, Residual);
    assert_eq!(fault(&b.0), "node `first` lies on a cycle");
}

#[test]
fn duplicate_name() {
    let (mut b, input) = with_input();
    let first = b.node("conv", pointwise("first"), MAP, &[(Data, input)]);
    b.node("conv", pointwise("second"), MAP, &[(Data, first)]);
    assert_eq!(fault(&b.0), "two nodes are named `conv`");
}

#[test]
fn dead() {
    let (mut b, input) = with_input();
    b.node("unread", pointwise("unread"), MAP, &[(Data, input)]);
    b.node("last", pointwise("last"), MAP, &[(Data, input)]);
    assert_eq!(fault(&b.0), "the result of node `unread` is never used");
}

/// Before dead-code removal such a node is none.
#[test]
fn dead_nodes_are_allowed_before_their_removal() {
    let (mut b, input) = with_input();
    b.node("unread", pointwise("unread"), MAP, &[(Data, input)]);
    b.node("last", pointwise("last"), MAP, &[(Data, input)]);
    assert_eq!(b.0.verify_nodes(), Ok(()));
}

#[test]
fn no_output() {
    let (mut b, _) = with_input();
    b.0.set_outputs(Vec::new());
    assert_eq!(fault(&b.0), "the kernel graph has no output");
}

#[test]
fn two_outputs_of_one_name() {
    let (mut b, input) = with_input();
    let last = b.node("last", pointwise("last"), MAP, &[(Data, input)]);
    b.output(&[(Output::Stem, last), (Output::Stem, input)]);
    assert_eq!(fault(&b.0), "two outputs are named `stem`");
}

#[test]
fn an_output_whose_node_is_gone() {
    let (mut b, input) = with_input();
    let last = b.node("last", pointwise("last"), MAP, &[(Data, input)]);
    b.0.remove(last);
    assert_eq!(fault(&b.0), "the node of output `logits` is gone");
}

/// Such as a pooled vector that a fusion turns into a port of the map before it.
#[test]
fn an_output_of_another_shape() {
    let (mut b, input) = with_input();
    let mean = b.node("mean", Op::Mean, Shape::vector(8), &[(Data, input)]);
    b.0.replace(mean, input, Port::Sums);
    assert_eq!(
        fault(&b.0),
        "output `logits` was 1x1x8, but node `input` gives 4x4x8"
    );
}

#[test]
fn missing_operand() {
    let (mut b, input) = with_input();
    b.node("multiply", Op::Multiply, MAP, &[(Data, input)]);
    assert_eq!(
        fault(&b.0),
        "node `multiply` (multiply) has operands [Data], expected [Data, Gate]"
    );
}

#[test]
fn missing_gate_of_a_projection() {
    let (mut b, input) = with_input();
    let gated = Op::Pointwise {
        filter: filter("project"),
        activation: None,
        gate: Some(GateMode::Weights),
    };
    b.node("project", gated, MAP, &[(Data, input), (Residual, input)]);
    assert_eq!(
        fault(&b.0),
        "node `project` (pointwise) has operands [Data, Residual], expected [Data, Gate, Residual]"
    );
}

#[test]
fn doubled_operand() {
    let (mut b, input) = with_input();
    let other = b.node("other", pointwise("other"), MAP, &[(Data, input)]);
    b.node(
        "mean",
        Op::Mean,
        Shape::vector(8),
        &[(Data, input), (Data, other)],
    );
    assert_eq!(
        fault(&b.0),
        "node `mean` (mean) has operands [Data, Data], expected [Data]"
    );
}

#[test]
fn unexpected_operand() {
    let (mut b, input) = with_input();
    let operands = [(Data, input), (Residual, input)];
    b.node("mean", Op::Mean, Shape::vector(8), &operands);
    assert_eq!(
        fault(&b.0),
        "node `mean` (mean) has operands [Data, Residual], expected [Data]"
    );
}

#[test]
fn shape_of_a_gate() {
    let (mut b, input) = with_input();
    b.node(
        "multiply",
        Op::Multiply,
        MAP,
        &[(Data, input), (Gate, input)],
    );
    assert_eq!(
        fault(&b.0),
        "edge `input` -> `multiply` (Gate) carries 4x4x8, expected 1x1x8"
    );
}

#[test]
fn shape_of_a_shortcut() {
    let (mut b, input) = with_input();
    let wide = Shape {
        channels: 16,
        ..MAP
    };
    let expand = b.node("expand", pointwise("expand"), wide, &[(Data, input)]);
    b.node("add", Op::Add, wide, &[(Data, expand), (Residual, input)]);
    assert_eq!(
        fault(&b.0),
        "edge `input` -> `add` (Residual) carries 4x4x8, expected 4x4x16"
    );
}

#[test]
fn output_that_the_operands_do_not_give() {
    let (mut b, input) = with_input();
    b.node("dw", depthwise(WINDOW), MAP, &[(Data, input)]);
    assert_eq!(
        fault(&b.0),
        "node `dw` (depthwise) says its output is 4x4x8, but its operands give 2x2x8"
    );
}

#[test]
fn window_larger_than_its_map() {
    let (mut b, input) = with_input();
    let window = Window {
        kernel: 7,
        ..WINDOW
    };
    b.node("dw", depthwise(window), MAP, &[(Data, input)]);
    assert_eq!(
        fault(&b.0),
        "node `dw` (depthwise) says its output is 4x4x8, but its operands give nothing"
    );
}

#[test]
fn sums_that_nobody_makes() {
    let (mut b, input) = with_input();
    let half = Shape {
        height: 2,
        width: 2,
        ..MAP
    };
    let dw = b.node("dw", depthwise(WINDOW), half, &[(Data, input)]);
    let gate = b.node("gate", pointwise("gate"), Shape::vector(8), &[]);
    b.0.connect(dw, Port::Sums, gate, Data);
    assert_eq!(
        fault(&b.0),
        "edge `dw` -> `gate` reads pooled sums that `dw` does not produce"
    );
}

#[test]
fn sums_are_divided_by_their_pixels() {
    let mut b = Builder::default();
    let input = b.node("input", Op::Input, MAP, &[]);
    let window = Window {
        kernel: 1,
        stride: 1,
        pads: Default::default(),
    };
    let depthwise = Op::Depthwise {
        window,
        filter: filter("dw"),
        activation: None,
        sums: true,
    };
    let dw = b.node("dw", depthwise, MAP, &[(Data, input)]);
    let classes = b.node("classes", dense(), Shape::vector(8), &[]);
    b.0.connect(dw, Port::Sums, classes, Data);
    let fault = b.0.verify().expect_err("a dense layer divides by nothing");
    assert_eq!(
        fault.to_string(),
        "edge `dw` -> `classes` carries sums over 16 pixels, which `classes` does not divide by"
    );
}

fn dense() -> Op {
    Op::Dense {
        filter: filter("classifier"),
        activation: None,
        matrix: Matrix::Dense,
    }
}
