//! Graph in, graph out: one snapshot a pass, and the cases in which a pass must not fire.

use efficientnet_spec::{Activation, LayerGraph, Output, Pads, Top};

use super::{GRAPH_PASSES, PLAN_PASSES};
use crate::fixture::{self, Builder, MAP, filter, pointwise};
use crate::ir::{Identity, KernelId, Op, Operand, Shape, Window, select};
use crate::plan::{Precision, schedule};

fn layers() -> LayerGraph {
    LayerGraph::build(&fixture::architecture(), Top::With).expect("the fixture is valid")
}

/// The graph before and after one pass, all earlier passes having run.
fn before_and_after(name: &str) -> String {
    // Everything is needed for the logits.
    let output = match name {
        "dead-code" => Output::Block(1),
        _ => Output::Logits,
    };
    let mut graph = select(&layers(), &[output]);
    for pass in &GRAPH_PASSES {
        let before = graph.to_string();
        (pass.run)(&mut graph);
        graph.verify().expect("every pass leaves a valid graph");
        if pass.name == name {
            return format!("{before}\n=== {name} ===>\n\n{graph}");
        }
    }
    panic!("no pass is called {name}");
}

#[test]
fn every_graph_pass_in_text() {
    for pass in &GRAPH_PASSES {
        insta::assert_snapshot!(pass.name, before_and_after(pass.name));
    }
}

#[test]
fn every_plan_pass_in_text() {
    let scheduled = |outputs: &[Output]| {
        let mut graph = select(&layers(), outputs);
        GRAPH_PASSES.iter().for_each(|pass| (pass.run)(&mut graph));
        schedule(&fixture::architecture(), &layers(), &graph).expect("plannable")
    };
    let mut plan = scheduled(&[Output::Logits]);
    for pass in &PLAN_PASSES {
        if pass.name == "precision" {
            // It leaves a plan of f32 as it is.
            (pass.run)(&mut plan);
            assert_eq!(plan, scheduled(&[Output::Logits]));
            let mut narrow = scheduled(&[Output::Block(1), Output::Logits]);
            narrow.precision = Precision::Bf16;
            let before = narrow.to_string();
            (pass.run)(&mut narrow);
            let texts = format!("{before}\n=== {} ===>\n\n{narrow}", pass.name);
            insta::assert_snapshot!(pass.name, texts);
            continue;
        }
        let before = plan.to_string();
        (pass.run)(&mut plan);
        insta::assert_snapshot!(
            pass.name,
            format!("{before}\n=== {} ===>\n\n{plan}", pass.name)
        );
    }
    plan.verify().expect("the finished plan is valid");
}

/// The graph after one pass.
fn run(Builder(mut graph): Builder, name: &str) -> String {
    let pass = GRAPH_PASSES
        .iter()
        .find(|pass| pass.name == name)
        .expect("a pass");
    graph.verify().expect("the test's graph is valid");
    (pass.run)(&mut graph);
    graph.verify().expect("the pass leaves a valid graph");
    graph.to_string()
}

#[test]
fn clean_up_keeps_zeros_that_two_layers_read() {
    let mut b = Builder::default();
    let input = b.node("input", Op::Input, MAP, &[]);
    let pads = Pads {
        top: 1,
        bottom: 1,
        left: 1,
        right: 1,
    };
    let padded = Shape {
        height: 6,
        width: 6,
        channels: 8,
    };
    let pad = b.node("pad", Op::Pad(pads), padded, &[(Operand::Data, input)]);
    let window = Window {
        kernel: 3,
        stride: 1,
        pads: Pads::default(),
    };
    let depthwise = Op::Depthwise {
        window,
        filter: filter("dw"),
        activation: None,
        sums: false,
    };
    let dw = b.node("dw", depthwise, MAP, &[(Operand::Data, pad)]);
    let mean = b.node("mean", Op::Mean, Shape::vector(8), &[(Operand::Data, pad)]);
    let same = Op::Identity(Identity::Reshape);
    let gate = b.node("reshape", same, Shape::vector(8), &[(Operand::Data, mean)]);
    b.node(
        "multiply",
        Op::Multiply,
        MAP,
        &[(Operand::Data, dw), (Operand::Gate, gate)],
    );
    insta::assert_snapshot!(run(b, "clean-up"), @r"
    # Final layers
    input = input() : 4x4x8
    pad = pad(input) pad 1,1,1,1 : 6x6x8
    dw = depthwise(pad) 3x3/1 pad 0,0,0,0 dw : 4x4x8
    mean = mean(pad) : 1x1x8
    multiply = multiply(dw, gate mean) : 4x4x8 -> logits
    ");
}

#[test]
fn batch_norm_stays_behind_a_product_that_others_read() {
    let mut b = Builder::default();
    let input = b.node("input", Op::Input, MAP, &[]);
    let product = b.node("product", pointwise("conv"), MAP, &[(Operand::Data, input)]);
    let norm = Op::BatchNorm {
        tensor: "bn".to_owned(),
    };
    let norm = b.node("norm", norm, MAP, &[(Operand::Data, product)]);
    b.node(
        "add",
        Op::Add,
        MAP,
        &[(Operand::Data, norm), (Operand::Residual, product)],
    );
    insta::assert_snapshot!(run(b, "batch-norm"), @r"
    # Final layers
    input = input() : 4x4x8
    product = pointwise(input) conv : 4x4x8
    norm = batch_norm(product) bn : 4x4x8
    add = add(norm, residual product) : 4x4x8 -> logits
    ");
}

#[test]
fn an_activation_behind_an_add_is_not_fused() {
    let mut b = Builder::default();
    let input = b.node("input", Op::Input, MAP, &[]);
    let product = b.node("product", pointwise("conv"), MAP, &[(Operand::Data, input)]);
    let add = b.node(
        "add",
        Op::Add,
        MAP,
        &[(Operand::Data, product), (Operand::Residual, input)],
    );
    b.node(
        "relu",
        Op::Activation(Activation::Relu),
        MAP,
        &[(Operand::Data, add)],
    );
    insta::assert_snapshot!(run(b, "epilogue"), @r"
    # Final layers
    input = input() : 4x4x8
    product = pointwise(input, residual input) conv : 4x4x8
    relu = activation(product) relu : 4x4x8 -> logits
    ");
}

#[test]
fn a_gate_stays_before_anything_but_a_linear_projection() {
    let mut b = Builder::default();
    let input = b.node("input", Op::Input, MAP, &[]);
    let mean = b.node(
        "mean",
        Op::Mean,
        Shape::vector(8),
        &[(Operand::Data, input)],
    );
    let gated = b.node(
        "multiply",
        Op::Multiply,
        MAP,
        &[(Operand::Data, input), (Operand::Gate, mean)],
    );
    let mut product = pointwise("conv");
    *product.activation_mut().expect("products have one") = Some(Activation::Relu);
    b.node("product", product, MAP, &[(Operand::Data, gated)]);
    insta::assert_snapshot!(run(b, "gate"), @r"
    # Final layers
    input = input() : 4x4x8
    mean = mean(input) : 1x1x8
    multiply = multiply(input, gate mean) : 4x4x8
    product = pointwise(multiply) conv relu : 4x4x8 -> logits
    ");
}

/// `input -> expand -> depthwise -> mean -> project -> pool`, all on small maps.
fn chain(window: Window) -> (Builder, [KernelId; 3]) {
    let mut b = Builder::default();
    let input = b.node("input", Op::Input, MAP, &[]);
    let wide = Shape {
        channels: 48,
        ..MAP
    };
    let expand = [(Operand::Data, input)];
    let expand = b.node("expand", pointwise("expand"), wide, &expand);
    let depthwise = Op::Depthwise {
        window,
        filter: filter("dw"),
        activation: Some(Activation::Relu),
        sums: false,
    };
    let dw = b.node("dw", depthwise, wide, &[(Operand::Data, expand)]);
    let project = b.node("project", pointwise("project"), MAP, &[(Operand::Data, dw)]);
    (b, [expand, dw, project])
}

/// A window that keeps a map's size.
const SAME: Window = Window {
    kernel: 3,
    stride: 1,
    pads: Pads {
        top: 1,
        bottom: 1,
        left: 1,
        right: 1,
    },
};

#[test]
fn depth_first_says_why_not() {
    let (b, _) = chain(SAME);
    insta::assert_snapshot!(run(b, "depth-first"), @r"
    # Final layers
    input = input() : 4x4x8
    dw = expand_depthwise(input) expand | 3x3/1 pad 1,1,1,1 dw relu : 4x4x48
    project = pointwise(dw) project : 4x4x8 -> logits
    ");

    let (mut b, [expand, _, project]) = chain(SAME);
    b.output(&[(Output::Stem, expand), (Output::Logits, project)]);
    insta::assert_snapshot!(run(b, "depth-first"), @r"
    # Final layers
    input = input() : 4x4x8
    expand = pointwise(input) expand : 4x4x48 -> stem
    dw = depthwise(expand) 3x3/1 pad 1,1,1,1 dw relu : 4x4x48  # not depth-first: the map before it is output `stem`
    project = pointwise(dw) project : 4x4x8 -> logits
    ");

    let (mut b, [expand, dw, _]) = chain(SAME);
    let wide = b.0.node(dw).output;
    b.node(
        "add",
        Op::Add,
        wide,
        &[(Operand::Data, dw), (Operand::Residual, expand)],
    );
    let project = b.0.ids()[3];
    b.0.remove(project);
    insta::assert_snapshot!(run(b, "depth-first"), @r"
    # Final layers
    input = input() : 4x4x8
    expand = pointwise(input) expand : 4x4x48
    dw = depthwise(expand) 3x3/1 pad 1,1,1,1 dw relu : 4x4x48  # not depth-first: 2 kernels read the map before it
    add = add(dw, residual expand) : 4x4x48 -> logits
    ");

    // One row of windows over 3001 columns of 48 channels.
    let (mut b, nodes) = chain(SAME);
    for id in b.0.ids() {
        b.0.node_mut(id).output.width = 3001;
    }
    b.output(&[(Output::Logits, nodes[2])]);
    insta::assert_snapshot!(run(b, "depth-first"), @r"
    # Final layers
    input = input() : 4x3001x8
    expand = pointwise(input) expand : 4x3001x48
    dw = depthwise(expand) 3x3/1 pad 1,1,1,1 dw relu : 4x3001x48  # not depth-first: a row takes 1975 KiB of cache, a strip has 512
    project = pointwise(dw) project : 4x3001x8 -> logits
    ");
}

/// A product without expansion has nothing to say.
#[test]
fn a_depthwise_of_a_projection_stays() {
    let mut b = Builder::default();
    let input = b.node("input", Op::Input, MAP, &[]);
    let residual = [(Operand::Data, input), (Operand::Residual, input)];
    let project = b.node("project", pointwise("project"), MAP, &residual);
    let depthwise = Op::Depthwise {
        window: SAME,
        filter: filter("dw"),
        activation: None,
        sums: false,
    };
    b.node("dw", depthwise, MAP, &[(Operand::Data, project)]);
    insta::assert_snapshot!(run(b, "depth-first"), @r"
    # Final layers
    input = input() : 4x4x8
    project = pointwise(input, residual input) project : 4x4x8
    dw = depthwise(project) 3x3/1 pad 1,1,1,1 dw : 4x4x8 -> logits
    ");
}

#[test]
fn a_map_that_is_an_output_is_not_pooled_away() {
    let mut b = Builder::default();
    let input = b.node("input", Op::Input, MAP, &[]);
    let head = b.node("head", pointwise("conv"), MAP, &[(Operand::Data, input)]);
    let mean = b.node("mean", Op::Mean, Shape::vector(8), &[(Operand::Data, head)]);
    let map = Builder(b.0.clone());
    insta::assert_snapshot!(run(map, "pooling"), @r"
    # Final layers
    input = input() : 4x4x8
    mean = pooled_pointwise(input) conv : 1x1x8 -> logits
    ");
    b.output(&[(Output::Features, mean), (Output::Head, head)]);
    insta::assert_snapshot!(run(b, "pooling"), @r"
    # Final layers
    input = input() : 4x4x8
    head = pointwise(input) conv : 4x4x8 -> head
    mean = mean(head) : 1x1x8 -> features
    ");
}

/// A map that the caller gets has to be there: nothing behind it is fused into the kernel before it.
#[test]
fn outputs_are_consumers_like_any_other() {
    let mut b = Builder::default();
    let input = b.node("input", Op::Input, MAP, &[]);
    let product = b.node("product", pointwise("conv"), MAP, &[(Operand::Data, input)]);
    let norm = Op::BatchNorm {
        tensor: "bn".to_owned(),
    };
    let norm = b.node("norm", norm, MAP, &[(Operand::Data, product)]);
    let relu = Op::Activation(Activation::Relu);
    let relu = b.node("relu", relu, MAP, &[(Operand::Data, norm)]);
    let second = b.node("second", pointwise("next"), MAP, &[(Operand::Data, relu)]);
    let add = [(Operand::Data, second), (Operand::Residual, relu)];
    let add = b.node("add", Op::Add, MAP, &add);

    let fused = |ends: &[(Output, KernelId)]| {
        let mut builder = Builder(b.0.clone());
        builder.output(ends);
        for pass in &GRAPH_PASSES {
            (pass.run)(&mut builder.0);
            builder.0.verify().expect("the pass leaves a valid graph");
        }
        builder.0.to_string()
    };
    let end = (Output::Logits, add);
    insta::assert_snapshot!(fused(&[end]), @r"
    # Final layers
    input = input() : 4x4x8
    product = pointwise(input) conv*bn relu : 4x4x8
    second = pointwise(product, residual product) next : 4x4x8 -> logits
    ");
    insta::assert_snapshot!(fused(&[end, (Output::Stem, product)]), @r"
    # Final layers
    input = input() : 4x4x8
    product = pointwise(input) conv : 4x4x8 -> stem
    norm = batch_norm(product) bn : 4x4x8
    relu = activation(norm) relu : 4x4x8
    second = pointwise(relu, residual relu) next : 4x4x8 -> logits
    ");
    insta::assert_snapshot!(fused(&[end, (Output::Stem, norm)]), @r"
    # Final layers
    input = input() : 4x4x8
    product = pointwise(input) conv*bn : 4x4x8 -> stem
    relu = activation(product) relu : 4x4x8
    second = pointwise(relu, residual relu) next : 4x4x8 -> logits
    ");
    insta::assert_snapshot!(fused(&[end, (Output::Stem, relu)]), @r"
    # Final layers
    input = input() : 4x4x8
    product = pointwise(input) conv*bn relu : 4x4x8 -> stem
    second = pointwise(product, residual product) next : 4x4x8 -> logits
    ");
    insta::assert_snapshot!(fused(&[end, (Output::Stem, second)]), @r"
    # Final layers
    input = input() : 4x4x8
    product = pointwise(input) conv*bn relu : 4x4x8
    second = pointwise(product) next : 4x4x8 -> stem
    add = add(second, residual product) : 4x4x8 -> logits
    ");
}
