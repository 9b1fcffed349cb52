//! `efficientnet explain`: why every number is what it is, held against the layer graph and the paper.

mod common;

use common::{Files, efficientnet};
use efficientnet::spec::{BUNDLED, LayerGraph, LayerOp, Options, Output, Padding, Part, Spec, Top};
use serde_json::{Value, json};

fn text(arguments: &[&str]) -> String {
    efficientnet(&[&["explain"], arguments].concat()).success()
}

fn json(arguments: &[&str]) -> Value {
    efficientnet(&[&["explain", "--json"], arguments].concat()).json()
}

fn items<'a>(document: &'a Value, key: &str) -> &'a Vec<Value> {
    document[key].as_array().expect("an array")
}

fn graph(spec: &Spec, variant: &str) -> LayerGraph {
    let options = Options {
        padding: Padding::Same,
        ..Options::default()
    };
    let architecture = spec.architecture(variant, &options).expect("a variant");
    LayerGraph::build(&architecture, Top::With).expect("it has a graph")
}

/// Block 3 of the paper's table 1: 40 channels and 2 repeats, in B2 48 and 3.
#[test]
fn block_3_is_explained_in_words_and_numbers() {
    let b0 = json(&["b0"]);
    let block = &items(&b0, "stages")[3];
    assert_eq!(
        (&block["name"], &block["channels"]["rounded"]),
        (&json!("block3"), &json!(40))
    );
    let b2 = json(&["b2"]);
    let block = &items(&b2, "stages")[3];
    let channels = json!({
        "baseline": 40, "scaled": 44.0, "nearest": 48, "rounded": 48, "reason": "halfway: up",
    });
    assert_eq!(block["channels"], channels);
    let repeats = json!({ "baseline": 2, "scaled": 2.4, "rounded": 3, "reason": "up" });
    assert_eq!(block["repeats"], repeats);

    let text = text(&["b2"]);
    assert!(
        text.contains("4 block 3        40      44        48  halfway: up"),
        "{text}"
    );
    assert!(
        text.contains("block 3         2     2.4        3  up"),
        "{text}"
    );
    assert!(
        text.contains("3b-c  MBConv  5x5/1   48 * 6 = 288"),
        "{text}"
    );
}

/// Stem 32 * 1.2 = 38.4 rounds up; 16 * 1.2 = 19.2 would round to 16, below 90 % of it.
#[test]
fn the_floor_is_shown_where_it_acts() {
    let b3 = json(&["b3"]);
    let channels = &items(&b3, "stages")[1]["channels"];
    assert_eq!(
        (&channels["nearest"], &channels["rounded"]),
        (&json!(16), &json!(24))
    );
    let reason = "16 is less than 90 %: one multiple more";
    assert_eq!(channels["reason"], reason);
    assert!(text(&["b3"]).contains(reason));
    // V2's reference has no floor.
    let v2 = json(&["v2_b3"]);
    assert_eq!(items(&v2, "stages")[1]["channels"]["rounded"], 16);
}

#[test]
fn what_lite_does_not_scale_is_said() {
    let text = text(&["lite4"]);
    assert_eq!(
        text.matches("not scaled (scale_width: false)").count(),
        2,
        "{text}"
    );
    assert_eq!(
        text.matches("not scaled (scale_depth: false)").count(),
        2,
        "{text}"
    );
    let document = json(&["lite4"]);
    let (stem, block) = (
        &items(&document, "stages")[0],
        &items(&document, "stages")[1],
    );
    assert_eq!(stem["channels"]["scaled"], Value::Null);
    assert_eq!(block["repeats"]["scaled"], Value::Null);
}

/// MobileNetV3-Large, block 2: 72 expanded channels, of which a quarter is 18, and 16 less than 90 %.
#[test]
fn squeezes_to_multiples_and_fractional_ratios_are_shown() {
    let text = text(&["mobilenetv3_small_100"]);
    assert!(text.contains("24 * 3.67 = 88.08 -> 88"), "{text}");
    assert!(text.contains("240 * 0.25 = 60 -> 64"), "{text}");
    assert!(
        text.contains("MobileNetV3's last before the pooling"),
        "{text}"
    );
    assert!(text.contains("There is no stochastic depth."), "{text}");
    let large = self::text(&["mobilenetv3_large_100"]);
    assert!(large.contains("72 * 0.25 = 18 -> 24"), "{large}");
    assert!(
        large.contains("18 becomes 24, because 16 is less than 90 % of it."),
        "{large}"
    );
}

/// The kinds of block that a variant has are explained by their papers' names, others are not.
#[test]
fn kinds_of_block_have_the_papers_names() {
    for (variant, kinds) in [("b0", [true, false, false]), ("v2_s", [true, true, true])] {
        let text = text(&[variant]);
        let starts = ["MBConv is", "Fused-MBConv (Gupta", "Convolution is"];
        let found = starts.map(|start| text.lines().any(|line| line.starts_with(start)));
        assert_eq!(found, kinds, "{variant}");
    }
}

/// Every number of every bundled variant against the layers that are built.
#[test]
fn all_numbers_are_those_of_the_layers() {
    for (name, source) in BUNDLED {
        let spec = Spec::parse(source, name).expect("bundled specs are valid");
        // The first and the last variant: the smallest and the largest.
        let variants = spec.variants.iter().map(|variant| variant.name.as_str());
        let variants: Vec<&str> = variants.collect();
        for variant in [variants[0], variants[variants.len() - 1]] {
            let (document, graph) = (json(&[variant]), graph(&spec, variant));
            check_sub_blocks(&document, &graph);
            for stage in items(&document, "stages") {
                let output = match stage["name"].as_str().expect("a name") {
                    "stem" => Output::Stem,
                    "head" => graph
                        .output(Output::Head)
                        .map_or(Output::Features, |_| Output::Head),
                    block => Output::Block(block["block".len()..].parse().expect("a number")),
                };
                let layer = graph.layer(graph.output(output).expect("an output"));
                assert_eq!(
                    stage["output_shape"],
                    json!(layer.output.extents()),
                    "{variant}"
                );
                let channels = &stage["channels"]["rounded"];
                assert_eq!(*channels, layer.output.channels(), "{variant}");
            }
            let totals = &document["totals"];
            assert_eq!(totals["macs"], graph.total_macs(), "{variant}");
            assert_eq!(
                totals["trainable_parameters"],
                graph.total_trainable_parameters()
            );
        }
    }
}

fn check_sub_blocks(document: &Value, graph: &LayerGraph) {
    let filters = |name: String| {
        graph.find(&name).map(|id| match &graph.layer(id).op {
            LayerOp::Convolution(conv) => conv.filters,
            other => panic!("{name} is {other}"),
        })
    };
    let sub_blocks = items(document, "sub_blocks");
    let mut in_graph: Vec<String> = graph
        .layers()
        .filter(|(_, layer)| matches!(layer.place.part, Part::Block { .. }))
        .map(|(_, layer)| layer.place.part.to_string())
        .collect();
    in_graph.dedup();
    assert_eq!(in_graph.len(), sub_blocks.len());
    for (sub_block, part) in sub_blocks.iter().zip(in_graph) {
        assert_eq!(
            format!("block{}", sub_block["name"].as_str().expect("a name")),
            part
        );
        let expanded = filters(format!("{part}_expand_conv"));
        assert_eq!(sub_block["expansion"]["rounded"], json!(expanded), "{part}");
        let squeezed = filters(format!("{part}_se_reduce"));
        assert_eq!(sub_block["squeeze"]["rounded"], json!(squeezed), "{part}");
        let out = filters(format!("{part}_project_conv"));
        assert_eq!(sub_block["out_channels"], json!(out), "{part}");
        let drop = graph
            .find(&format!("{part}_drop"))
            .map(|id| graph.layer(id).op.clone());
        let rate = drop.map(|op| match op {
            LayerOp::Dropout { rate } => rate,
            other => panic!("{part}: {other}"),
        });
        let said = sub_block["drop_rate"].as_f64();
        assert_eq!(said.is_some(), rate.is_some(), "{part}");
        let difference = said.zip(rate).map_or(0.0, |(said, rate)| said - rate);
        assert!(difference.abs() < 1e-12, "{part}: {difference}");
        assert_eq!(
            sub_block["shortcut"],
            graph.find(&format!("{part}_add")).is_some(),
            "{part}"
        );
    }
}

/// Sub-block i of 16 in B0: 0.2 * i / 16.
#[test]
fn stochastic_depth_grows_with_the_sub_blocks() {
    let document = json(&["b0"]);
    let sub_blocks = items(&document, "sub_blocks");
    assert_eq!(sub_blocks.len(), 16);
    for (number, sub_block) in sub_blocks.iter().enumerate() {
        if let Some(rate) = sub_block["drop_rate"].as_f64() {
            assert!(
                (rate - 0.2 * number as f64 / 16.0).abs() < 1e-12,
                "{sub_block}"
            );
        }
    }
    assert!(text(&["b0"]).contains("block 2: 2b 0.0250"));
}

/// Depth 3.1 is 1.2^6.2, width 2 is 1.1^7.3, 600 / 224 is 1.15^7.0.
#[test]
fn coefficients_are_held_against_powers_of_phi() {
    let coefficients = &json(&["b7"])["coefficients"];
    for (key, base, factor) in [
        ("depth_phi", 1.2_f64, 3.1),
        ("width_phi", 1.1, 2.0),
        ("resolution_phi", 1.15, 600.0 / 224.0),
    ] {
        let phi = coefficients[key].as_f64().expect("a number");
        assert!((base.powf(phi) - factor).abs() < 1e-9, "{key}: {phi}");
    }
    let text = text(&["b7"]);
    assert!(text.contains("depth       3.1000           6.21"), "{text}");
    assert!(!self::text(&["b0"]).contains("phi"));
}

/// A variant that was scaled by phi is a power of it, and says so.
#[test]
fn a_variant_scaled_by_phi_has_that_phi() {
    let files = Files::new();
    let spec = files.path("half.yaml");
    efficientnet(&["scale", "--phi", "1.5", "-o", &spec]).success();
    let text = text(&["phi1_5", "--spec", &spec]);
    assert!(text.contains("depth       1.3145           1.50"), "{text}");
    assert!(text.contains("width       1.1537           1.50"), "{text}");
}

#[test]
fn text_fits_on_a_terminal() {
    for variant in [
        "b0",
        "b7",
        "l2",
        "lite2",
        "v2_b3",
        "v2_l",
        "mobilenetv3_small_100",
        "em",
    ] {
        let text = text(&[variant]);
        let long = text.lines().find(|line| line.chars().count() > 80);
        assert_eq!(long, None, "{variant}");
        assert!(
            text.lines().all(|line| line.trim_end() == line),
            "{variant}"
        );
    }
}

#[test]
fn mistakes_are_named() {
    efficientnet(&["explain", "b77"]).complains(2, &["b77", "lite0"]);
    let other = efficientnet(&["explain", "lite0", "--spec", "efficientnet"]);
    other.complains(2, &["lite0", "b0"]);
}
