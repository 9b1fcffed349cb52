use std::fs;

use proptest::prelude::*;

use super::{PackedError, PackedFile, write_packed};
use crate::checkpoint::Padding;
use crate::kernels::Isa;
use crate::synthetic;
use crate::weights::{Affine, Layer, LoadError, LoadOptions, Network, Weights};

const LAYERS: [Layer<'static>; 5] = [
    Layer::convolution("conv_stem", Affine::Norm("bn1"), 3, 17, 3),
    Layer::depthwise("conv_dw", Affine::Norm("bn2"), 17, 5),
    Layer::squeeze_excite("reduce", "expand", 17, 4),
    Layer::pointwise("conv_pw", Affine::None, 17, 40),
    Layer::dense("classifier", 40, 10),
];

fn network(layers: &'static [Layer<'static>], padding: Padding) -> Network<'static> {
    Network {
        name: "test-b0",
        layers,
        unused: &[],
        padding,
        batch_norm_epsilon: None,
    }
}

fn weights(network: &Network<'_>, isa: Isa) -> Weights {
    let tensors: Vec<_> = network.layers.iter().flat_map(Layer::tensors).collect();
    let checkpoint = synthetic::checkpoint(&tensors, 1).unwrap();
    let options = LoadOptions {
        isa: Some(isa),
        ..LoadOptions::default()
    };
    Weights::pack(network, &checkpoint, &options).unwrap()
}

/// A packed file's bytes, and the weights in it.
fn packed(isa: Isa) -> (Vec<u8>, Weights) {
    let network = network(&LAYERS, Padding::Same);
    let weights = weights(&network, isa);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.packed");
    write_packed(&path, &network, &weights).unwrap();
    (fs::read(path).unwrap(), weights)
}

fn open(bytes: &[u8], network: &Network<'_>, isa: Isa) -> Result<Weights, LoadError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.packed");
    fs::write(&path, bytes).unwrap();
    let options = LoadOptions {
        isa: Some(isa),
        ..LoadOptions::default()
    };
    // The mapping outlives the name.
    Weights::load(network, &path, &options)
}

fn refusal(bytes: &[u8], network: &Network<'_>, isa: Isa) -> String {
    match open(bytes, network, isa) {
        Err(LoadError::Packed(error)) => error.to_string(),
        other => panic!("expected a refusal of packed weights, found {other:?}"),
    }
}

#[test]
fn mapped_weights_are_the_packed_ones() {
    for isa in Isa::available() {
        let (bytes, weights) = packed(isa);
        let mapped = open(&bytes, &network(&LAYERS, Padding::Same), isa).unwrap();
        assert_eq!(mapped.isa(), isa);
        for index in 0..LAYERS.len() {
            let values = mapped[index].values();
            assert_eq!(values, weights[index].values(), "{isa}, layer {index}");
            assert_eq!(values.as_ptr() as usize % 64, 0, "{isa}, layer {index}");
        }
    }
}

#[test]
fn weights_for_anything_else_are_refused() {
    let isa = Isa::detect();
    let (bytes, _) = packed(isa);
    let other = refusal(&bytes, &network(&LAYERS[1..], Padding::Same), isa);
    let expected = "its weights are packed for model another spec of test-b0, expected test-b0; pack them again";
    assert!(other.ends_with(expected), "{other}");
    let padding = refusal(&bytes, &network(&LAYERS, Padding::Symmetric), isa);
    assert!(
        padding.contains("padding same, expected symmetric"),
        "{padding}"
    );
    for other in Isa::available().into_iter().filter(|&other| other != isa) {
        let message = refusal(&bytes, &network(&LAYERS, Padding::Same), other);
        let expected = format!("instruction set {isa}, expected {other}");
        assert!(message.contains(&expected), "{message}");
    }
}

#[test]
fn a_truncated_file_is_refused() {
    let isa = Isa::detect();
    let (bytes, _) = packed(isa);
    let network = network(&LAYERS, Padding::Same);
    for length in (super::header::MAGIC.len()..200).chain([bytes.len() - 4]) {
        let message = refusal(&bytes[..length], &network, isa);
        assert!(
            message.contains("damaged packed weights: it"),
            "{length}: {message}"
        );
    }
    let longer = [&bytes[..], &[0; 4]].concat();
    assert!(refusal(&longer, &network, isa).contains("its header describes"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stands in a header: a refusal, or weights of the right lengths.
    #[test]
    fn a_damaged_header_never_panics(at in 8usize..180, byte: u8) {
        let isa = Isa::detect();
        let (mut bytes, weights) = packed(isa);
        bytes[at] = byte;
        if let Ok(mapped) = open(&bytes, &network(&LAYERS, Padding::Same), isa) {
            for index in 0..LAYERS.len() {
                prop_assert_eq!(mapped[index].values().len(), weights[index].values().len());
            }
        }
    }
}

#[test]
fn a_missing_file_is_named() {
    let network = network(&LAYERS, Padding::Same);
    let error = Weights::load(&network, "no/such.packed", &LoadOptions::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("no/such.packed: cannot be read")
    );
    let error = PackedFile::open("no/such.packed").unwrap_err();
    assert!(matches!(error, PackedError::Read { .. }));
}
