//! `efficientnet run`: logits against timm's, every way to give a tensor and a network.

mod common;

use std::fs;

use common::{Files, efficientnet, json_file, logits, npy, tensors, workspace};
use efficientnet::runtime::synthetic;
use efficientnet::spec::Options;
use serde_json::Value;

/// The arguments of a run, and more.
fn arguments<'a>(
    [variant, weights, input, output]: [&'a str; 4],
    more: &[&'a str],
) -> Vec<&'a str> {
    let mut arguments = vec!["run", variant, "--weights", weights];
    arguments.extend(["--input", input, "--output", output]);
    arguments.extend(more);
    arguments
}

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
    values.map(|x| x.as_f64().expect("a number") as f32).collect()
}

/// NHWC of NCHW.
fn nhwc(planes: &[f32], channels: usize) -> Vec<f32> {
    let pixels = planes.len() / channels;
    (0..planes.len()).map(|i| planes[i % channels * pixels + i / channels]).collect()
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
    assert_eq!(symmetric, with(&["--padding", "symmetric", "--bn-eps", "1e-5"]));
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
            assert_eq!(found, run(&files, "b0", &weights, &pixels, &more), "{height}x{width}");
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

    let little: Vec<u8> = planes.iter().flat_map(|&x| f64::from(x).to_le_bytes()).collect();
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
        assert_eq!(expected, run(&files, "b0", &weights, &input, &[]), "{input}");
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
    for part in [&weights, "`classifier.weight`", "`classifier.bias`", "1000", "7"] {
        assert!(complaint.contains(part), "`{part}` is not in: {complaint}");
    }
    let colour = files.image("colour.npy", [3, 48, 48]);
    let complaint = with(&colour, &["--in-channels", "3"]);
    assert!(complaint.contains("`conv_stem.weight`"), "{complaint}");
    let complaint = with(&colour, &[]);
    assert!(complaint.contains("3 channels, the network takes 1"), "{complaint}");
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

/// Files of a run that is right, to replace one by something wrong.
struct Right {
    files: Files,
    weights: String,
    input: String,
    output: String,
}

impl Right {
    fn new() -> Self {
        let files = Files::new();
        Self {
            weights: files.weights("b0", &Options::default()),
            input: files.image("x.npy", [3, 32, 32]),
            output: files.path("y.npy"),
            files,
        }
    }

    /// The complaint about a wrong input, in one line with all of `parts`.
    #[track_caller]
    fn refuses_input(&self, input: &str, parts: &[&str]) {
        let run = arguments(["b0", &self.weights, input, &self.output], &[]);
        efficientnet(&run).complains(2, parts);
    }
}

#[test]
fn files_that_are_no_tensors_are_refused() {
    let right = Right::new();
    let files = &right.files;
    let missing = files.path("missing.npy");
    right.refuses_input(&missing, &[&missing, "cannot be read"]);
    let text = files.write("text.npy", "1 2 3");
    right.refuses_input(&text, &[&text, "NumPy's signature"]);
    let empty = files.write("empty.npy", "");
    right.refuses_input(&empty, &[&empty]);
    let integers = files.write("i8.npy", npy("<i8", false, &[1, 3, 2, 2], &[0; 96]));
    right.refuses_input(&integers, &["`<i8`", "float32"]);
    let few = files.write("few.npy", npy("<f4", false, &[1, 3, 8, 8], &[0; 12]));
    right.refuses_input(&few, &["needs 768 bytes", "found 12"]);
    let huge = npy("<f4", false, &[1 << 40, 1 << 40, 3, 3], &[0; 12]);
    let huge = files.write("huge.npy", huge);
    right.refuses_input(&huge, &[&huge, "too many"]);
    assert_eq!(files.names().len(), 7, "no output: {:?}", files.names());
}

#[test]
fn shapes_that_are_no_images_are_refused() {
    let right = Right::new();
    let files = &right.files;
    let refuses = |shape: &[usize], parts: &[&str]| {
        let zeros = vec![0.0; shape.iter().product()];
        let input = files.array("shape.npy", shape, &zeros);
        right.refuses_input(&input, &[&[input.as_str()], parts].concat());
    };
    refuses(&[], &["3 or 4 dimensions"]);
    refuses(&[3, 8], &["[3, 8]", "3 or 4 dimensions"]);
    refuses(&[1, 1, 3, 8, 8], &["3 or 4 dimensions"]);
    refuses(&[1, 8, 8, 3], &["8 channels", "takes 3", "--layout"]);
    refuses(&[1, 0, 8, 8], &["no values"]);
    refuses(&[1, 3, 0, 8], &["no values"]);
    refuses(&[1, 3, 8, 0], &["no values"]);
    refuses(&[0, 3, 8, 8], &["no values"]);
    refuses(&[0, 3, 1 << 16, 1 << 16], &["no values"]);
    refuses(&[1, 3, 1, 1 << 17], &["65536"]);
}

#[test]
fn checkpoints_that_do_not_fit_are_refused() {
    let right = Right::new();
    let files = &right.files;
    let with = |weights: &str| {
        efficientnet(&arguments(["b0", weights, &right.input, &right.output], &[]))
    };
    let missing = files.path("missing.safetensors");
    with(&missing).complains(2, &[&missing, "cannot be read"]);
    let whole = fs::read(&right.weights).expect("a checkpoint");
    let cut = files.write("cut.safetensors", &whole[..whole.len() - 1]);
    with(&cut).complains(2, &[&cut, "not a valid safetensors file"]);
    let length = files.write("length.safetensors", [0xFF; 64]);
    with(&length).complains(2, &[&length]);
    let pickle = files.write("weights.pth", b"PK\x03\x04 and so on, a zip archive");
    with(&pickle).complains(2, &[&pickle, "safetensors.torch.save_file"]);

    // Absurd numbers of classes and channels, in a file that is valid.
    let odd = [("classifier.weight".to_owned(), vec![1 << 40, 0])];
    let odd = files.checkpoint("odd.safetensors", &odd);
    with(&odd).failure(2);
    let odd = [("conv_stem.weight".to_owned(), vec![0, 1 << 40])];
    let odd = files.checkpoint("odd.safetensors", &odd);
    with(&odd).failure(2);

    let b1 = files.weights("b1", &Options::default());
    assert!(with(&b1).failure(2).contains("blocks.0.1."));
    let mut fewer = tensors("b0", &Options::default());
    fewer.retain(|(name, _)| !name.starts_with("blocks.6.0.bn2."));
    let fewer = files.checkpoint("fewer.safetensors", &fewer);
    let complaint = with(&fewer).failure(2);
    for part in ["weight", "bias", "running_mean", "running_var"] {
        let tensor = format!("`blocks.6.0.bn2.{part}`");
        assert!(complaint.contains(&tensor), "`{tensor}` is not in: {complaint}");
    }
    assert!(!files.names().contains(&"y.npy".to_owned()));
}

#[test]
fn output_is_complete_or_untouched() {
    let right = Right::new();
    let files = &right.files;
    let to = |output: &str, input: &str| {
        efficientnet(&arguments(["b0", &right.weights, input, output], &[]))
    };
    let nowhere = files.path("none/y.npy");
    to(&nowhere, &right.input).complains(1, &[&nowhere, "cannot be written"]);
    let directory = files.path("");
    to(&directory, &right.input).complains(1, &["cannot be written"]);

    files.write("y.npy", "old");
    to(&right.output, &files.path("missing.npy")).failure(2);
    assert_eq!(fs::read(&right.output).expect("kept"), b"old");
    to(&right.output, &right.input).success();
    assert_eq!(logits(&right.output).shape, [1, 1000]);
    assert_eq!(files.names(), ["b0.safetensors", "x.npy", "y.npy"]);
}

/// A disk that is full only when the last bytes are written still is a failure.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure_of_the_system() {
    let right = Right::new();
    let run = arguments(["b0", &right.weights, &right.input, "/dev/full"], &[]);
    efficientnet(&run).complains(1, &["/dev/full", "cannot be written"]);
}

#[test]
fn variants_and_specs_that_are_wrong_are_refused() {
    let right = Right::new();
    let files = &right.files;
    let with = |variant, more: &[&str]| {
        let run = [variant, &right.weights, &right.input, &right.output];
        efficientnet(&arguments(run, more))
    };
    with("b9", &[]).complains(2, &["`b9`", "b0, b1", "lite4", "--spec"]);
    with("lite0", &["--spec", "efficientnet"]).complains(2, &["`lite0`", "b0, b1"]);
    with("b0", &["--spec", "none.yaml"]).complains(2, &["none.yaml", "efficientnet, lite"]);

    let text = fs::read_to_string(workspace("specs/efficientnet.yaml")).expect("a spec");
    let stem = text.lines().position(|line| line.starts_with("stem:"));
    let head = text.lines().position(|line| line.starts_with("head:"));
    let (stem, head) = (stem.expect("a stem") + 1, head.expect("a head") + 1);
    let wrong = text
        .replace("stem: { kernel: 3", "stem: { kernel: 4")
        .replace("head: {", "head: { size: 1,");
    let wrong = files.write("wrong.yaml", wrong);
    let complaint = with("b0", &["--spec", &wrong]).failure(2);
    for place in [format!("{wrong}:{stem}:17: "), format!("{wrong}:{head}:9: ")] {
        assert!(complaint.contains(&place), "`{place}` is not in: {complaint}");
    }
}
