//! `efficientnet weights`: what files of every framework hold, and their conversion.

mod common;

use std::fs;

use common::{Files, arguments, efficientnet, json_file, logits, tensors, workspace};
use efficientnet::spec::Options;
use serde_json::{Value, json};

/// A checkpoint that a framework wrote; see `tests/frameworks`.
fn framework(name: &str) -> String {
    let path = workspace(&format!("tests/frameworks/{name}"));
    path.into_os_string().into_string().expect("paths are text")
}

fn inspect(file: &str) -> Value {
    efficientnet(&["weights", "inspect", "--json", file]).json()
}

#[test]
fn every_framework_s_files_are_known() {
    let manifest = json_file(&workspace("tests/frameworks/tiny/manifest.json"));
    let files = manifest["files"].as_array().expect("a list");
    assert!(files.len() > 20);
    for expected in files {
        let file = expected["file"].as_str().expect("a name");
        let found = inspect(&framework(&format!("tiny/{file}")));
        let library = match expected["flavour"].as_str().expect("a flavour") {
            "lukemelas" => "efficientnet_pytorch (lukemelas)",
            "transformers" => "transformers (Hugging Face)",
            "keras" => "Keras",
            other => other,
        };
        assert_eq!(found["library"], library, "{file}");
        assert_eq!(found["classes"], expected["classes"], "{file}");
        assert_eq!(found["in_channels"], 3, "{file}");
        if library != "timm" {
            assert_eq!(found["padding"], expected["padding"], "{file}");
        }
        let padding = expected["padding"].as_str().expect("a padding");
        assert_eq!(
            found["batch_norm_epsilon"][padding], expected["bn_eps"],
            "{file}"
        );
        let second = &found["keras_input"]["second_rescaling"];
        assert_eq!(*second, expected["keras_rescaling"], "{file}");
    }
}

#[test]
fn the_variant_is_found_or_what_it_lacks() {
    let files = Files::new();
    for variant in ["b0", "b1", "lite2"] {
        let options = Options {
            classes: Some(3),
            in_channels: Some(1),
            ..Options::default()
        };
        let found = inspect(&files.weights(variant, &options));
        assert_eq!(found["variant"]["variant"], variant);
        assert_eq!(found["variant"]["differences"], Value::Null);
        assert_eq!(
            (&found["classes"], &found["in_channels"]),
            (&json!(3), &json!(1))
        );
    }
    // Without its classifier it is the network of a backbone.
    let mut backbone = tensors("b0", &Options::default());
    backbone.retain(|(name, _)| !name.starts_with("classifier."));
    let found = inspect(&files.checkpoint("backbone.safetensors", &backbone));
    assert_eq!(found["variant"]["differences"], Value::Null);
    assert_eq!(found["classes"], Value::Null);
    assert_eq!(found["parameters"], 4_007_548 + 42_016);

    let mut nearly = backbone;
    nearly.retain(|(name, _)| name != "bn2.bias");
    nearly.push(("bn2.extra".to_owned(), vec![2]));
    let path = files.checkpoint("nearly.safetensors", &nearly);
    let found = inspect(&path);
    let differences = &found["variant"]["differences"];
    assert_eq!(
        differences["missing"],
        json!([{ "name": "bn2.bias", "shape": [1280] }])
    );
    assert_eq!(
        differences["unexpected"],
        json!([{ "name": "bn2.extra", "shape": [2] }])
    );
    let text = efficientnet(&["weights", "inspect", &path]).success();
    assert!(text.contains("nearly b0 of efficientnet"), "{text}");
    assert!(text.contains("bn2.bias: expected [1280]"), "{text}");

    let other = [("some.weight".to_owned(), vec![2, 3])];
    let path = files.checkpoint("other.safetensors", &other);
    let found = inspect(&path);
    assert_eq!(
        (&found["library"], &found["variant"]),
        (&Value::Null, &Value::Null)
    );
    let text = efficientnet(&["weights", "inspect", "--tensors", &path]).success();
    assert!(text.contains("no known library"), "{text}");
    assert_eq!(text.lines().last(), Some("some.weight  F32   [2, 3]"));
}

#[test]
fn the_text_about_files() {
    for (name, file) in [
        ("timm", "timm.f16.safetensors"),
        ("torchvision", "torchvision.channels_last.pth"),
        ("keras", "keras_imagenet.weights.h5"),
    ] {
        let text = efficientnet(&["weights", "inspect", &framework(&format!("tiny/{file}"))]);
        let text = text.success();
        let (first, rest) = text.split_once('\n').expect("lines");
        assert!(first.ends_with(file), "{first}");
        insta::assert_snapshot!(format!("inspect_{name}"), rest);
    }
}

/// The logits of a file of the tiny network, and of what was written of it.
#[test]
fn converted_files_give_the_same_logits() {
    let manifest = json_file(&workspace("tests/frameworks/tiny/manifest.json"));
    let files = Files::new();
    let spec = framework("tiny.yaml");
    let output = files.path("y.npy");
    let mut converted = 0;
    for entry in manifest["files"].as_array().expect("a list") {
        let text = |key: &str| entry[key].as_str().expect("text").to_owned();
        let original = framework(&format!("tiny/{}", text("file")));
        let input = framework(&format!("tiny/{}", text("input")));
        let (padding, layout) = (text("padding"), text("layout"));
        let run = |weights: &str| {
            let more = ["--spec", &spec, "--padding", &padding, "--layout", &layout];
            let outcome = efficientnet(&arguments(["tiny", weights, &input, &output], &more));
            assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
            logits(&output).data
        };
        let expected = run(&original);
        let formats: &[&str] = match text("file").contains("bf16") {
            true => &["safetensors"],
            false => &["safetensors", "npz"],
        };
        for format in formats {
            let path = files.path(&format!("out.{format}"));
            let stdout = efficientnet(&["weights", "convert", &original, "-o", &path]).success();
            assert_eq!(stdout, "");
            assert_eq!(run(&path), expected, "{original} as {format}");
            converted += 1;
        }
    }
    assert!(converted > 40, "{converted}");
}

#[test]
fn files_that_are_no_checkpoints_get_one_line() {
    let files = Files::new();
    let whole = files.weights("lite0", &Options::default());
    let bytes = fs::read(&whole).expect("a checkpoint");
    let mut huge = bytes.clone();
    huge[..8].copy_from_slice(&(1u64 << 40).to_le_bytes());
    let wrong = [
        (files.path("missing.safetensors"), "cannot be read"),
        (files.path(""), "is a directory"),
        (files.write("empty.safetensors", ""), "an empty file"),
        (
            files.write("cut.safetensors", &bytes[..bytes.len() / 2]),
            "truncated",
        ),
        (
            files.write("huge.safetensors", huge),
            "a header of 1099511627776 bytes",
        ),
        (
            files.write("text.pth", "no checkpoint at all, but text"),
            "a file of no known format",
        ),
        (framework("hostile/code.pth"), "`posix.system`"),
        (framework("hostile/truncated.timm_tf.pth"), "truncated"),
        (framework("hostile/truncated.keras_plain.h5"), "not a valid"),
        (framework("hostile/truncated.timm_tf.f16.npz"), "truncated"),
    ];
    let written = files.names();
    let out = files.path("out.npz");
    for (file, reason) in &wrong {
        efficientnet(&["weights", "inspect", file]).complains(2, &[file, reason]);
        efficientnet(&["weights", "convert", file, "-o", &out]).complains(2, &[file, reason]);
        efficientnet(&["verify", "lite0", "--weights", file]).complains(2, &[file, reason]);
    }
    assert_eq!(files.names(), written, "nothing is left behind");
}

#[test]
fn conversions_that_cannot_be_are_refused() {
    let files = Files::new();
    let weights = files.weights("lite0", &Options::default());
    let before = fs::read(&weights).expect("a checkpoint");
    let to = |output: &str| efficientnet(&["weights", "convert", &weights, "-o", output]);
    let pth = files.path("out.pth");
    to(&pth).complains(2, &[&pth, ".safetensors or .npz"]);
    to(&weights).complains(2, &[&weights, "another name"]);
    let nowhere = files.path("none/out.npz");
    to(&nowhere).complains(2, &[&nowhere, "there is no directory"]);
    let brain = framework("tiny/timm.bf16.safetensors");
    let npz = files.path("out.npz");
    let outcome = efficientnet(&["weights", "convert", &brain, "-o", &npz]);
    outcome.complains(2, &[&npz, "BF16", "write .safetensors"]);
    assert_eq!(files.names(), ["lite0.safetensors"]);
    assert_eq!(fs::read(&weights).expect("kept"), before);
}

#[test]
fn packed_weights_are_no_checkpoint_but_inspected() {
    let files = Files::new();
    let packed = files.path("tiny.packed");
    let (spec, weights) = (framework("tiny.yaml"), framework("tiny/keras_plain.h5"));
    let pack = [
        "weights",
        "pack",
        "tiny",
        "--spec",
        &spec,
        "--weights",
        &weights,
    ];
    efficientnet(&[&pack[..], &["-o", &packed]].concat()).success();
    let found = inspect(&packed);
    assert_eq!(found["format"], "packed weights");
    assert_eq!(
        (&found["model"], &found["padding"]),
        (&json!("tiny-tiny"), &json!("same"))
    );
    let text = efficientnet(&["weights", "inspect", &packed]).success();
    assert!(text.contains("tiny-tiny"), "{text}");
    let out = files.path("out.npz");
    let convert = efficientnet(&["weights", "convert", &packed, "-o", &out]);
    convert.complains(
        2,
        &[&packed, "packed weights", "that they were packed from"],
    );
    let verify = ["verify", "tiny", "--spec", &spec, "--weights", &packed];
    efficientnet(&verify).complains(2, &[&packed, "packed weights"]);
    assert_eq!(files.names(), ["tiny.packed"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure_of_the_system() {
    let files = Files::new();
    let link = files.path("full.npz");
    std::os::unix::fs::symlink("/dev/full", &link).expect("a link");
    let weights = framework("tiny/timm.safetensors");
    let outcome = efficientnet(&["weights", "convert", &weights, "-o", &link]);
    outcome.complains(1, &[&link, "cannot be written"]);
}
