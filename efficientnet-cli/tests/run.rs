//! `efficientnet run`: logits against timm's, every way to give a tensor and a network.

mod common;

use std::fs;

use common::{Files, arguments, efficientnet, json_file, logits, npy, workspace};
use efficientnet::runtime::synthetic;
use efficientnet::spec::Options;
use serde_json::Value;

/// The logits of a run that succeeds.
#[track_caller]
fn run(files: &Files, variant: &str, weights: &str, input: &str, more: &[&str]) -> Vec<f32> {
    let output = files.path("logits.npy");
    let text = efficientnet(&arguments([variant, weights, input, &output], more)).success();
    assert_eq!(text, "");
    let logits = logits(&output).data;
    assert!(logits.iter().all(|logit| logit.is_finite()));
    logits
}

fn numbers(value: &Value) -> Vec<f32> {
    let values = value.as_array().expect("an array").iter();
    values
        .map(|x| x.as_f64().expect("a number") as f32)
        .collect()
}

/// NHWC of NCHW.
fn nhwc(planes: &[f32], channels: usize) -> Vec<f32> {
    let pixels = planes.len() / channels;
    (0..planes.len())
        .map(|i| planes[i % channels * pixels + i / channels])
        .collect()
}

/// Largest difference, relative to the largest absolute logit of the reference.
fn relative_error(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    let differences = found.iter().zip(expected).map(|(f, e)| (f - e).abs());
    differences.fold(0.0, f32::max) / largest
}

/// Runs every image of a golden in both layouts, and all together as a batch.
fn agrees_with_timm(variant: &str, golden: &str, options: &[&str]) {
    let golden = json_file(&workspace(&format!("tests/goldens/{golden}.json")));
    let tensors: Vec<(String, Vec<usize>)> =
        serde_json::from_value(golden["tensors"].clone()).expect("names and shapes");
    let files = Files::new();
    let weights = files.checkpoint("weights.safetensors", &tensors);
    let (mut batch, mut all) = (Vec::new(), Vec::new());
    let cases = golden["cases"].as_array().expect("an array");
    for case in cases {
        let seed = case["image"]["seed"].as_u64().expect("a seed");
        let planes = synthetic::image(seed, 224, 224, 3);
        let nchw = files.array("nchw.npy", &[1, 3, 224, 224], &planes);
        let found = run(&files, variant, &weights, &nchw, options);
        let error = relative_error(&found, &numbers(&case["logits"]));
        assert!(error < 1e-4, "seed {seed}: {error}");

        let pixels = files.array("nhwc.npy", &[1, 224, 224, 3], &nhwc(&planes, 3));
        let more = [options, &["--layout", "nhwc"]].concat();
        assert_eq!(found, run(&files, variant, &weights, &pixels, &more));
        batch.extend(planes);
        all.extend(found);
    }
    let input = files.array("batch.npy", &[cases.len(), 3, 224, 224], &batch);
    let found = run(&files, variant, &weights, &input, options);
    assert_eq!(found, all);
    let shape = logits(&files.path("logits.npy")).shape;
    assert_eq!(shape, [cases.len(), 1000]);
}

#[test]
fn b0_symmetric_agrees_with_timm() {
    agrees_with_timm("b0", "efficientnet_b0", &[]);
}

#[test]
fn b0_same_agrees_with_timm() {
    agrees_with_timm("b0", "tf_efficientnet_b0", &["--padding", "same"]);
}

#[test]
fn lite0_agrees_with_timm() {
    agrees_with_timm("lite0", "tf_efficientnet_lite0", &["--padding", "same"]);
}

#[test]
fn epsilon_follows_the_padding_unless_given() {
    let files = Files::new();
    let weights = files.weights("b0", &Options::default());
    let input = files.image("x.npy", [3, 64, 64]);
    let with = |more: &[&str]| run(&files, "b0", &weights, &input, more);
    let symmetric = with(&[]);
    assert_eq!(
        symmetric,
        with(&["--padding", "symmetric", "--bn-eps", "1e-5"])
    );
    assert_ne!(symmetric, with(&["--bn-eps", "1e-3"]));
    let same = with(&["--padding", "same"]);
    assert_eq!(same, with(&["--padding", "same", "--bn-eps", "0.001"]));
    assert!(relative_error(&same, &symmetric) > 0.01);
    for wrong in ["-1", "nan", "inf", "small"] {
        let output = files.path("y.npy");
        let epsilon = format!("--bn-eps={wrong}");
        let run = arguments(["b0", &weights, &input, &output], &[&epsilon]);
        let complaint = efficientnet(&run).failure(2);
        assert!(complaint.contains("--bn-eps"), "{complaint}");
    }
}

#[test]
fn any_size_runs_and_both_layouts_agree() {
    let files = Files::new();
    let weights = files.weights("b0", &Options::default());
    for [height, width] in [[1, 1], [33, 65], [97, 40], [225, 223]] {
        let planes = synthetic::image(3, height, width, 3);
        let nchw = files.array("nchw.npy", &[1, 3, height, width], &planes);
        let pixels = files.array("nhwc.npy", &[1, height, width, 3], &nhwc(&planes, 3));
        for padding in ["symmetric", "same"] {
            let more = ["--padding", padding];
            let found = run(&files, "b0", &weights, &nchw, &more);
            let more = ["--padding", padding, "--layout", "nhwc"];
            assert_eq!(
                found,
                run(&files, "b0", &weights, &pixels, &more),
                "{height}x{width}"
            );
        }
    }
}

#[test]
fn every_float_type_order_and_rank_is_the_same_tensor() {
    let files = Files::new();
    let weights = files.weights("b0", &Options::default());
    let (height, width) = (40, 56);
    let planes = synthetic::image(5, height, width, 3);
    let input = files.array("x.npy", &[1, 3, height, width], &planes);
    let expected = run(&files, "b0", &weights, &input, &[]);

    let little: Vec<u8> = planes
        .iter()
        .flat_map(|&x| f64::from(x).to_le_bytes())
        .collect();
    let big: Vec<u8> = planes.iter().flat_map(|x| x.to_be_bytes()).collect();
    // Fortran order: the first index is the fastest.
    let fortran: Vec<u8> = (0..planes.len())
        .map(|i| (i % 3, i / 3 % height, i / 3 / height))
        .flat_map(|(c, y, x)| planes[(c * height + y) * width + x].to_le_bytes())
        .collect();
    let shape = [1, 3, height, width];
    let same = [
        files.array("image.npy", &shape[1..], &planes),
        files.write("f8.npy", npy("<f8", false, &shape, &little)),
        files.write("big.npy", npy(">f4", false, &shape, &big)),
        files.write("fortran.npy", npy("<f4", true, &shape, &fortran)),
    ];
    for input in same {
        assert_eq!(
            expected,
            run(&files, "b0", &weights, &input, &[]),
            "{input}"
        );
        assert_eq!(logits(&files.path("logits.npy")).shape, [1, 1000]);
    }
}

#[test]
fn classes_and_channels_are_those_of_the_checkpoint() {
    let files = Files::new();
    let options = Options {
        classes: Some(7),
        in_channels: Some(1),
        ..Options::default()
    };
    let weights = files.weights("b0", &options);
    let input = files.image("x.npy", [1, 48, 48]);
    let found = run(&files, "b0", &weights, &input, &[]);
    assert_eq!(found.len(), 7);
    let given = ["--classes", "7", "--in-channels", "1"];
    assert_eq!(found, run(&files, "b0", &weights, &input, &given));

    let output = files.path("y.npy");
    let with = |input: &str, more: &[&str]| {
        efficientnet(&arguments(["b0", &weights, input, &output], more)).failure(2)
    };
    let complaint = with(&input, &["--classes", "1000"]);
    for part in [
        "expected 1000 classes, found 7",
        &weights,
        "classifier.weight: ",
        "classifier.bias: ",
        "1000",
        "7",
    ] {
        assert!(complaint.contains(part), "`{part}` is not in: {complaint}");
    }
    let colour = files.image("colour.npy", [3, 48, 48]);
    let complaint = with(&colour, &["--in-channels", "3"]);
    assert!(complaint.contains("conv_stem.weight: "), "{complaint}");
    let complaint = with(&colour, &[]);
    assert!(
        complaint.contains("3 channels, the network takes 1"),
        "{complaint}"
    );
    assert!(with(&input, &["--classes", "0"]).contains("--classes"));
}

#[test]
fn a_spec_is_a_file_or_a_bundled_name() {
    let files = Files::new();
    let weights = files.weights("b0", &Options::default());
    let input = files.image("x.npy", [3, 32, 32]);
    let expected = run(&files, "b0", &weights, &input, &[]);
    let text = fs::read_to_string(workspace("specs/efficientnet.yaml")).expect("a spec");
    let copy = files.write("mine.yaml", text.replace("  b0:", "  mine:"));
    let with = |variant, spec: &str| run(&files, variant, &weights, &input, &["--spec", spec]);
    assert_eq!(expected, with("b0", "efficientnet"));
    assert_eq!(expected, with("mine", &copy));
}

#[test]
fn every_bundled_variant_runs() {
    let variants = [
        "b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7", "lite0", "lite1", "lite2", "lite3", "lite4",
    ];
    for variant in variants {
        let files = Files::new();
        let weights = files.weights(variant, &Options::default());
        let input = files.image("x.npy", [3, 32, 32]);
        let found = run(&files, variant, &weights, &input, &[]);
        assert_eq!(found.len(), 1000, "{variant}");
        assert!(found.iter().any(|&logit| logit != found[0]), "{variant}");
    }
}

/// A file of `tests/frameworks`.
fn framework(name: &str) -> String {
    let path = workspace(&format!("tests/frameworks/{name}"));
    path.into_os_string().into_string().expect("paths are text")
}

/// Padding, epsilon and rescaling follow from the file; only timm's names do not say the padding.
#[test]
fn files_of_every_framework_agree_with_it() {
    let manifest = json_file(&workspace("tests/frameworks/tiny/manifest.json"));
    let files = Files::new();
    let spec = framework("tiny.yaml");
    for entry in manifest["files"].as_array().expect("a list") {
        let text = |key: &str| entry[key].as_str().expect("text");
        let [weights, input, expected] =
            ["file", "input", "logits"].map(|key| framework(&format!("tiny/{}", text(key))));
        let mut more = vec!["--spec", &spec, "--layout", text("layout")];
        if text("flavour") == "timm" {
            more.extend(["--padding", text("padding")]);
        }
        let found = run(&files, "tiny", &weights, &input, &more);
        let error = relative_error(&found, &logits(&expected).data);
        assert!(error < 1e-4, "{weights}: {error:e}");
    }
}

#[test]
fn keras_s_second_rescaling_can_be_overridden() {
    let files = Files::new();
    let (spec, input) = (
        framework("tiny.yaml"),
        framework("tiny/input.nhwc.64x48.npy"),
    );
    let with = |name: &str, more: &[&str]| {
        let weights = framework(&format!("tiny/{name}"));
        let common = ["--spec", &spec, "--layout", "nhwc"];
        run(
            &files,
            "tiny",
            &weights,
            &input,
            &[&common[..], more].concat(),
        )
    };
    let rescaled = with("keras_imagenet.keras", &[]);
    assert_eq!(
        rescaled,
        with("keras_imagenet.weights.h5", &["--keras-rescaling", "on"])
    );
    assert_ne!(
        rescaled,
        with("keras_imagenet.keras", &["--keras-rescaling", "off"])
    );
    let plain = with("keras_plain.h5", &[]);
    assert_eq!(plain, with("keras_plain.h5", &["--keras-rescaling", "off"]));
    assert_ne!(plain, with("keras_plain.h5", &["--keras-rescaling", "on"]));
}

/// Its stem pads (0, 1) whatever the input.
#[test]
fn transformers_is_said_to_differ_at_odd_sizes() {
    let files = Files::new();
    let (spec, output) = (framework("tiny.yaml"), files.path("y.npy"));
    let weights = framework("tiny/transformers.safetensors");
    let at = |size: &str| {
        let input = framework(&format!("tiny/input.nchw.{size}.npy"));
        efficientnet(&arguments(
            ["tiny", &weights, &input, &output],
            &["--spec", &spec],
        ))
    };
    at("36x36").success();
    at("33x47").complains(0, &[&weights, "warning", "33x47", "(0, 1)", "SAME"]);
}

#[test]
fn a_padding_that_is_not_the_library_s_is_refused() {
    let files = Files::new();
    let (spec, input) = (
        framework("tiny.yaml"),
        framework("tiny/input.nchw.64x48.npy"),
    );
    let output = files.path("y.npy");
    for (name, given) in [
        ("torchvision.f16.pth", "same"),
        ("lukemelas.legacy.pth", "symmetric"),
    ] {
        let weights = framework(&format!("tiny/{name}"));
        let more = ["--spec", &spec, "--padding", given];
        let outcome = efficientnet(&arguments(["tiny", &weights, &input, &output], &more));
        outcome.complains(2, &[&weights, "padding", "same", "symmetric"]);
    }
    assert!(files.names().is_empty());
}
