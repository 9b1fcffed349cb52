//! The scalar reference against timm's logits, and the interpreter against the scalar reference
//! where timm's are not: odd, rectangular and tiny images, other classes and channels.

mod common;

use common::{Golden, compiled, image, weights};
use efficientnet::codegen::Compiled;
use efficientnet::interpreter::Interpreter;
use efficientnet::reference;
use efficientnet::runtime::Isa;
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::spec::{Options, Padding, Resolution};

/// The reference's logits.
fn reference(
    compiled: &Compiled,
    checkpoint: &Checkpoint,
    epsilon: f64,
    pixels: &[f32],
) -> Vec<f64> {
    let read = |tensor: &efficientnet::spec::Tensor| checkpoint.read(&tensor.name);
    let pixels: Vec<f64> = pixels.iter().map(|&x| f64::from(x)).collect();
    reference::forward(&compiled.layers, epsilon, &pixels, read).expect("the checkpoint is whole")
}

/// Largest difference over the largest absolute value expected.
fn error(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len(), "number of logits");
    let largest = expected.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    let differences = found.iter().zip(expected);
    let most = differences
        .map(|(&found, expected)| (f64::from(found) - expected).abs())
        .fold(0.0, f64::max);
    most / largest
}

/// The goldens' logits were computed in f64 too, and rounded to f32 once.
#[test]
fn the_reference_is_timm_s_in_f64() {
    for (golden, spec, variant) in [
        ("efficientnet_b0", "efficientnet", "b0"),
        ("tf_efficientnet_lite0", "lite", "lite0"),
    ] {
        let golden = Golden::read(golden);
        let case = &golden.cases[0];
        let options = Options {
            padding: golden.padding(),
            ..Options::default()
        };
        let compiled = compiled(spec, variant, &options);
        let checkpoint = golden.checkpoint();
        let logits = reference(&compiled, &checkpoint, golden.bn_eps, &case.image.pixels());
        let error = error(&case.logits, &logits);
        assert!(error < 1e-6, "{variant}: {error:e}");
    }
}

#[test]
fn every_instruction_set_agrees_with_the_reference() {
    for (spec, variant, [height, width], padding, classes, channels) in [
        ("efficientnet", "b0", [1, 1], Padding::Same, 1000, 3),
        ("efficientnet", "b0", [33, 64], Padding::Same, 10, 1),
        ("efficientnet", "b0", [65, 31], Padding::Symmetric, 3, 3),
        ("efficientnet", "b1", [47, 47], Padding::Same, 7, 2),
        ("efficientnet", "b2", [32, 50], Padding::Symmetric, 17, 3),
        ("efficientnet", "b3", [2, 3], Padding::Symmetric, 9, 3),
        ("efficientnet", "b5", [40, 33], Padding::Same, 11, 3),
        ("lite", "lite0", [49, 97], Padding::Symmetric, 5, 3),
        ("lite", "lite4", [17, 35], Padding::Same, 5, 1),
    ] {
        let options = Options {
            resolution: Some(Resolution { height, width }),
            classes: Some(classes),
            in_channels: Some(channels),
            padding,
        };
        let compiled = compiled(spec, variant, &options);
        let checkpoint = weights(&compiled);
        let pixels = &image(7, height, width)[..height * width * channels];
        let expected = reference(&compiled, &checkpoint, 1e-3, pixels);
        for isa in Isa::available() {
            let load = LoadOptions {
                batch_norm_epsilon: Some(1e-3),
                isa: Some(isa),
                ..LoadOptions::default()
            };
            let model = Interpreter::new(compiled.plan.clone(), &checkpoint, &load)
                .expect("the synthetic checkpoint fits");
            let mut workspace = model.workspace();
            let error = error(model.forward(pixels, &mut workspace).first(), &expected);
            let case = format!("{isa} {variant} {height}x{width} {padding}");
            assert!(error < 1e-5, "{case}: {error:e}");
        }
    }
}
