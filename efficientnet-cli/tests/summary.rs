//! `efficientnet summary`: every view of B0 as text and as JSON, and the counts of the family.

mod common;

use common::{efficientnet, keys};
use efficientnet::spec::{BUNDLED, Spec};
use serde_json::Value;

const VIEWS: [&str; 4] = ["layers", "blocks", "kernels", "plan"];

fn text(arguments: &[&str]) -> String {
    efficientnet(&[&["summary"], arguments].concat()).success()
}

fn json(arguments: &[&str]) -> Value {
    efficientnet(&[&["summary", "--json"], arguments].concat()).json()
}

fn items<'a>(document: &'a Value, key: &str) -> &'a Vec<Value> {
    document[key].as_array().expect("an array")
}

#[test]
fn b0_in_every_view() {
    for view in VIEWS {
        insta::assert_snapshot!(format!("b0_{view}"), text(&["b0", "--view", view]));
    }
    assert_eq!(text(&["b0"]), text(&["b0", "--view", "layers"]));
}

/// The numbers of layers that Keras and the article about the family count.
#[test]
fn layers_without_top_are_as_many_as_keras_has() {
    for (variant, count) in [("b0", 237), ("b7", 813)] {
        let document = json(&[variant, "--no-top"]);
        assert_eq!(items(&document, "layers").len(), count, "{variant}");
        assert_eq!(document["total_layers"], count, "{variant}");
        assert_eq!(document["layers_without_top"], count, "{variant}");
        // The first of the totals, with top or without.
        for more in [&[][..], &["--no-top"]] {
            let text = text(&[&[variant], more].concat());
            let (_, totals) = text.split_once("\n\n").expect("totals");
            let first: Vec<&str> = totals.split_whitespace().take(4).collect();
            assert_eq!(first, ["layers", &count.to_string(), "without", "top,"]);
        }
    }
}

/// Keras 3 `EfficientNetB0(weights=None)`: `count_params()` and the trainable ones.
#[test]
fn parameters_are_those_of_keras() {
    let document = json(&["b0"]);
    assert_eq!(document["total_parameters"], 5_330_571);
    assert_eq!(document["trainable_parameters"], 5_288_548);
    assert_eq!(document["non_trainable_parameters"], 42_023);
    let text = text(&["b0"]);
    let lines = [
        ["parameters", "5,330,571"],
        ["trainable", "5,288,548"],
        ["non-trainable", "42,023"],
    ];
    for expected in lines {
        let mut lines = text.lines().map(|line| line.split_whitespace().take(2));
        assert!(lines.any(|line| line.eq(expected)), "{expected:?}: {text}");
    }
    let layers = items(&document, "layers");
    let sum: u64 = layers
        .iter()
        .map(|layer| layer["parameters"].as_u64().expect("a count"))
        .sum();
    assert_eq!(sum, 5_330_571);
}

#[test]
fn layers_in_json_are_a_graph() {
    let document = json(&["b0"]);
    let expected = [
        "activation_bytes",
        "layers",
        "layers_without_top",
        "macs",
        "model",
        "non_trainable_parameters",
        "peak_activation_bytes",
        "total_layers",
        "total_parameters",
        "trainable_parameters",
        "weight_bytes",
        "workspace_bytes",
    ];
    assert_eq!(keys(&document), expected);
    let mut names: Vec<&Value> = Vec::new();
    for layer in items(&document, "layers") {
        let expected = [
            "inputs",
            "kernel",
            "macs",
            "memory_bytes",
            "name",
            "output_shape",
            "parameters",
            "stride",
            "trainable_parameters",
            "type",
        ];
        assert_eq!(keys(layer), expected);
        for input in items(layer, "inputs") {
            assert!(
                names.contains(&input),
                "{input} comes after {}",
                layer["name"]
            );
        }
        assert!(!names.contains(&&layer["name"]), "{} twice", layer["name"]);
        names.push(&layer["name"]);
    }
    let stem = &items(&document, "layers")[4];
    let expected = serde_json::json!({
        "name": "stem_conv", "type": "Conv2D", "output_shape": [112, 112, 32], "parameters": 864,
        "inputs": ["stem_conv_pad"],
        // By hand: 3x3 pixels of 3 channels to each of 32; four bytes a value.
        "trainable_parameters": 864, "macs": 112 * 112 * 864, "memory_bytes": 112 * 112 * 32 * 4,
        "kernel": 3, "stride": 2,
    });
    assert_eq!(*stem, expected);
}

#[test]
fn the_other_views_in_json_have_their_keys() {
    let blocks = json(&["b0", "--view", "blocks"]);
    let expected = [
        "blocks",
        "classes",
        "dropout",
        "head",
        "input_shape",
        "model",
        "stem",
    ];
    assert_eq!(keys(&blocks), expected);
    let repeats: Vec<&Value> = items(&blocks, "blocks")
        .iter()
        .map(|b| &b["repeats"])
        .collect();
    assert_eq!(repeats, [1, 2, 2, 3, 3, 4, 1]);
    let lite = json(&["lite0", "--view", "blocks"]);
    assert!(lite["blocks"][0]["squeeze_excite"].is_null());

    let kernels = json(&["b0", "--view", "kernels"]);
    assert_eq!(keys(&kernels), ["kernels", "model"]);
    for kernel in items(&kernels, "kernels") {
        assert_eq!(keys(kernel), ["inputs", "name", "op", "output_shape"]);
    }
    let plan = json(&["b0", "--view", "plan"]);
    assert_eq!(keys(&plan), ["calls", "model", "workspace_bytes"]);
    let calls = items(&plan, "calls");
    for call in calls {
        assert_eq!(
            keys(call),
            ["kernel", "name", "offset", "output_shape", "text"]
        );
    }
    // The same lines that people see.
    let text = text(&["b0", "--view", "plan", "--width", "200"]);
    let lines = text.lines().skip(1).filter(|line| !line.starts_with('#'));
    assert!(
        lines.eq(calls
            .iter()
            .map(|call| call["text"].as_str().expect("a line")))
    );
}

#[test]
fn padding_changes_nothing_but_pads() {
    let (same, symmetric) = (json(&["b0"]), json(&["b0", "--padding", "symmetric"]));
    assert_eq!(same, json(&["b0", "--padding", "same"]));
    assert_ne!(same, symmetric);
    let pairs = items(&same, "layers")
        .iter()
        .zip(items(&symmetric, "layers"));
    for (same, symmetric) in pairs {
        if same["type"] == "ZeroPadding2D" {
            let [mut same, mut symmetric] = [same.clone(), symmetric.clone()];
            for key in ["output_shape", "memory_bytes"] {
                same[key].take();
                symmetric[key].take();
            }
            assert_eq!(same, symmetric);
        } else {
            assert_eq!(same, symmetric);
        }
    }
    for key in ["total_layers", "total_parameters", "macs"] {
        assert_eq!(same[key], symmetric[key], "{key}");
    }
}

#[test]
fn every_view_of_every_variant_fits_a_terminal() {
    for (name, spec) in BUNDLED {
        let spec = Spec::parse(spec, name).expect("valid");
        for variant in spec.variants.iter() {
            let variant = variant.name.to_string();
            for view in VIEWS {
                for line in text(&[&variant, "--view", view]).lines() {
                    assert!(line.chars().count() <= 80, "{variant}: {line}");
                    assert_eq!(line, line.trim_end());
                }
            }
        }
    }
}

/// A call is a line where there is room for it, and the same words where there is not.
#[test]
fn calls_are_broken_between_words() {
    for view in ["kernels", "plan"] {
        let arguments = ["b0", "--view", view, "--width", "200"];
        let wide = text(&arguments);
        let narrow = text(&["b0", "--view", view]);
        assert!(narrow.lines().count() > wide.lines().count());
        assert!(narrow.split_whitespace().eq(wide.split_whitespace()));
        let first = narrow.lines().filter(|line| !line.starts_with("    "));
        assert_eq!(first.count(), wide.lines().count());
    }
}

#[test]
fn mistakes_are_named() {
    let summary = |arguments: &[&str]| efficientnet(&[&["summary"], arguments].concat());
    summary(&["b99"]).complains(2, &["`b99`", "b0, b1", "lite4", "--spec"]);
    summary(&["lite9"]).complains(2, &["`lite9`", "--spec", "did you mean `lite4`?"]);
    summary(&["b0", "--spec", "lite"]).complains(2, &["`b0`", "lite0, lite1"]);
    let options: [&[&str]; 3] = [&["--no-top"], &["--tree"], &["--columns", "name"]];
    for view in &VIEWS[1..] {
        for option in options {
            let arguments = [&["b0", "--view", view], option].concat();
            summary(&arguments).complains(2, &[option[0], "--view layers"]);
        }
    }
    let blocks = ["b0", "--view", "blocks", "--width", "100"];
    summary(&blocks).complains(2, &["--width", "--view layers, kernels or plan"]);
    let complaint = summary(&["b0", "--view", "atoms"]).failure(2);
    assert!(
        complaint.contains("layers, blocks, kernels, plan"),
        "{complaint}"
    );
}
