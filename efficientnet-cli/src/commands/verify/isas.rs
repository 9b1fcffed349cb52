//! Every instruction set of this processor against a scalar computation of the layer graph in f64.

use efficientnet::codegen::plan::Precision;
use efficientnet::interpreter::Interpreter;
use efficientnet::reference;
use efficientnet::runtime::Isa;
use efficientnet::runtime::checkpoint::{Flavour, Selection};
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::spec::{Options, Resolution, Spec};

use super::errors::Errors;
use super::report::{Check, Report};
use crate::failure::Failure;
use crate::network::{self, FloatWeights, Trained};

/// Small, so that the scalar computation of B7 takes a second or two; odd and not square, so that pads
/// and tails matter.
const RESOLUTION: Resolution = Resolution {
    height: 65,
    width: 97,
};

/// Seed of the image.
const SEED: u64 = 1;

pub(super) fn check(
    spec: &Spec,
    variant: &str,
    precision: Precision,
    trained: &Trained,
    selection: &Selection<'_>,
    report: &mut Report,
) -> Result<(), Failure> {
    let options = Options {
        resolution: Some(RESOLUTION),
        ..trained.options()
    };
    let architecture = network::architecture(spec, variant, &options)?;
    let compiled = network::compile(&architecture, precision)?;
    let image = image(trained, selection, architecture.input.channels())?;
    let preprocessed = trained.preprocessed(&image)?;
    let mut floats = FloatWeights::new(selection, precision);
    let epsilon = trained.epsilon().unwrap_or_default();
    let expected = reference::forward(&compiled.layers, epsilon, &preprocessed, |tensor| {
        floats.read(tensor)
    })
    .map_err(Failure::mistake)?;
    let mut bits = Vec::new();
    for isa in Isa::available() {
        let load = LoadOptions {
            isa: Some(isa),
            ..trained.load
        };
        let model = Interpreter::new(compiled.plan.clone(), &trained.checkpoint, &load)
            .map_err(Failure::mistake)?;
        let mut workspace = model.workspace();
        let logits = model.forward(&image, &mut workspace).first();
        let name = format!("{isa} at {RESOLUTION}");
        let errors = Errors::new(logits, &expected);
        report.add(Check::logits(name, errors, precision));
        bits.push((isa, logits.iter().copied().map(f32::to_bits).collect()));
    }
    // Sums of integers have no order.
    if precision == Precision::Int8 {
        report.add(same_bits(&bits));
    }
    Ok(())
}

/// Whether all instruction sets give the logits of the first.
fn same_bits(logits: &[(Isa, Vec<u32>)]) -> Check {
    const NAME: &str = "bits of the logits";
    let others = logits.iter().filter(|(_, bits)| *bits != logits[0].1);
    let others: Vec<_> = others.map(|(isa, _)| isa.to_string()).collect();
    match others.is_empty() {
        true => Check::agrees(NAME, "the same in all of these".to_owned()),
        false => Check::differs(NAME, format!("others in {}", others.join(", "))),
    }
}

/// A synthetic image (NHWC), of about [-2, 2], or of the values that a network takes: [0, 255] where it normalises them
/// itself, those that have codes where it is quantised.
fn image(
    trained: &Trained,
    selection: &Selection<'_>,
    channels: usize,
) -> Result<Vec<f32>, Failure> {
    let Resolution { height, width } = RESOLUTION;
    let image = network::synthetic_image(SEED, height, width, channels);
    let [least, most] = if trained.checkpoint.is_quantized() {
        network::input_range(selection).map_err(Failure::mistake)?
    } else if trained.checkpoint.flavour() == Some(Flavour::Keras) {
        [0.0, 255.0]
    } else {
        return Ok(image);
    };
    let values = image.into_iter();
    Ok(values
        .map(|x| least + (x + 2.0) / 4.0 * (most - least))
        .collect())
}
