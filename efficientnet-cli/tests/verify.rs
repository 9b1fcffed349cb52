//! `efficientnet verify`: checkpoints that agree, and where those begin to differ that do not.

mod common;

use std::fs;

use common::{Files, Outcome, arguments, efficientnet, keys, lite0, logits, workspace};
use efficientnet::runtime::Isa;
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::spec::Options;
use serde_json::{Value, json};

fn golden(name: &str) -> String {
    let path = workspace(&format!("tests/goldens/{name}.json"));
    path.into_os_string().into_string().expect("paths are text")
}

fn verify(variant: &str, weights: &str, more: &[&str]) -> Outcome {
    efficientnet(&[&["verify", variant, "--weights", weights], more].concat())
}

/// The one document of a run that agrees, or not.
#[track_caller]
fn document(outcome: Outcome, agrees: bool) -> Value {
    let code = if agrees { 0 } else { 1 };
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(code), ""));
    let document: Value = serde_json::from_str(&outcome.stdout).expect("one document");
    assert_eq!(document["agrees"], agrees);
    document
}

fn checks(document: &Value) -> Vec<(&str, bool)> {
    let checks = document["checks"].as_array().expect("a list").iter();
    checks
        .map(|check| (check["check"].as_str().unwrap(), check["agrees"] == true))
        .collect()
}

#[test]
fn a_reference_of_timm_agrees() {
    let files = Files::new();
    for (variant, name) in [
        ("b0", "tf_efficientnet_b0"),
        ("lite0", "tf_efficientnet_lite0"),
    ] {
        let weights = files.weights(variant, &Options::default());
        let reference = golden(name);
        let more = ["--reference", &reference, "--json"];
        let document = document(verify(variant, &weights, &more), true);
        assert_eq!(document["padding"], "same");
        assert_eq!(document["batch_norm_epsilon"], 1e-3);
        let logits = &document["checks"][2];
        let error = logits["relative_error"].as_f64().expect("a number");
        assert!(error < 1e-5, "{logits}");
    }
}

/// A copy of a checkpoint with the values of one tensor changed, which the file has last.
fn changed(files: &Files, weights: &str, name: &str, change: fn(f32) -> f32) -> String {
    let checkpoint = Checkpoint::open(weights).expect("a checkpoint");
    let bytes = fs::read(weights).expect("a checkpoint");
    let values = checkpoint.read(name).expect("the tensor is there");
    let old: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    let new: Vec<u8> = values
        .iter()
        .flat_map(|&x| change(x).to_le_bytes())
        .collect();
    let start = bytes.windows(old.len()).position(|window| window == old);
    let start = start.expect("its values are in the file");
    let copy = [&bytes[..start], &new, &bytes[start + new.len()..]].concat();
    files.write("changed.safetensors", copy)
}

#[test]
fn the_first_tap_that_differs_is_named() {
    let files = Files::new();
    let weights = files.weights("b0", &Options::default());
    let reference = golden("efficientnet_b0");
    let more = ["--reference", &reference];
    for (tensor, place) in [
        ("bn1.bias", "the first difference is at blocks.0.0: mean"),
        (
            "blocks.3.1.bn3.bias",
            "the first difference is at blocks.3.1: mean",
        ),
        ("classifier.bias", "no tap differs"),
    ] {
        let changed = changed(&files, &weights, tensor, |x| x + 1.0);
        let outcome = verify("b0", &changed, &more);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(1), ""));
        let text = outcome.stdout;
        assert!(text.contains("image 1 at 224x224  differs"), "{text}");
        assert!(text.contains(place), "`{place}` is not in: {text}");
    }
    // Another epsilon is another network.
    let outcome = verify("b0", &weights, &[&more[..], &["--bn-eps", "0.1"]].concat());
    assert_eq!(outcome.code, Some(1));
}

#[test]
fn every_instruction_set_is_checked_without_a_reference() {
    let files = Files::new();
    let weights = files.weights("b0", &Options::default());
    let text = verify("b0", &weights, &[]).success();
    assert!(
        text.starts_with(&format!("efficientnet-b0 with {weights}\n")),
        "{text}"
    );
    let document = document(verify("b0", &weights, &["--json"]), true);
    let mut expected = vec![
        ("names and shapes".to_owned(), true),
        ("values".to_owned(), true),
    ];
    expected.extend(
        Isa::available()
            .into_iter()
            .map(|isa| (format!("{isa} at 65x97"), true)),
    );
    let found = checks(&document);
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, agrees)| (name.as_str(), *agrees))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(
        keys(&document),
        [
            "agrees",
            "batch_norm_epsilon",
            "checks",
            "library",
            "model",
            "padding",
            "weights"
        ]
    );
    assert_eq!(
        keys(&document["checks"][2]),
        [
            "agrees",
            "check",
            "found",
            "mean_relative_error",
            "note",
            "relative_error"
        ]
    );
}

#[test]
fn every_framework_s_files_agree_with_the_reference_computation() {
    let spec = workspace("tests/frameworks/tiny.yaml");
    let spec = spec.to_str().expect("paths are text");
    for file in [
        "timm.safetensors",
        "torchvision.f16.pth",
        "lukemelas.bf16.pth",
        "transformers.compressed.npz",
        "keras_imagenet.keras",
        "keras_adapted.npz",
    ] {
        let path = workspace(&format!("tests/frameworks/tiny/{file}"));
        let path = path.to_str().expect("paths are text");
        let more = ["--spec", spec, "--json"];
        document(verify("tiny", path, &more), true);
        let padding = ["--padding", "symmetric"];
        if file.starts_with("keras") {
            let outcome = verify("tiny", path, &[&more[..], &padding].concat());
            outcome.complains(2, &[path, "Keras", "same", "symmetric"]);
        }
    }
}

#[test]
fn other_tensors_and_damaged_values_do_not_agree() {
    let files = Files::new();
    let weights = files.weights("b0", &Options::default());
    let outcome = verify("b1", &weights, &["--json"]);
    let other = document(outcome, false);
    assert_eq!(checks(&other), [("names and shapes", false)]);
    let note = other["checks"][0]["note"].as_str().expect("a note");
    assert!(note.contains("blocks.0.1."), "{note}");

    let damaged = changed(&files, &weights, "bn2.bias", |_| f32::NAN);
    let found = document(verify("b0", &damaged, &["--json"]), false);
    assert_eq!(
        checks(&found),
        [("names and shapes", true), ("values", false)]
    );
    let note = found["checks"][1]["note"].as_str().expect("a note");
    assert_eq!(note, "bn2.bias: 1280 of 1280 values are not finite");

    let negative = changed(&files, &weights, "bn2.running_var", |x| -x);
    let found = document(verify("b0", &negative, &["--json"]), false);
    let note = found["checks"][1]["note"].as_str().expect("a note");
    assert!(note.contains("bn2.running_var"), "{note}");
}

#[test]
fn references_that_are_none_are_refused() {
    let files = Files::new();
    let weights = files.weights("lite0", &Options::default());
    let few = json!({ "cases": [{ "image": { "seed": 1, "height": 32, "width": 32 }, "logits": [1.0] }] });
    let huge = json!({ "cases": [{ "image": { "seed": 1, "height": 1u64 << 40, "width": 32 }, "logits": [] }] });
    let padding = json!({ "padding": "valid", "cases": few["cases"] });
    for (reference, reason) in [
        (files.path("missing.json"), "No such file"),
        (
            files.write("text.json", "logits"),
            "not a file of references",
        ),
        (files.write("list.json", "[]"), "not a file of references"),
        (
            files.write("none.json", r#"{"cases": []}"#),
            "it has no cases",
        ),
        (
            files.write("few.json", few.to_string()),
            "case 0 has 1 logits, the model 1000",
        ),
        (files.write("huge.json", huge.to_string()), "case 0"),
        (
            files.write("padding.json", padding.to_string()),
            "`valid`, expected symmetric or same",
        ),
    ] {
        let outcome = verify("lite0", &weights, &["--reference", &reference]);
        outcome.complains(2, &[&reference, reason]);
    }
}

const SAME: [&str; 3] = ["--padding", "same", "--json"];

#[test]
fn quantised_weights_are_checked_as_such() {
    let files = Files::new();
    let quantized = files.quantized();
    let found = document(verify("lite0", &quantized, &SAME), true);
    assert_eq!(found["batch_norm_epsilon"], Value::Null);
    let all = checks(&found);
    assert_eq!(all.len(), 3 + Isa::available().len());
    assert_eq!(all.last(), Some(&("bits of the logits", true)));
    // Of an image that has no other values than have codes.
    let error = found["checks"][2]["mean_relative_error"].as_f64();
    assert!(error.expect("a number") < 3e-2, "{found}");
    for (weights, precision, advice) in [
        (&quantized, "f32", "the checkpoint is quantised"),
        (&lite0(), "int8", "the checkpoint is not quantised"),
    ] {
        let more = [&SAME[..], &["--precision", precision]].concat();
        let found = document(verify("lite0", weights, &more), false);
        assert_eq!(checks(&found), [("names and shapes", false)]);
        let note = found["checks"][0]["note"].as_str().expect("a note");
        assert!(note.contains(advice), "{note}");
    }
    let found = document(verify("lite1", &quantized, &SAME), false);
    let note = found["checks"][0]["note"].as_str().expect("a note");
    assert!(note.contains("blocks.1.2.conv_pw.weight_scale"), "{note}");
    let other = verify("b0", &quantized, &SAME);
    other.complains(2, &["`stem_activation` cannot be int8"]);
}

/// A filter's scale that is wrong is found by the logits of the float network.
#[test]
fn quantised_weights_agree_with_the_float_network_s_logits() {
    let files = Files::new();
    let (quantized, float) = (files.quantized(), lite0());
    let (input, output) = (files.image("x.npy", [3, 96, 96]), files.path("y.npy"));
    let run = arguments(["lite0", &float, &input, &output], &SAME[..2]);
    efficientnet(&run).success();
    let expected = logits(&output).data;
    let image = json!({ "seed": 1, "height": 96, "width": 96 });
    let reference = json!({ "padding": "same", "cases": [{ "image": image, "logits": expected }] });
    let reference = files.write("reference.json", reference.to_string());
    let more = ["--reference", &reference, "--json"];
    let found = document(verify("lite0", &quantized, &more), true);
    let logits = &found["checks"][2];
    assert!(
        logits["mean_relative_error"].as_f64() > Some(1e-3),
        "{logits}"
    );

    let changed = changed(&files, &quantized, "conv_head.weight_scale", |x| x * 1.5);
    let found = document(verify("lite0", &changed, &more), false);
    assert_eq!(checks(&found)[2], ("image 1 at 96x96", false));
    let note = found["checks"][2]["note"].as_str().expect("a note");
    assert!(note.contains("is cut"), "{note}");
}
