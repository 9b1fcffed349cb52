//! A quantised checkpoint, computed with in plain integer arithmetic, against the network in f32.

mod integers;

use std::path::{Path, PathBuf};
use std::thread;

use efficientnet::codegen::plan::Precision;
use efficientnet::codegen::{compile, compile_unfused};
use efficientnet::interpreter::Interpreter;
use efficientnet::quantization::{Calibration, QuantizeError};
use efficientnet::runtime::checkpoint::{Checkpoint, Dtype};
use efficientnet::runtime::image::{Image, Preprocess};
use efficientnet::runtime::synthetic;
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::runtime::{Isa, Model, Padding, Threads, kernels};
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

/// The int8 network on each instruction set of this machine.
fn on_every_isa(architecture: &Architecture, quantized: &Checkpoint) -> Vec<(Isa, Interpreter)> {
    let compiled = compile(architecture, &[Output::Logits], Precision::Int8);
    let plan = compiled.expect("it compiles").plan;
    let model = |isa| {
        let options = LoadOptions {
            isa: Some(isa),
            ..LoadOptions::default()
        };
        Interpreter::new(plan.clone(), quantized, &options).expect("it fits")
    };
    let isas = Isa::available().into_iter();
    isas.map(|isa| (isa, model(isa))).collect()
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
    let int8 = on_every_isa(&architecture, &quantized);
    thread::scope(|scope| {
        for (name, photo) in PHOTOS.iter().zip(&photos) {
            let (float, unfused, quantized, int8) = (&float, &unfused, &quantized, &int8);
            scope.spawn(move || {
                let mut workspace = float.workspace();
                let expected = float.forward(photo, &mut workspace).first();
                let found = integers::forward(unfused, quantized, photo);
                assert_eq!(best(&found), best(expected), "{name}");
                for (isa, model) in int8 {
                    let mut workspace = model.workspace();
                    let logits = model.forward(photo, &mut workspace).first();
                    assert_eq!(logits, found, "{name} {isa}");
                }
                let largest = expected.iter().fold(0.0f32, |most, x| most.max(x.abs()));
                let errors = found.iter().zip(expected);
                let sum: f64 = errors.map(|(f, e)| f64::from((f - e).abs())).sum();
                let error = sum / found.len() as f64 / f64::from(largest);
                assert!(error < ALLOWED, "{name}: {error}");
            });
        }
    });
}

#[efficientnet::model(
    spec = "lite",
    variant = "lite0",
    padding = "same",
    precision = "int8",
    resolution = [64, 96],
    outputs = ["stem", "block3", "features", "logits"],
)]
struct Quantized;

/// The macro's code, the interpreter, and any number of threads; asking for maps changes nothing.
#[test]
fn everybody_computes_the_same_bits() {
    assert_eq!(Quantized::PRECISION, kernels::Precision::Int8);
    let resolution = Resolution {
        height: 64,
        width: 96,
    };
    let (checkpoint, architecture) = (weights(), architecture("lite", "lite0", Some(resolution)));
    let image = synthetic::image(5, 64, 96, 3);
    let mut calibration = calibration(&architecture, &checkpoint);
    calibration.observe(&image);
    let quantized = calibration.quantize().expect("an image");
    let unfused = compile_unfused(&architecture, &[Output::Logits]).expect("it compiles");
    let expected = integers::forward(&unfused.plan, &quantized, &image);

    let model = Quantized::from_checkpoint(&quantized, &LoadOptions::default()).expect("it fits");
    let pixels: &[f32; 64 * 96 * 3] = image.as_slice().try_into().expect("an image");
    for threads in 1..=4 {
        let mut workspace = Quantized::workspace_with(&Threads::new(threads).expect("threads"));
        let found = model.forward(pixels, &mut workspace);
        assert_eq!(found.logits[..], expected, "{threads} threads");
        for (name, values) in [
            ("conv_stem", &found.stem[..]),
            ("global_pool", &found.features[..]),
        ] {
            are_codes(&quantized, name, values);
        }
        are_codes(&quantized, "blocks.2.1.conv_pwl", &found.block3[..]);
    }
    for (isa, model) in on_every_isa(&architecture, &quantized) {
        let mut workspace = model.workspace();
        let found = model.forward(&image, &mut workspace).first();
        assert_eq!(found, expected, "{isa}");
    }
}

/// Checks that values are what an activation's codes stand for, of which there are several.
fn are_codes(quantized: &Checkpoint, activation: &str, values: &[f32]) {
    let [scale, zero_point] = ["output_scale", "output_zero_point"].map(|part| {
        let tensor = quantized.tensor(&format!("{activation}.{part}"));
        tensor.expect("there").to_f32().expect("readable")[0]
    });
    let mut codes: Vec<_> = values
        .iter()
        .map(|x| (x / scale + zero_point).round())
        .collect();
    for (value, code) in values.iter().zip(&codes) {
        assert_eq!(*value, (code - zero_point) * scale, "{activation}");
        assert!((0.0..=255.0).contains(code), "{activation}: {code}");
    }
    codes.sort_by(f32::total_cmp);
    codes.dedup();
    assert!(codes.len() > 20, "{activation} has {} codes", codes.len());
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
        b0.contains("layer `stem") && b0.contains("silu") && b0.contains("lite"),
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
