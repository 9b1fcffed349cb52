//! Weights that become part of the binary.

use efficientnet::Model;
use efficientnet::runtime::weights::LoadError;

#[efficientnet::model(
    spec = "tests/frameworks/tiny.yaml",
    variant = "tiny",
    resolution = [33, 47],
    weights = "tests/frameworks/tiny/timm.safetensors"
)]
pub struct Timm;

#[efficientnet::model(
    spec = "tests/frameworks/tiny.yaml",
    variant = "tiny",
    resolution = 64,
    padding = "same",
    bn_eps = 1e-3,
    outputs = ["block2", "features"],
    weights = "tests/frameworks/tiny/keras_plain.weights.h5"
)]
pub struct Keras;

#[test]
fn embedded_weights_are_those_of_the_file() -> Result<(), LoadError> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/frameworks/tiny/timm.safetensors"
    );
    let (embedded, loaded) = (Timm::embedded()?, Timm::load(path)?);
    let image = [0.5; 33 * 47 * 3];
    let (mut one, mut other) = (Timm::workspace(), Timm::workspace());
    assert_eq!(
        embedded.forward(&image, &mut one),
        loaded.forward(&image, &mut other)
    );
    Ok(())
}

#[test]
fn a_backbone_takes_what_it_needs() -> Result<(), LoadError> {
    assert_eq!(Keras::BATCH_NORM_EPSILON, Some(1e-3));
    let model = Keras::embedded()?;
    let mut workspace = Keras::workspace();
    let outputs = model.forward(&[100.0; 64 * 64 * 3], &mut workspace);
    assert!(
        outputs
            .block2
            .iter()
            .chain(outputs.features)
            .all(|x| x.is_finite())
    );
    Ok(())
}
