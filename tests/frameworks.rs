//! Checkpoints that the frameworks themselves wrote: logits equal the framework's own.
//!
//! `tests/frameworks/tiny` is committed. Where `tests/frameworks/setup` has run, whole variants in
//! every format are in `target/frameworks` and are compared as well.

mod common;

use efficientnet::codegen::plan::Precision;
use std::fs;
use std::path::{Path, PathBuf};

use efficientnet::codegen::{self, Compiled};
use efficientnet::interpreter::Interpreter;
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::runtime::npy::Array;
use efficientnet::runtime::weights::{LoadError, LoadOptions};
use efficientnet::spec::{Options, Output, Padding, Resolution, Spec, bundled};
use serde::Deserialize;

/// `manifest.json` beside the files.
#[derive(Deserialize)]
struct Manifest {
    files: Vec<Entry>,
}

/// One checkpoint, an input and what the framework made of it.
#[derive(Deserialize)]
struct Entry {
    file: String,
    flavour: String,
    variant: String,
    classes: usize,
    padding: String,
    bn_eps: f64,
    keras_rescaling: Option<bool>,
    input: String,
    layout: String,
    logits: String,
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn manifest(folder: &Path) -> Vec<Entry> {
    let text = fs::read_to_string(folder.join("manifest.json")).expect("there is a manifest");
    let manifest: Manifest = serde_json::from_str(&text).expect("the manifest is valid");
    manifest.files
}

impl Entry {
    fn padding(&self) -> Padding {
        match self.padding.as_str() {
            "symmetric" => Padding::Symmetric,
            "same" => Padding::Same,
            other => panic!("unknown padding {other}"),
        }
    }

    /// Height, width and the image's values, NHWC.
    fn image(&self, folder: &Path) -> (usize, usize, Vec<f32>) {
        let array = Array::read(folder.join(&self.input)).expect("an array");
        let [1, a, b, c] = array.shape[..] else {
            panic!("{}: one image expected", self.input);
        };
        match self.layout.as_str() {
            "nhwc" => (a, b, array.data),
            "nchw" => {
                let pixels = b * c;
                let pixel = |i| array.data[i % a * pixels + i / a];
                (b, c, (0..pixels * a).map(pixel).collect())
            }
            other => panic!("unknown layout {other}"),
        }
    }

    /// The network of the entry, for an image of this size.
    fn compiled(&self, (height, width): (usize, usize), padding: Padding) -> Compiled {
        let tiny = folder("tests/frameworks/tiny.yaml");
        let text = match self.variant.as_str() {
            "tiny" => fs::read_to_string(tiny).expect("the spec is committed"),
            _ => bundled("efficientnet").expect("a bundled spec").to_owned(),
        };
        let spec = Spec::parse(&text, "spec").expect("the spec is valid");
        let options = Options {
            resolution: Some(Resolution { height, width }),
            classes: Some(self.classes),
            padding,
            ..Options::default()
        };
        let architecture = spec.architecture(&self.variant, &options);
        let architecture = architecture.expect("a variant of the spec");
        codegen::compile(&architecture, &[Output::Logits], Precision::F32).expect("it compiles")
    }

    fn check(&self, folder: &Path) {
        let file = folder.join(&self.file);
        let checkpoint = Checkpoint::open(&file).expect("the checkpoint is read");
        let flavour = checkpoint.flavour().expect("the flavour is detected");
        let flavour = format!("{flavour:?}").to_lowercase();
        assert!(
            self.flavour.starts_with(&flavour),
            "{}: {flavour}",
            self.file
        );
        assert_eq!(checkpoint.classes(), Some(self.classes), "{}", self.file);
        assert_eq!(checkpoint.in_channels(), Some(3), "{}", self.file);

        let (height, width, image) = self.image(folder);
        let compiled = self.compiled((height, width), self.padding());
        // Of a flavour whose names fix it, the epsilon is not given.
        let epsilon = flavour == "timm";
        let options = LoadOptions {
            batch_norm_epsilon: epsilon.then_some(self.bn_eps),
            ..LoadOptions::default()
        };
        let model = Interpreter::new(compiled.plan, &checkpoint, &options);
        let model = model.unwrap_or_else(|error| panic!("{error}"));
        let expected = Array::read(folder.join(&self.logits)).expect("an array");
        let mut workspace = model.workspace();
        let found = model.forward(&image, &mut workspace);
        let error = common::relative_error(found.first(), &expected.data);
        println!("{}: {error:.1e}", self.file);
        assert!(error < 1e-4, "{}: {error:.1e}", self.file);
    }
}

#[test]
fn logits_equal_those_of_the_framework() {
    let tiny = folder("tests/frameworks/tiny");
    let entries = manifest(&tiny);
    assert!(entries.len() > 20);
    for entry in entries {
        entry.check(&tiny);
    }
}

#[test]
fn logits_of_whole_variants_equal_those_of_the_framework() {
    let made = folder("target/frameworks");
    if !made.join("manifest.json").is_file() {
        println!(
            "not there: run tests/frameworks/setup to have the frameworks write {}",
            made.display()
        );
        return;
    }
    for entry in manifest(&made) {
        entry.check(&made);
    }
}

/// Both kinds of Keras networks: what the file says can be overridden, and then logits differ.
#[test]
fn the_second_rescaling_of_keras_can_be_overridden() {
    let tiny = folder("tests/frameworks/tiny");
    let mut kinds = [false; 2];
    for entry in manifest(&tiny) {
        let Some(rescaling) = entry.keras_rescaling else {
            continue;
        };
        kinds[usize::from(rescaling)] = true;
        let (height, width, image) = entry.image(&tiny);
        let expected = Array::read(tiny.join(&entry.logits)).expect("an array");
        for choice in [true, false] {
            let options = LoadOptions {
                keras_rescaling: Some(choice),
                ..LoadOptions::default()
            };
            let plan = entry.compiled((height, width), Padding::Same).plan;
            let model =
                Interpreter::load(plan, tiny.join(&entry.file), &options).expect("it loads");
            let mut workspace = model.workspace();
            let found = model.forward(&image, &mut workspace);
            let error = common::relative_error(found.first(), &expected.data);
            assert_eq!(
                error < 1e-4,
                choice == rescaling,
                "{}, {choice}: {error}",
                entry.file
            );
        }
    }
    assert_eq!(kinds, [true; 2], "both kinds are there");
}

/// The other padding is refused where names fix it, with the argument to change.
#[test]
fn a_model_of_the_other_padding_refuses() {
    let tiny = folder("tests/frameworks/tiny");
    for entry in manifest(&tiny) {
        let (height, width, _) = entry.image(&tiny);
        let (other, name) = match entry.padding() {
            Padding::Symmetric => (Padding::Same, "symmetric"),
            Padding::Same => (Padding::Symmetric, "same"),
        };
        let plan = entry.compiled((height, width), other).plan;
        let loaded = Interpreter::load(plan, tiny.join(&entry.file), &LoadOptions::default());
        match loaded {
            Ok(_) => assert!(entry.flavour.starts_with("timm"), "{}", entry.file),
            Err(error @ LoadError::Padding { .. }) => {
                let advice = format!("change the model's `padding` to \"{name}\"");
                assert!(error.to_string().ends_with(&advice), "{error}");
            }
            Err(other) => panic!("{other}"),
        }
    }
}
