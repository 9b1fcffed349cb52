//! The interpreter against the scalar reference.

use std::collections::BTreeMap;

use efficientnet::Threads;
use efficientnet::codegen::Compiled;
use efficientnet::interpreter::Interpreter;
use efficientnet::reference;
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::runtime::{Isa, synthetic};
use efficientnet::spec::{Output, Spec};

use super::case::Case;
use super::levels::compiled;

const EPSILON: f64 = 1e-3;

/// Largest difference over the scale of an output. Sums of up to some thousand products in f32 (2^-24) and the
/// approximated exponential are off by less than 1e-6 a layer, and no network here has more than some dozens.
const TOLERANCE: f64 = 1e-4;

/// The scale of an output is its largest absolute value, but no less than this share of the largest in any layer:
/// rounding is relative to what sums are made of, and a network may end in a few values that nearly cancel.
const LEAST_SHARE: f64 = 1e-2;

/// Runs a case with every instruction set, alone and by a team of threads; gives how many outputs were compared.
///
/// # Panics
/// If an output is not the reference's, or a team's bits are not those of one thread.
pub(crate) fn check(case: &Case, team: &Threads) -> usize {
    let spec = Spec::parse(&case.yaml, "random.yaml").expect("random specs are valid");
    let architecture = case.architecture(&spec);
    let compiled = compiled(&architecture, &case.outputs(&architecture));
    let ((height, width), channels) = (architecture.input.size(), architecture.input.channels());
    let pixels = synthetic::image(5, height, width, channels);
    let checkpoint = weights(&compiled);
    let expected = Expected::new(&compiled, &checkpoint, &pixels);
    let mut compared = 0;
    for isa in Isa::available() {
        let load = LoadOptions {
            batch_norm_epsilon: Some(EPSILON),
            isa: Some(isa),
            ..LoadOptions::default()
        };
        let model = Interpreter::new(compiled.plan.clone(), &checkpoint, &load);
        let model = model.expect("the weights of the whole network fit");
        let alone = run(&model, &Threads::default(), &pixels);
        for (output, found) in &alone {
            let error = expected.error(*output, found);
            assert!(error < TOLERANCE, "{isa}, {output}: {error:e}");
            // An output of zeros alone says little.
            compared += usize::from(found.iter().any(|&x| x != 0.0));
        }
        assert!(
            bits(&alone) == bits(&run(&model, team, &pixels)),
            "{isa}, threads"
        );
    }
    compared
}

/// Synthetic weights of the whole network.
fn weights(compiled: &Compiled) -> Checkpoint {
    let tensors = compiled.layers.all_tensors().into_iter();
    let named: Vec<_> = tensors.map(|tensor| (tensor.name, tensor.shape)).collect();
    synthetic::checkpoint(&named, 0).expect("synthetic checkpoints are valid")
}

/// What the reference gives.
struct Expected {
    outputs: BTreeMap<Output, Vec<f64>>,
    /// Largest absolute value of any layer.
    largest: f64,
}

impl Expected {
    fn new(compiled: &Compiled, checkpoint: &Checkpoint, pixels: &[f32]) -> Self {
        let layers = &compiled.layers;
        let pixels: Vec<f64> = pixels.iter().map(|&x| f64::from(x)).collect();
        let asked = compiled.plan.outputs.iter().map(|output| {
            let layer = layers.output(output.name).expect("the network has it");
            (output.name, layers.layer(layer).name.as_str())
        });
        let asked: Vec<_> = asked.collect();
        let mut expected = Self {
            outputs: BTreeMap::new(),
            largest: 0.0,
        };
        reference::forward_observed(
            layers,
            EPSILON,
            &pixels,
            |tensor| checkpoint.read(&tensor.name),
            |layer, values| {
                expected.largest = expected.largest.max(largest(values));
                for (output, _) in asked.iter().filter(|(_, name)| *name == layer.name) {
                    expected.outputs.insert(*output, values.to_vec());
                }
            },
        )
        .expect("the checkpoint is whole");
        expected
    }

    /// Largest difference over the scale of an output.
    fn error(&self, output: Output, found: &[f32]) -> f64 {
        let expected = &self.outputs[&output];
        assert_eq!(found.len(), expected.len(), "values of {output}");
        assert!(found.iter().all(|x| x.is_finite()), "all of {output}");
        let scale = largest(expected).max(LEAST_SHARE * self.largest);
        let pairs = found.iter().zip(expected);
        let differences: Vec<_> = pairs.map(|(&f, e)| f64::from(f) - e).collect();
        largest(&differences) / scale
    }
}

/// The largest absolute value.
fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, x| most.max(x.abs()))
}

/// The outputs of the second of two forwards in a workspace: what the first left does not matter.
fn run(model: &Interpreter, threads: &Threads, pixels: &[f32]) -> Vec<(Output, Vec<f32>)> {
    let mut workspace = model.workspace_with(threads);
    let mut forward = || -> Vec<_> {
        let outputs = model.forward(pixels, &mut workspace);
        outputs
            .iter()
            .map(|(output, values)| (output.name, values.to_vec()))
            .collect()
    };
    let first = forward();
    let second = forward();
    assert!(
        bits(&first) == bits(&second),
        "what a workspace holds matters"
    );
    second
}

fn bits(outputs: &[(Output, Vec<f32>)]) -> Vec<u32> {
    let values = outputs.iter().flat_map(|(_, values)| values);
    values.map(|x| x.to_bits()).collect()
}
