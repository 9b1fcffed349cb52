//! `efficientnet run`: tensors, checkpoints, specs and outputs that are wrong.

mod common;

use std::fs;

use common::{Files, arguments, command, efficientnet, logits, npy, tensors, workspace};
use efficientnet::spec::Options;

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
    right.refuses_input(&integers, &["I64", "float32"]);
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
    let wide = files.array("wide.npy", &[3, 1, 1 << 17], &vec![0.0; 3 << 17]);
    right.refuses_input(&wide, &["width is 131072", "expected 1 to 65536"]);
}

#[test]
fn checkpoints_that_do_not_fit_are_refused() {
    let right = Right::new();
    let files = &right.files;
    let with = |weights: &str| {
        efficientnet(&arguments(
            ["b0", weights, &right.input, &right.output],
            &[],
        ))
    };
    let missing = files.path("missing.safetensors");
    with(&missing).complains(2, &[&missing, "cannot be read"]);
    let whole = fs::read(&right.weights).expect("a checkpoint");
    let cut = files.write("cut.safetensors", &whole[..whole.len() - 1]);
    with(&cut).complains(2, &[&cut, "not a valid safetensors file"]);
    let length = files.write("length.safetensors", [0xFF; 64]);
    with(&length).complains(2, &[&length]);
    let pickle = files.write("weights.pth", b"PK\x03\x04 and so on, a zip archive");
    with(&pickle).complains(2, &[&pickle, "a zip archive, truncated"]);

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
        let tensor = format!("blocks.6.0.bn2.{part}");
        assert!(
            complaint.contains(&tensor),
            "`{tensor}` is not in: {complaint}"
        );
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
    let parent = format!("there is no directory {}", files.path("none"));
    // Before the input is even read.
    for input in [&right.input, &files.path("missing.npy")] {
        to(&nowhere, input).complains(2, &[&nowhere, "cannot be written", &parent]);
    }
    let directory = files.path("");
    to(&directory, &right.input).complains(2, &["cannot be written", "is a directory"]);
    // A name without a directory is one in the working directory.
    let run = arguments(["b0", &right.weights, &right.input, "here.npy"], &[]);
    let status = command(&run).current_dir(files.path("")).status();
    assert!(status.expect("the command starts").success());
    fs::remove_file(files.path("here.npy")).expect("it is there");

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

/// The logits are written all the same: Python computes them too, and comparing is what `run` is for.
#[test]
fn logits_that_are_not_finite_are_written_with_a_warning() {
    let right = Right::new();
    let input = right
        .files
        .array("nan.npy", &[1, 3, 8, 8], &[f32::NAN; 192]);
    let run = arguments(["b0", &right.weights, &input, &right.output], &[]);
    efficientnet(&run).complains(0, &[&right.output, "warning", "not all logits are finite"]);
    let logits = logits(&right.output);
    assert_eq!(logits.shape, [1, 1000]);
    assert!(logits.data.iter().any(|logit| logit.is_nan()));
}

#[test]
fn weights_that_are_not_finite_are_refused() {
    let right = Right::new();
    let mut bytes = fs::read(&right.weights).expect("a checkpoint");
    // The values come last.
    let last = bytes.len() - size_of::<f32>();
    bytes[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    let weights = right.files.write("nan.safetensors", bytes);
    let run = arguments(["b0", &weights, &right.input, &right.output], &[]);
    efficientnet(&run).complains(2, &[&weights, "tensor `", "finite", "NaN"]);
    assert!(!right.files.names().contains(&"y.npy".to_owned()));
}

#[test]
fn variants_and_specs_that_are_wrong_are_refused() {
    let right = Right::new();
    let files = &right.files;
    let with = |variant: &str, more: &[&str]| {
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
    for place in [
        format!("{wrong}:{stem}:17: "),
        format!("{wrong}:{head}:9: "),
    ] {
        assert!(
            complaint.contains(&place),
            "`{place}` is not in: {complaint}"
        );
    }
}
