use super::*;
use crate::keras::{InputLayer, KerasModel};
use crate::testing::{of_shapes, of_values};

/// The classifier's and the stem's weights of each library, of 7 classes, 5 features and 2 channels.
#[test]
fn classes_and_channels_are_read_from_the_shapes() {
    for [stem, classifier] in [
        ["conv_stem.weight", "classifier.weight"],
        ["features.0.0.weight", "classifier.1.weight"],
        ["_conv_stem.weight", "_fc.weight"],
        [
            "efficientnet.embeddings.convolution.weight",
            "classifier.weight",
        ],
        ["embeddings.convolution.weight", "classifier.weight"],
    ] {
        let checkpoint = of_shapes([(stem, &[8, 2, 3, 3][..]), (classifier, &[7, 5])]);
        assert_eq!(checkpoint.classes(), Some(7), "{classifier}");
        assert_eq!(checkpoint.in_channels(), Some(2), "{stem}");
    }
    for [stem, classifier] in [
        ["stem_conv/kernel", "predictions/kernel"],
        [
            "stem_conv/stem_conv/kernel:0",
            "predictions/predictions/kernel:0",
        ],
        ["layers/conv2d/vars/0", "layers/dense/vars/0"],
    ] {
        let checkpoint = of_shapes([(stem, &[3, 3, 2, 8][..]), (classifier, &[5, 7])]);
        assert_eq!(checkpoint.classes(), Some(7), "{classifier}");
        assert_eq!(checkpoint.in_channels(), Some(2), "{stem}");
    }
    let headless = of_shapes([("conv_stem.weight", &[8, 2, 3, 3][..])]);
    assert_eq!(
        (headless.classes(), headless.in_channels()),
        (None, Some(2))
    );
    let scalar = of_shapes([("conv_stem.weight", &[][..])]);
    assert_eq!(scalar.in_channels(), None);
    assert_eq!(of_shapes([("other", &[1][..])]).classes(), None);
}

#[test]
fn padding_is_the_library_s() {
    let paddings = Flavour::ALL.map(Flavour::padding);
    let same = Some(Padding::Same);
    assert_eq!(paddings, [None, Some(Padding::Symmetric), same, same, same]);
}

#[test]
fn epsilon_is_the_library_s() {
    let both = [Padding::Symmetric, Padding::Same];
    let epsilons =
        |checkpoint: &Checkpoint| both.map(|padding| checkpoint.batch_norm_epsilon(padding));
    let torchvision = |head| {
        let (stem, head) = ([48], [head]);
        of_shapes([
            ("features.0.1.weight", &stem[..]),
            // A sub-block is no head, however wide.
            ("features.7.2.block.0.1.weight", &[3072]),
            ("features.8.1.weight", &head),
        ])
    };
    // B4's head and B5's.
    assert_eq!(epsilons(&torchvision(1792)), [1e-5; 2]);
    assert_eq!(epsilons(&torchvision(2048)), [1e-3; 2]);
    // More than nine stages are not sorted by their digits.
    let deep = of_shapes([
        ("features.9.1.weight", &[4096][..]),
        ("features.10.1.weight", &[64]),
    ]);
    assert_eq!(epsilons(&deep), [1e-5; 2]);
    for name in [
        "_conv_stem.weight",
        "embeddings.convolution.weight",
        "stem_conv/kernel",
    ] {
        assert_eq!(epsilons(&of_shapes([(name, &[][..])])), [1e-3; 2], "{name}");
    }
    assert_eq!(
        epsilons(&of_shapes([("conv_stem.weight", &[][..])])),
        [1e-5, 1e-3]
    );

    let mut keras = of_shapes([("stem_conv/kernel", &[][..])]);
    keras.keras = Some(KerasModel {
        input: Vec::new(),
        batch_norm_epsilon: Some(1e-4),
    });
    assert_eq!(epsilons(&keras), [1e-4; 2]);
}

#[test]
fn a_keras_network_s_input_is_its_statistics() {
    let kernel = [0.0; 2];
    let checkpoint = of_values(&[
        ("stem_conv/kernel", &[1, 1, 2, 1], &kernel),
        ("normalization_3/mean", &[2], &[0.5, 0.0]),
        ("normalization_3/variance", &[2], &[0.25, 4.0]),
    ]);
    let input = checkpoint.keras_input(None).unwrap().unwrap();
    // (x / 255 - mean) / sqrt(variance)
    let close = |found: &[f64], expected: [f64; 2]| {
        found
            .iter()
            .zip(expected)
            .all(|(found, expected)| (found - expected).abs() < 1e-12)
    };
    assert!(close(&input.scale, [2.0 / 255.0, 0.5 / 255.0]), "{input:?}");
    assert!(close(&input.shift, [-1.0, 0.0]), "{input:?}");

    let plain = of_values(&[("stem_conv/kernel", &[1, 1, 2, 1], &kernel)]);
    let input = plain.keras_input(None).unwrap().unwrap();
    assert!(
        close(&input.scale, [1.0 / 255.0; 2]) && close(&input.shift, [0.0; 2]),
        "{input:?}"
    );

    let other = of_values(&[("conv_stem.weight", &[1, 2, 1, 1], &kernel)]);
    assert_eq!(other.keras_input(None).unwrap(), None);
}

#[test]
fn damaged_statistics_and_layers_are_errors() {
    let kernel = [0.0; 2];
    let negative = of_values(&[
        ("layers/conv2d/vars/0", &[1, 1, 2, 1], &kernel),
        ("layers/normalization/vars/0", &[2], &[-0.5, 0.0]),
        ("layers/normalization/vars/1", &[2], &[1.0, -4.0]),
    ]);
    let error = negative.keras_input(None).unwrap_err().to_string();
    assert!(
        error.contains("layers/normalization/vars/1") && error.contains("found -4"),
        "{error}"
    );

    let mut odd = of_values(&[("stem_conv/kernel", &[1, 1, 2, 1], &kernel)]);
    let rescaling = InputLayer::Rescaling {
        scale: vec![1.0; 3],
        offset: vec![0.0],
    };
    odd.keras = Some(KerasModel {
        input: vec![rescaling],
        batch_norm_epsilon: None,
    });
    let error = odd.keras_input(None).unwrap_err().to_string();
    assert!(
        error.starts_with("odd.file: ") && error.contains("Rescaling"),
        "{error}"
    );
}

/// A hundred bytes that say a number which would fill the memory.
#[test]
fn tensors_without_elements_say_nothing() {
    let empty = |name: &str, shape: &str| {
        let header =
            format!(r#"{{"{name}":{{"dtype":"F32","shape":{shape},"data_offsets":[0,0]}}}}"#);
        let length = (header.len() as u64).to_le_bytes();
        Checkpoint::from_bytes([&length, header.as_bytes()].concat(), "empty").unwrap()
    };
    let stem = empty("stem_conv/kernel", "[3,3,1099511627776,0]");
    assert_eq!(stem.in_channels(), None);
    // As without any stem.
    let without = of_shapes([("stem_bn/gamma", &[8][..])]);
    assert_eq!(without.flavour(), Some(Flavour::Keras));
    let inputs = [&stem, &without].map(|checkpoint| checkpoint.keras_input(None).ok());
    assert_eq!(inputs[0], inputs[1]);
    let classifier = empty("classifier.weight", "[1099511627776,0]");
    assert_eq!(classifier.classes(), None);
}
