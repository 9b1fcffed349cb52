use std::fs;

use proptest::prelude::*;

use super::{PackedError, PackedFile, write_packed};
use crate::checkpoint::Padding;
use crate::kernels::Isa;
use crate::synthetic;
use crate::weights::{Affine, Layer, LoadError, LoadOptions, Network, Weights};

const LAYERS: [Layer<'static>; 5] = [
    Layer::stem("conv_stem", Affine::Norm("bn1"), 3, 17, 3),
    Layer::depthwise("conv_dw", Affine::Norm("bn2"), 17, 5),
    Layer::squeeze_excite("reduce", "expand", 17, 4),
    Layer::pointwise("conv_pw", Affine::None, 17, 40),
    Layer::dense("classifier", 40, 10),
];

/// One layer is wider.
const OTHER: [Layer<'static>; 5] = [
    LAYERS[0],
    LAYERS[1],
    LAYERS[2],
    Layer::pointwise("conv_pw", Affine::None, 17, 48),
    Layer::dense("classifier", 48, 10),
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
    let other = refusal(&bytes, &network(&OTHER, Padding::Same), isa);
    let expected = "packed for model test-b0 of another spec or with other outputs, expected test-b0; pack them again";
    assert!(other.ends_with(expected), "{other}");
    let headless = refusal(&bytes, &network(&LAYERS[..4], Padding::Same), isa);
    assert!(headless.contains("classes 10, expected 0"), "{headless}");
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
fn what_is_folded_in_cannot_be_chosen_anymore() {
    let isa = Isa::detect();
    let (bytes, _) = packed(isa);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.packed");
    fs::write(&path, bytes).unwrap();
    let load = |model: Option<f64>, options: LoadOptions| {
        let network = Network {
            batch_norm_epsilon: model,
            ..network(&LAYERS, Padding::Same)
        };
        let isa = Some(isa);
        Weights::load(&network, &path, &LoadOptions { isa, ..options })
    };
    let epsilon = |epsilon| LoadOptions {
        batch_norm_epsilon: epsilon,
        ..LoadOptions::default()
    };
    // timm's names: the epsilon of SAME padding.
    load(None, epsilon(None)).unwrap();
    load(Some(1e-3), epsilon(None)).unwrap();
    load(Some(1.0), epsilon(Some(1e-3))).unwrap();
    for refused in [
        load(Some(1e-5), epsilon(None)),
        load(None, epsilon(Some(1e-5))),
    ] {
        let message = refused.unwrap_err().to_string();
        assert!(
            message.contains("batch-norm epsilon 0.001, expected 0.00001"),
            "{message}"
        );
    }
    let rescaled = LoadOptions {
        keras_rescaling: Some(true),
        ..LoadOptions::default()
    };
    let message = load(None, rescaled).unwrap_err().to_string();
    assert!(
        message.contains("rescaling of the input folded in"),
        "{message}"
    );
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
