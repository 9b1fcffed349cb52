//! Reference outputs and the synthetic weights they were made with.

use std::fs;
use std::path::Path;

use efficientnet::codegen::{self, plan::Plan};
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::runtime::synthetic;
use efficientnet::spec::{Options, Padding, Spec, bundled};
use serde::Deserialize;

/// One file of `tests/goldens`.
#[derive(Deserialize)]
pub struct Golden {
    pub bn_eps: f64,
    pub padding: String,
    pub salt: u64,
    pub cases: Vec<Case>,
    pub tensors: Vec<(String, Vec<usize>)>,
}

/// One image and what the reference made of it.
#[derive(Deserialize)]
pub struct Case {
    pub image: Image,
    pub logits: Vec<f32>,
    pub taps: Vec<Tap>,
}

/// Arguments of the synthetic image.
#[derive(Deserialize)]
pub struct Image {
    pub seed: u64,
    pub height: usize,
    pub width: usize,
}

/// What a feature map of the reference looked like.
#[derive(Deserialize)]
pub struct Tap {
    /// `stem`, `blocks.<stage>.<index>` or `head`.
    pub at: String,
    /// NCHW.
    pub shape: [usize; 4],
    pub mean: f64,
    pub mean_abs: f64,
    /// The last values in NCHW order.
    pub last4: [f32; 4],
}

impl Golden {
    pub fn read(name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let path = root.join("tests/goldens").join(format!("{name}.json"));
        let text = fs::read_to_string(&path).expect("the golden is committed");
        serde_json::from_str(&text).expect("the golden is valid")
    }

    pub fn checkpoint(&self) -> Checkpoint {
        synthetic::checkpoint(&self.tensors, self.salt).expect("synthetic checkpoints are valid")
    }

    pub fn padding(&self) -> Padding {
        match self.padding.as_str() {
            "symmetric" => Padding::Symmetric,
            "same" => Padding::Same,
            other => panic!("unknown padding {other}"),
        }
    }
}

impl Image {
    /// NHWC.
    pub fn pixels(&self) -> Vec<f32> {
        image(self.seed, self.height, self.width)
    }
}

/// A synthetic image with three channels, NHWC.
pub fn image(seed: u64, height: usize, width: usize) -> Vec<f32> {
    let planes = synthetic::image(seed, height, width, 3);
    let pixels = height * width;
    (0..pixels * 3)
        .map(|i| planes[i % 3 * pixels + i / 3])
        .collect()
}

/// The plan of a bundled variant.
pub fn plan(spec: &str, variant: &str, options: &Options) -> Plan {
    let text = bundled(spec).expect("a bundled spec");
    let spec = Spec::parse(text, spec).expect("the bundled specs are valid");
    let architecture = spec
        .architecture(variant, options)
        .expect("a variant of the spec");
    codegen::compile(&architecture).expect("it compiles").plan
}

/// Largest difference over the largest absolute value of the reference.
pub fn relative_error(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len(), "number of logits");
    let largest = expected.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    let error = found
        .iter()
        .zip(expected)
        .map(|(f, e)| (f - e).abs())
        .fold(0.0, f32::max);
    assert!(found.iter().all(|x| x.is_finite()), "all logits are finite");
    error / largest
}
