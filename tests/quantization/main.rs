//! A quantised checkpoint, computed with in plain integer arithmetic, against the network in f32.

mod integers;

use std::path::{Path, PathBuf};
use std::thread;

use efficientnet::codegen::plan::Precision;
use efficientnet::codegen::{compile, compile_unfused};
use efficientnet::interpreter::Interpreter;
use efficientnet::quantization::{Calibration, QuantizeError};
use efficientnet::runtime::Padding;
use efficientnet::runtime::checkpoint::{Checkpoint, Dtype};
use efficientnet::runtime::image::{Image, Preprocess};
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::spec::{self, Architecture, Options, Output, Resolution, Spec, bundled};

/// The photos of `tests/photos`.
const PHOTOS: [&str; 4] = ["astronaut", "chelsea", "coffee", "rocket"];

/// Largest mean error of a photo's logits over its largest logit: 0.027 measured on photos, held out, and crops.
const ALLOWED: f64 = 0.04;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Google's weights of lite0, padded as they were trained.
fn weights() -> Checkpoint {
    let path = root().join("efficientnet-lite0-weights/lite0.safetensors");
    Checkpoint::open(path).expect("the weights are committed")
}

fn architecture(spec: &str, variant: &str, resolution: Option<Resolution>) -> Architecture {
    let spec = Spec::parse(bundled(spec).expect("bundled"), spec).expect("a valid spec");
    let options = Options {
        resolution,
        padding: spec::Padding::Same,
        ..Options::default()
    };
    spec.architecture(variant, &options).expect("a variant")
}

fn calibration(architecture: &Architecture, checkpoint: &Checkpoint) -> Calibration {
    Calibration::new(architecture, checkpoint, &LoadOptions::default()).expect("it fits")
}

fn photo(name: &str, checkpoint: &Checkpoint) -> Vec<f32> {
    let path: PathBuf = root().join(format!("tests/photos/{name}.jpg"));
    let preprocess = Preprocess::for_checkpoint(checkpoint, Padding::Same, "lite0", None);
    let image = Image::open(path).expect("the photo is committed");
    preprocess.expect("lite0 is known").apply(&image)
}

fn best(logits: &[f32]) -> Option<usize> {
    (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]))
}

#[test]
fn photos_have_the_classes_of_f32() {
    let (checkpoint, architecture) = (weights(), architecture("lite", "lite0", None));
    let photos = PHOTOS.map(|name| photo(name, &checkpoint));
    let mut calibration = calibration(&architecture, &checkpoint);
    photos.iter().for_each(|photo| calibration.observe(photo));
    let quantized = calibration.quantize().expect("photos are finite");

    let outputs = [Output::Logits];
    let plan = compile(&architecture, &outputs, Precision::F32)
        .expect("it compiles")
        .plan;
    let float = Interpreter::new(plan, &checkpoint, &LoadOptions::default()).expect("it fits");
    let unfused = compile_unfused(&architecture, &outputs)
        .expect("it compiles")
        .plan;
    thread::scope(|scope| {
        for (name, photo) in PHOTOS.iter().zip(&photos) {
            let (float, unfused, quantized) = (&float, &unfused, &quantized);
            scope.spawn(move || {
                let mut workspace = float.workspace();
                let expected = float.forward(photo, &mut workspace).first();
                let found = integers::forward(unfused, quantized, photo);
                assert_eq!(best(&found), best(expected), "{name}");
                let largest = expected.iter().fold(0.0f32, |most, x| most.max(x.abs()));
                let errors = found.iter().zip(expected);
                let sum: f64 = errors.map(|(f, e)| f64::from((f - e).abs())).sum();
                let error = sum / found.len() as f64 / f64::from(largest);
                assert!(error < ALLOWED, "{name}: {error}");
            });
        }
    });
}

#[test]
fn the_file_has_the_tensors_of_every_product_and_activation() {
    let resolution = Resolution {
        height: 32,
        width: 32,
    };
    let (checkpoint, architecture) = (weights(), architecture("lite", "lite0", Some(resolution)));
    let mut calibration = calibration(&architecture, &checkpoint);
    calibration.observe(&[0.5; 32 * 32 * 3]);
    calibration.observe(&[-1.0; 32 * 32 * 3]);
    let quantized = calibration.quantize().expect("images are finite");
    assert_eq!(calibration.images(), 2);
    let products = checkpoint
        .tensors()
        .filter(|tensor| matches!(tensor.shape().len(), 2 | 4));
    let mut expected = vec![
        ("input.output_scale".to_owned(), Dtype::F32, vec![1]),
        ("input.output_zero_point".to_owned(), Dtype::U8, vec![1]),
        ("global_pool.output_scale".to_owned(), Dtype::F32, vec![1]),
        (
            "global_pool.output_zero_point".to_owned(),
            Dtype::U8,
            vec![1],
        ),
    ];
    for weight in products {
        let layer = weight.name().strip_suffix(".weight").expect("a weight");
        let filters = vec![weight.shape()[0]];
        let mut add = |part: &str, dtype, shape| {
            expected.push((format!("{layer}.{part}"), dtype, shape));
        };
        add("weight", Dtype::I8, weight.shape().to_vec());
        add("weight_scale", Dtype::F32, filters.clone());
        add("bias", Dtype::F32, filters);
        if layer != "classifier" {
            add("output_scale", Dtype::F32, vec![1]);
            add("output_zero_point", Dtype::U8, vec![1]);
        }
    }
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    let found = quantized.tensors();
    let found: Vec<_> = found
        .map(|t| (t.name().to_owned(), t.dtype(), t.shape().to_vec()))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(quantized.classes(), Some(1000));
}

#[test]
fn what_cannot_be_quantised_is_refused() {
    let small = Some(Resolution {
        height: 32,
        width: 32,
    });
    let (checkpoint, lite0) = (weights(), architecture("lite", "lite0", small));
    let refused = |architecture: &Architecture, checkpoint: &Checkpoint| {
        let refused = Calibration::new(architecture, checkpoint, &LoadOptions::default());
        refused.expect_err("it is refused").to_string()
    };
    let b0 = refused(&architecture("efficientnet", "b0", small), &checkpoint);
    assert!(
        b0.contains("efficientnet-b0: layer `") && b0.contains("lite0"),
        "{b0}"
    );

    let mut empty = calibration(&lite0, &checkpoint);
    assert!(matches!(empty.quantize(), Err(QuantizeError::NoImages)));
    empty.observe(&[0.5; 32 * 32 * 3]);
    let quantized = empty.quantize().expect("an image");
    let again = refused(&lite0, &quantized);
    assert!(again.contains("quantised already"), "{again}");

    let mut damaged = calibration(&lite0, &checkpoint);
    damaged.observe(&[f32::NAN; 32 * 32 * 3]);
    let error = damaged.quantize().expect_err("not a number");
    assert!(matches!(error, QuantizeError::NotFinite { .. }), "{error}");

    // A float network of quantised weights, and what to do.
    let plan = compile(&lite0, &[Output::Logits], Precision::F32)
        .expect("it compiles")
        .plan;
    let error = Interpreter::new(plan, &quantized, &LoadOptions::default());
    let error = error.expect_err("it is quantised").to_string();
    assert!(error.contains("--precision int8"), "{error}");
}
