//! `efficientnet weights pack`, and what takes its files.

mod common;

use std::fs;

use common::{Files, efficientnet, workspace};
use efficientnet::runtime::npy::Array;

/// A file of `tests/frameworks`.
fn framework(name: &str) -> String {
    let path = workspace(&format!("tests/frameworks/{name}"));
    path.into_os_string().into_string().expect("paths are text")
}

/// Packs a tiny checkpoint of lukemelas's flavour.
fn pack(files: &Files) -> String {
    pack_in(files, "f32")
}

/// [`pack`] in a precision.
fn pack_in(files: &Files, precision: &str) -> String {
    let packed = files.path("tiny.packed");
    let (spec, weights) = (
        framework("tiny.yaml"),
        framework("tiny/lukemelas.module.pth"),
    );
    let arguments = [
        "weights",
        "pack",
        "tiny",
        "--spec",
        &spec,
        "--weights",
        &weights,
        "--precision",
        precision,
    ];
    efficientnet(&[&arguments[..], &["-o", &packed]].concat()).success();
    packed
}

#[test]
fn packed_weights_give_the_logits_of_the_checkpoint() {
    let files = Files::new();
    let (spec, packed) = (framework("tiny.yaml"), pack(&files));
    let input = framework("tiny/input.nchw.33x47.npy");
    let mut logits = Vec::new();
    for weights in [&framework("tiny/lukemelas.module.pth"), &packed] {
        let output = files.path("logits.npy");
        let arguments = ["run", "tiny", "--spec", &spec, "--weights", weights];
        efficientnet(&[&arguments[..], &["--input", &input, "--output", &output]].concat())
            .success();
        logits.push(Array::read(output).expect("an array"));
    }
    assert_eq!(logits[0], logits[1]);
}

#[test]
fn packed_weights_say_their_precision() {
    let files = Files::new();
    let (spec, packed) = (framework("tiny.yaml"), pack_in(&files, "bf16"));
    let input = framework("tiny/input.nchw.33x47.npy");
    let output = files.path("logits.npy");
    let run = |weights: &str, more: &[&str]| {
        let arguments = ["run", "tiny", "--spec", &spec, "--weights", weights];
        let files = ["--input", &input, "--output", &output];
        efficientnet(&[&arguments[..], &files, more].concat())
    };
    run(&packed, &[]).success();
    let of_packed = Array::read(&output).expect("an array");
    let checkpoint = framework("tiny/lukemelas.module.pth");
    run(&checkpoint, &["--precision", "bf16"]).success();
    assert_eq!(Array::read(&output).expect("an array"), of_packed);
    run(&checkpoint, &[]).success();
    assert_ne!(Array::read(&output).expect("an array"), of_packed);
    let other = "its weights are packed for precision bf16, expected f32";
    run(&packed, &["--precision", "f32"]).complains(2, &[&packed, other]);
}

#[test]
fn packed_weights_are_for_one_model() {
    let files = Files::new();
    let (spec, packed) = (framework("tiny.yaml"), pack(&files));
    let input = framework("tiny/input.nchw.33x47.npy");
    let output = files.path("logits.npy");
    let run = |variant: &[&str], more: &[&str]| {
        let arguments = ["--weights", &packed, "--input", &input, "--output", &output];
        efficientnet(&[&["run"], variant, &arguments[..], more].concat())
    };
    let model = "its weights are packed for model tiny-tiny, expected efficientnet-b0";
    run(&["b0"], &["--classes", "7"]).complains(2, &[&packed, model]);
    run(&["b0"], &[]).complains(2, &[&packed, model]);
    let tiny = ["tiny", "--spec", &spec];
    let other = "its weights are packed for classes 7, expected 9";
    run(&tiny, &["--classes", "9"]).complains(2, &[other]);
    let map = "packed for classes 7, expected 0";
    run(&tiny, &["--outputs", "block2"]).complains(2, &[map]);
    run(&tiny, &["--padding", "symmetric"]).complains(2, &["these weights are packed"]);
    let bytes = fs::read(&packed).expect("the file is there");
    fs::write(&packed, &bytes[..bytes.len() / 2]).expect("it can be written");
    run(&tiny, &[]).complains(2, &["damaged packed weights", "pack them again"]);
    assert!(!fs::exists(&output).expect("it is known"));
}

#[test]
fn what_is_read_is_not_overwritten() {
    let files = Files::new();
    let weights = files.path("weights.pth");
    fs::copy(framework("tiny/lukemelas.module.pth"), &weights).expect("a copy");
    let input = files.path("input.npy");
    fs::copy(framework("tiny/input.nchw.33x47.npy"), &input).expect("a copy");
    let spec = framework("tiny.yaml");
    let tiny = ["tiny", "--spec", &spec, "--weights", &weights];
    let pack = [&["weights", "pack"], &tiny[..], &["-o", &weights]].concat();
    efficientnet(&pack).complains(2, &[&weights, "it is read, too"]);
    for output in [&weights, &input] {
        let run = [
            &["run"],
            &tiny[..],
            &["--input", &input, "--output", output],
        ]
        .concat();
        efficientnet(&run).complains(2, &[output, "it is read, too"]);
    }
    let original = fs::read(framework("tiny/lukemelas.module.pth")).expect("it is there");
    assert_eq!(fs::read(&weights).expect("it is there"), original);
}

#[test]
fn options_that_a_library_does_not_have_are_mistakes() {
    let files = Files::new();
    let (spec, input) = (
        framework("tiny.yaml"),
        framework("tiny/input.nchw.33x47.npy"),
    );
    let output = files.path("logits.npy");
    let run = |weights: &str, more: &[&str]| {
        let weights = framework(weights);
        let arguments = ["run", "tiny", "--spec", &spec, "--weights", &weights];
        let files = ["--input", &input, "--output", &output];
        efficientnet(&[&arguments[..], &files[..], more].concat())
    };
    let padding = run("tiny/torchvision.f16.pth", &["--padding", "same"]);
    padding.complains(2, &["pads `symmetric`", "leave out --padding same"]);
    let rescaling = run("tiny/timm.safetensors", &["--keras-rescaling", "on"]);
    rescaling.complains(2, &["--keras-rescaling is for Keras's"]);
}
