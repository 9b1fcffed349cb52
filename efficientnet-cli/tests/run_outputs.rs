//! `efficientnet run --outputs`: features and feature maps, in the layout that is asked for.

mod common;

use common::{Files, arguments, efficientnet, json_file, logits, workspace};
use efficientnet::runtime::npy::Array;
use efficientnet::runtime::synthetic;
use efficientnet::spec::Options;
use serde_json::Value;

/// The result of a run that succeeds.
#[track_caller]
fn run(files: &Files, [weights, input]: [&str; 2], more: &[&str]) -> Array {
    let output = files.path("result.npy");
    let text = efficientnet(&arguments(["b0", weights, input, &output], more)).success();
    assert_eq!(text, "");
    logits(&output)
}

/// Largest difference over the largest absolute value of the reference.
fn relative_error(found: &[f32], expected: &Value) -> f64 {
    let expected = expected.as_array().expect("an array").iter();
    let expected: Vec<f64> = expected.map(|x| x.as_f64().expect("a number")).collect();
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    let pairs = found.iter().zip(&expected);
    let differences = pairs.map(|(f, e)| (f64::from(*f) - e).abs());
    differences.fold(0.0, f64::max) / largest
}

/// timm's features and maps, in both layouts.
#[test]
fn maps_and_features_are_timms() {
    let golden = json_file(&workspace("tests/goldens/outputs_efficientnet_b0.json"));
    let files = Files::new();
    let weights = files.weights("b0", &Options::default());
    let planes = synthetic::image(4, 93, 70, 3);
    let input = files.array("x.npy", &[1, 3, 93, 70], &planes);
    let features = run(&files, [&weights, &input], &["--outputs", "features"]);
    assert_eq!(features.shape, [1, 1280]);
    assert!(relative_error(&features.data, &golden["features"]) < 1e-4);
    let pixels: Vec<f32> = (0..planes.len())
        .map(|i| planes[i % 3 * 93 * 70 + i / 3])
        .collect();
    let nhwc_input = files.array("nhwc.npy", &[1, 93, 70, 3], &pixels);
    for map in golden["maps"].as_array().expect("an array") {
        let name = map["name"].as_str().expect("a name");
        let extent = |i: usize| map["shape"][i].as_u64().expect("a size") as usize;
        let [height, width, channels] = [extent(0), extent(1), extent(2)];
        let outputs = ["--outputs", name];
        let nchw = run(&files, [&weights, &input], &outputs);
        assert_eq!(nchw.shape, [1, channels, height, width]);
        let outputs = ["--outputs", name, "--layout", "nhwc"];
        let nhwc = run(&files, [&weights, &nhwc_input], &outputs);
        assert_eq!(nhwc.shape, [1, height, width, channels]);
        let sampled: Vec<f32> = nhwc.data.iter().step_by(13).copied().collect();
        assert!(relative_error(&sampled, &map["every_13th"]) < 1e-4);
        for (i, value) in nhwc.data.iter().enumerate() {
            let (pixel, channel) = (i / channels, i % channels);
            assert_eq!(*value, nchw.data[channel * height * width + pixel]);
        }
    }
}

/// Results of a batch follow each other; maps of one pixel keep their dimensions.
#[test]
fn batches_and_pixels() {
    let files = Files::new();
    let weights = files.weights("b0", &Options::default());
    let planes = synthetic::image(1, 32, 32, 6);
    let batch = files.array("batch.npy", &[2, 3, 32, 32], &planes);
    let head = run(&files, [&weights, &batch], &["--outputs", "head"]);
    assert_eq!(head.shape, [2, 1280, 1, 1]);
    let features = run(&files, [&weights, &batch], &["--outputs", "features"]);
    assert_eq!(
        (&features.shape[..], &features.data),
        (&[2, 1280][..], &head.data)
    );
    let second = files.array("second.npy", &[3, 32, 32], &planes[3 * 32 * 32..]);
    let alone = run(&files, [&weights, &second], &["--outputs", "head"]);
    assert_eq!(alone.data, head.data[1280..]);
}

#[test]
fn a_backbone_needs_no_classifier() {
    let files = Files::new();
    let mut tensors = common::tensors("b0", &Options::default());
    tensors.retain(|(name, _)| !name.starts_with("classifier."));
    let weights = files.checkpoint("backbone.safetensors", &tensors);
    let input = files.image("x.npy", [3, 32, 32]);
    let map = run(&files, [&weights, &input], &["--outputs", "block3"]);
    assert_eq!(map.shape, [1, 40, 4, 4]);
}

#[test]
fn unknown_outputs_are_a_mistake() {
    let files = Files::new();
    let weights = files.weights("b0", &Options::default());
    let input = files.image("x.npy", [3, 32, 32]);
    let output = files.path("y.npy");
    let with = ["--outputs", "blok3"];
    let outcome = efficientnet(&arguments(["b0", &weights, &input, &output], &with));
    outcome.complains(
        2,
        &["--outputs", "`blok3`", "features", "did you mean `block3`?"],
    );
    assert!(!files.names().contains(&"y.npy".to_owned()));
}
