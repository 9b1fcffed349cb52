//! Reference outputs and the synthetic weights they were made with.

// Each test file uses its own part of this.
#![allow(dead_code)]

use efficientnet::codegen::plan::Precision;
use std::fs;
use std::path::Path;

use efficientnet::codegen::{self, Compiled};
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::runtime::synthetic;
use efficientnet::spec::{Options, Output, Padding, Spec, bundled};
use serde::Deserialize;

/// One file of `tests/goldens`.
#[derive(Deserialize)]
pub(crate) struct Golden {
    pub(crate) bn_eps: f64,
    pub(crate) padding: String,
    pub(crate) salt: u64,
    pub(crate) cases: Vec<Case>,
    pub(crate) tensors: Vec<(String, Vec<usize>)>,
}

/// One image and what the reference made of it.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) image: Image,
    pub(crate) logits: Vec<f32>,
    pub(crate) taps: Vec<Tap>,
}

/// Arguments of the synthetic image.
#[derive(Deserialize)]
pub(crate) struct Image {
    pub(crate) seed: u64,
    pub(crate) height: usize,
    pub(crate) width: usize,
}

/// What a feature map of the reference looked like.
#[derive(Deserialize)]
pub(crate) struct Tap {
    /// `stem`, `blocks.<stage>.<index>` or `head`.
    pub(crate) at: String,
    /// NCHW.
    pub(crate) shape: [usize; 4],
    pub(crate) mean: f64,
    pub(crate) mean_abs: f64,
    /// The last values in NCHW order.
    pub(crate) last4: [f32; 4],
}

impl Golden {
    pub(crate) fn read(name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let path = root.join("tests/goldens").join(format!("{name}.json"));
        let text = fs::read_to_string(&path).expect("the golden is committed");
        serde_json::from_str(&text).expect("the golden is valid")
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        synthetic::checkpoint(&self.tensors, self.salt).expect("synthetic checkpoints are valid")
    }

    pub(crate) fn padding(&self) -> Padding {
        match self.padding.as_str() {
            "symmetric" => Padding::Symmetric,
            "same" => Padding::Same,
            other => panic!("unknown padding {other}"),
        }
    }
}

impl Image {
    /// NHWC.
    pub(crate) fn pixels(&self) -> Vec<f32> {
        image(self.seed, self.height, self.width)
    }
}

/// A synthetic image with three channels, NHWC.
pub(crate) fn image(seed: u64, height: usize, width: usize) -> Vec<f32> {
    let planes = synthetic::image(seed, height, width, 3);
    let pixels = height * width;
    (0..pixels * 3)
        .map(|i| planes[i % 3 * pixels + i / 3])
        .collect()
}

/// Every level of a variant of a bundled spec or of a file, down to the plan of its logits.
pub(crate) fn compiled(spec: &str, variant: &str, options: &Options) -> Compiled {
    compiled_for(spec, variant, options, &[Output::Logits])
}

/// Every level of a variant of a bundled spec or of a file, down to the plan of some outputs.
pub(crate) fn compiled_for(
    spec: &str,
    variant: &str,
    options: &Options,
    outputs: &[Output],
) -> Compiled {
    compiled_in(Precision::F32, spec, variant, options, outputs)
}

/// [`compiled_for`] in a precision.
pub(crate) fn compiled_in(
    precision: Precision,
    spec: &str,
    variant: &str,
    options: &Options,
    outputs: &[Output],
) -> Compiled {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = || fs::read_to_string(root.join(spec)).expect("the spec is committed");
    let text = bundled(spec).map_or_else(file, str::to_owned);
    let spec = Spec::parse(&text, spec).expect("the spec is valid");
    let architecture = spec
        .architecture(variant, options)
        .expect("a variant of the spec");
    codegen::compile(&architecture, outputs, precision).expect("it compiles")
}

/// Synthetic weights for a network.
pub(crate) fn weights(compiled: &Compiled) -> Checkpoint {
    let tensors = compiled.layers.all_tensors();
    let named: Vec<_> = tensors
        .into_iter()
        .map(|tensor| (tensor.name, tensor.shape))
        .collect();
    synthetic::checkpoint(&named, 0).expect("synthetic checkpoints are valid")
}

/// Largest difference over the largest absolute value of the reference.
pub(crate) fn relative_error(found: &[f32], expected: &[f32]) -> f32 {
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
