//! Every instruction set of this processor against a scalar computation of the layer graph in f64.

use efficientnet::codegen::plan::Precision;
use efficientnet::interpreter::Interpreter;
use efficientnet::reference;
use efficientnet::runtime::Isa;
use efficientnet::runtime::checkpoint::{Flavour, Selection};
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::spec::{Options, Resolution, Spec};

use super::report::{Check, Report};
use super::{allowed, relative_error};
use crate::failure::Failure;
use crate::network::{self, Trained};

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
    let image = image(trained, architecture.input.channels());
    let preprocessed = trained.preprocessed(&image)?;
    let expected = reference::forward(
        &compiled.layers,
        trained.epsilon(),
        &preprocessed,
        |tensor| selection.read(&tensor.name),
    )
    .map_err(Failure::mistake)?;
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
        let error = relative_error(logits, &expected);
        report.add(Check::logits(name, error, allowed(precision)));
    }
    Ok(())
}

/// A synthetic image (NHWC), of about [-2, 2], or [0, 255] for networks that normalise it themselves.
fn image(trained: &Trained, channels: usize) -> Vec<f32> {
    let Resolution { height, width } = RESOLUTION;
    let image = network::synthetic_image(SEED, height, width, channels);
    match trained.checkpoint.flavour() {
        Some(Flavour::Keras) => image.into_iter().map(|x| (x + 2.0) * 63.75).collect(),
        _ => image,
    }
}
