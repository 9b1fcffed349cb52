//! `efficientnet compare`: what differs and what does not, held against the layer graphs.

mod common;

use common::efficientnet;
use efficientnet::spec::{
    BUNDLED, LayerGraph, LayerId, LayerOp, Options, Output, Padding, Part, Spec, Top,
};
use serde_json::{Value, json};

const PAIRS: [[&str; 2]; 11] = [
    ["b0", "b1"],
    ["b1", "b2"],
    ["b0", "b7"],
    ["b7", "b0"],
    ["b0", "b0"],
    ["lite0", "lite4"],
    ["b0", "lite0"],
    ["v2_b0", "b0"],
    ["v2_s", "v2_b0"],
    ["mobilenetv3_small_100", "b0"],
    ["mobilenetv3_small_100", "mobilenetv3_large_100"],
];

fn compare([a, b]: [&str; 2]) -> Value {
    efficientnet(&["compare", a, b, "--json"]).json()
}

fn words<'a>(document: &'a Value, key: &str) -> Vec<&'a str> {
    let words = document[key].as_array().expect("an array").iter();
    words.map(|word| word.as_str().expect("text")).collect()
}

fn graph(variant: &str) -> LayerGraph {
    let options = Options {
        padding: Padding::Same,
        ..Options::default()
    };
    let specs = BUNDLED.map(|(name, text)| Spec::parse(text, name).expect("valid"));
    let spec = specs.iter().find(|spec| spec.variant(variant).is_some());
    let architecture = spec.expect("bundled").architecture(variant, &options);
    LayerGraph::build(&architecture.expect("valid"), Top::With).expect("it has a graph")
}

/// Layers with all that they do, and what they read.
fn layers(graph: &LayerGraph) -> Vec<String> {
    let layers = graph.layers();
    layers
        .map(|(id, layer)| {
            let inputs = graph.inputs(id);
            format!("{} {} {} {inputs:?}", layer.name, layer.op, layer.output)
        })
        .collect()
}

/// Whether a part belongs to a stage.
fn is_in(part: Part, stage: Output) -> bool {
    match (part, stage) {
        (Part::Stem, Output::Stem) | (Part::Final, Output::Head) => true,
        (Part::Block { block, .. }, Output::Block(number)) => block == number,
        _ => false,
    }
}

/// What one layer says of an aspect of its stage.
fn of_layer(graph: &LayerGraph, id: LayerId, aspect: &str) -> Option<String> {
    let layer = graph.layer(id);
    let is_gate = layer.name.contains("_se_");
    let index = match layer.place.part {
        Part::Block { index, .. } => Some(index),
        _ => None,
    };
    match (aspect, &layer.op) {
        ("repeats", _) => index.map(|index| index.to_string()),
        ("kernel", LayerOp::Convolution(conv)) if conv.kernel > 1 => Some(conv.kernel.to_string()),
        ("kernel", LayerOp::Depthwise(conv)) => Some(conv.kernel.to_string()),
        ("stride", LayerOp::Convolution(conv)) if !is_gate => Some(conv.stride.to_string()),
        ("stride", LayerOp::Depthwise(conv)) => Some(conv.stride.to_string()),
        ("kind", LayerOp::Depthwise(_)) => Some("depthwise".to_owned()),
        ("kind", LayerOp::Convolution(conv)) if index.is_some() && conv.kernel > 1 => {
            Some("dense".to_owned())
        }
        ("expansion", LayerOp::Convolution(conv)) if layer.name.ends_with("_expand_conv") => {
            let input = graph.input_shapes(id)[0].channels();
            Some(format!("{:.1}", conv.filters as f64 / input as f64))
        }
        ("squeeze", LayerOp::Multiply) => Some("gated".to_owned()),
        ("activation", LayerOp::Activation(activation)) => Some(activation.to_string()),
        // Stride and channels are kept behind the first sub-block.
        ("shortcut", LayerOp::Add) => index.filter(|&index| index > 0).map(|_| "added".to_owned()),
        _ => None,
    }
}

/// What a graph has of an aspect in one stage, read from its layers alone.
fn of_stage(graph: &LayerGraph, aspect: &str, stage: Output) -> Vec<String> {
    let layers = graph.layers();
    let layers = layers.filter(|(_, layer)| is_in(layer.place.part, stage));
    let mut found: Vec<String> = layers
        .filter_map(|(id, _)| of_layer(graph, id, aspect))
        .collect();
    if aspect == "channels" {
        let id = graph.output(stage).or(graph.output(Output::Features));
        let layer = graph.layer(id.expect("a stage"));
        found.push(layer.output.channels().to_string());
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// What a whole graph has of an aspect.
fn of_whole(graph: &LayerGraph, aspect: &str) -> String {
    let (_, input) = graph.layers().next().expect("an input");
    match aspect {
        "blocks" => blocks(graph).to_string(),
        "resolution" => format!("{:?}", input.output.size()),
        "input channels" => input.output.channels().to_string(),
        "place of the head" => graph.output(Output::Head).is_some().to_string(),
        "classes" => {
            let logits = graph.output(Output::Logits).expect("a classifier");
            graph.layer(logits).output.channels().to_string()
        }
        other => panic!("nothing is known of `{other}`"),
    }
}

/// Whether the layers of both, stage by stage, have the same of an aspect.
fn is_same(graphs: &[LayerGraph; 2], aspect: &str) -> bool {
    let shared = graphs.each_ref().map(blocks).into_iter().min().unwrap_or(0);
    let stages = (1..=shared).map(Output::Block);
    let mut stages = [Output::Stem]
        .into_iter()
        .chain(stages)
        .chain([Output::Head]);
    let differ = |stage| {
        let [a, b] = graphs
            .each_ref()
            .map(|graph| of_stage(graph, aspect, stage));
        // A single sub-block need not show whether shortcuts are allowed.
        a != b && !(aspect == "shortcut" && (a.is_empty() || b.is_empty()))
    };
    match aspect {
        "kind" | "expansion" | "kernel" | "stride" | "channels" | "repeats" | "squeeze"
        | "activation" | "shortcut" => !stages.any(differ),
        whole => of_whole(&graphs[0], whole) == of_whole(&graphs[1], whole),
    }
}

fn blocks(graph: &LayerGraph) -> usize {
    (1..)
        .take_while(|&number| graph.output(Output::Block(number)).is_some())
        .count()
}

/// Statements about equal things are true of the layers, stage by stage, and what is said to differ does
/// where the layers show it.
#[test]
fn what_is_said_is_true_of_the_layers() {
    for pair in PAIRS {
        let document = compare(pair);
        let graphs = pair.map(graph);
        for aspect in words(&document, "equal") {
            assert!(is_same(&graphs, aspect), "{pair:?}: {aspect}");
        }
        for aspect in words(&document, "different") {
            // Layers show no more of the others than that they are there.
            if !["kind", "expansion", "stride", "squeeze", "shortcut"].contains(&aspect) {
                assert!(!is_same(&graphs, aspect), "{pair:?}: {aspect}");
            }
        }
        let nothing = words(&document, "different").is_empty();
        let nothing = nothing && words(&document, "different_while_training").is_empty();
        assert_eq!(
            nothing,
            layers(&graphs[0]) == layers(&graphs[1]),
            "{pair:?}"
        );
        let [a, b] = graphs.map(|graph| graph.total_macs() as f64);
        let ratio = document["ratios"]["macs"].as_f64().expect("a number");
        assert!((ratio / (b / a) - 1.0).abs() < 1e-12, "{pair:?}: {ratio}");
    }
}

/// The article says that B2 is B1 with other channels; so it is, and of another resolution. From B0 to B1
/// it is the repeats.
#[test]
fn the_article_s_pairs_differ_in_what_it_says() {
    let different = |pair| compare(pair)["different"].clone();
    assert_eq!(different(["b1", "b2"]), json!(["channels", "resolution"]));
    assert_eq!(different(["b0", "b1"]), json!(["repeats", "resolution"]));
    assert_eq!(
        different(["b0", "b7"]),
        json!(["channels", "repeats", "resolution"])
    );
    assert_eq!(
        different(["lite0", "lite4"]),
        json!(["channels", "repeats", "resolution"])
    );
    assert_eq!(different(["b0", "lite0"]), json!(["squeeze", "activation"]));
    assert_eq!(different(["b0", "b0"]), json!([]));

    let text = efficientnet(&["compare", "b1", "b2"]).success();
    let first = "Channels and resolution alone differ in what inference computes.";
    assert!(text.contains(first), "{text}");
    assert!(
        text.contains("3 x MBConv6 5x5/2, 40   3 x MBConv6 5x5/2, 48   channels"),
        "{text}"
    );
    assert!(
        text.contains("While training alone: dropout 0.2 and 0.3."),
        "{text}"
    );
}

#[test]
fn sub_blocks_multiply_channels_widen_and_kernels_stay() {
    let document = compare(["b0", "b7"]);
    let statements = words(&document, "statements");
    for statement in [
        "Sub-blocks multiply: 16 in b0, 55 in b7.",
        "Channels widen in 9 of 9 stages, 2.00 times.",
        "Kernels stay as they are in all 9 stages.",
    ] {
        assert!(statements.contains(&statement), "{statements:?}");
    }
    let back = compare(["b7", "b0"]);
    let statements = words(&back, "statements");
    assert!(
        statements.contains(&"Sub-blocks become fewer: 55 in b7, 16 in b0."),
        "{statements:?}"
    );
    assert!(
        statements.contains(&"Channels narrow in 9 of 9 stages, 0.50 times."),
        "{statements:?}"
    );
}

#[test]
fn equal_variants_have_one_statement() {
    let document = compare(["b0", "b0"]);
    let statement = "b0 and b0 do not differ: the same 240 layers, one by one.";
    assert_eq!(words(&document, "statements"), [statement]);
    assert_eq!(document["ratios"]["workspace_bytes"], 1.0);
    let text = efficientnet(&["compare", "b0", "b0"]).success();
    assert_eq!(text.lines().last(), Some(statement));
}

#[test]
fn families_differ_in_kinds_and_number_of_blocks() {
    let document = compare(["v2_b0", "b0"]);
    let statements = words(&document, "statements");
    assert!(
        statements.contains(&"v2_b0 has 6 blocks, b0 7."),
        "{statements:?}"
    );
    let kinds = statements
        .iter()
        .find(|statement| statement.starts_with("Kinds"));
    let kinds = kinds.expect("kinds differ");
    assert!(kinds.contains("block1 Convolution and MBConv"), "{kinds}");
    assert!(kinds.contains("block2 Fused-MBConv and MBConv"), "{kinds}");
    let stages = document["stages"].as_array().expect("an array");
    let seventh = stages
        .iter()
        .find(|stage| stage["name"] == "block7")
        .expect("of b0");
    assert_eq!(seventh["a"], Value::Null);
    assert_eq!(seventh["b"]["channels"], 320);
    let text = efficientnet(&["compare", "v2_b0", "b0"]).success();
    assert!(text.contains("only in b0"), "{text}");
}

#[test]
fn specs_are_named_for_both_or_for_the_second() {
    let both = efficientnet(&["compare", "lite0", "lite1", "--spec", "lite", "--json"]).json();
    assert_eq!(both["b"]["family"], "lite");
    let arguments = [
        "compare",
        "lite0",
        "b0",
        "--spec",
        "lite",
        "--spec-b",
        "efficientnet",
        "--json",
    ];
    let second = efficientnet(&arguments).json();
    assert_eq!(
        (&second["a"]["family"], &second["b"]["family"]),
        (&json!("lite"), &json!("efficientnet"))
    );
    efficientnet(&["compare", "lite0", "b0", "--spec", "lite"]).complains(2, &["b0", "lite0"]);
    efficientnet(&["compare", "b0", "nothing"]).complains(2, &["nothing"]);
}

#[test]
fn text_fits_on_a_terminal() {
    for [a, b] in [
        ["b0", "b7"],
        ["lite0", "b0"],
        ["v2_b0", "b0"],
        ["v2_s", "v2_b0"],
    ] {
        let text = efficientnet(&["compare", a, b]).success();
        let long = text.lines().find(|line| line.chars().count() > 80);
        assert_eq!(long, None, "{a} {b}");
    }
}
