use super::*;
use crate::network::Network;
use crate::selection::Place;
use crate::testing::{network, rows};

/// B0's tensors as each library writes them.
const TABLES: [(&str, Flavour, &str); 7] = [
    (
        "timm",
        Flavour::Timm,
        include_str!("../../tests/data/names/timm_b0.tsv"),
    ),
    (
        "torchvision",
        Flavour::Torchvision,
        include_str!("../../tests/data/names/torchvision_b0.tsv"),
    ),
    (
        "lukemelas",
        Flavour::Lukemelas,
        include_str!("../../tests/data/names/lukemelas_b0.tsv"),
    ),
    (
        "transformers",
        Flavour::Transformers,
        include_str!("../../tests/data/names/transformers_b0.tsv"),
    ),
    (
        "keras",
        Flavour::Keras,
        include_str!("../../tests/data/names/keras_b0.tsv"),
    ),
    (
        "keras.h5",
        Flavour::Keras,
        include_str!("../../tests/data/names/keras_b0.h5.tsv"),
    ),
    (
        "keras.weights.h5",
        Flavour::Keras,
        include_str!("../../tests/data/names/keras_b0.weights.h5.tsv"),
    ),
];

/// The naming of a library's table.
fn naming(library: &str) -> Naming {
    let &(_, flavour, table) = TABLES.iter().find(|(name, ..)| *name == library).unwrap();
    let rows = rows(table);
    let names: Vec<_> = rows.iter().map(|(name, _)| name.as_str()).collect();
    Naming::of(flavour, &names)
}

/// A network's tensors in a naming: names and shapes.
fn spelled(family: &str, variant: &str, naming: &Naming) -> Vec<(String, Vec<usize>)> {
    let expected = network(family, variant);
    let structure = Network::new(expected.iter().map(|tensor| tensor.name.as_str()));
    expected
        .iter()
        .map(|tensor| {
            let place = Place::new(&tensor.name, &structure, naming);
            let shape = place.file_shape(&tensor.shape);
            (place.name, shape)
        })
        .collect()
}

#[test]
fn b0_is_every_library_s() {
    for (library, flavour, table) in TABLES {
        let rows = rows(table);
        let names: Vec<_> = rows.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(detect(&names), Some(flavour), "{library}");
        let naming = Naming::of(flavour, &names);
        let mut found = spelled("efficientnet", "b0", &naming);
        found.sort();
        let mut expected = rows.clone();
        expected.retain(|(name, _)| !naming.is_beside(name));
        expected.sort();
        assert_eq!(found, expected, "{library}");
    }
}

/// FNV-1a, 64 bits.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[test]
fn all_variants_are_every_library_s() {
    let table = include_str!("../../tests/data/names/digests.tsv");
    let mut compared = 0;
    for line in table.lines().skip(1) {
        let [library, variant, tensors, digest] =
            line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let found = spelled("efficientnet", variant, &naming(library));
        assert_eq!(found.len().to_string(), tensors, "{library} {variant}");
        let lines = found
            .iter()
            .map(|(name, shape)| format!("{name}\t{shape:?}\n"));
        let mut lines: Vec<_> = lines.collect();
        lines.sort();
        assert_eq!(
            format!("{:016x}", hash(&lines.concat())),
            digest,
            "{library} {variant}"
        );
        compared += 1;
    }
    assert_eq!(compared, 56);
}

/// torchvision's and lukemelas' blocks leave out what is not there; no library but timm has Lite.
#[test]
fn layers_that_are_not_there_are_not_counted() {
    let names = |library| -> Vec<_> {
        let tensors = spelled("lite", "lite0", &naming(library)).into_iter();
        tensors.map(|(name, _)| name).collect()
    };
    let torchvision = names("torchvision");
    for name in [
        "features.1.0.block.0.0.weight",
        "features.1.0.block.1.0.weight",
        "features.2.0.block.2.1.running_var",
        "features.8.0.weight",
    ] {
        assert!(torchvision.iter().any(|found| found == name), "{name}");
    }
    assert!(!torchvision.iter().any(|name| name.contains("fc1")));
    let by_class = names("keras.weights.h5");
    // Stem and head, 15 expansions, 16 projections.
    let last = "layers/conv2d_32/vars/0";
    assert!(by_class.iter().any(|name| name == last));
    assert!(
        !by_class
            .iter()
            .any(|name| name.contains("conv2d_33/") && !name.contains("depth"))
    );
}

#[test]
fn most_of_the_marks_decide() {
    let flavour = |names: &[&str]| detect(names);
    for (names, expected) in [
        (&["conv_stem.weight"][..], Some(Flavour::Timm)),
        (
            &["blocks.0.0.conv_dw.weight", "classifier.weight"],
            Some(Flavour::Timm),
        ),
        (
            &["features.0.0.weight", "classifier.1.weight"],
            Some(Flavour::Torchvision),
        ),
        (&["_blocks.0._bn1.weight"], Some(Flavour::Lukemelas)),
        (
            &["embeddings.convolution.weight"],
            Some(Flavour::Transformers),
        ),
        (
            &["encoder.blocks.0.squeeze_excite.reduce.bias"],
            Some(Flavour::Transformers),
        ),
        (&["stem_conv/stem_conv/kernel:0"], Some(Flavour::Keras)),
        (
            &["a/block1a_dwconv/depthwise_kernel:0"],
            Some(Flavour::Keras),
        ),
        (&["layers/dense/vars/0"], Some(Flavour::Keras)),
        (
            &["features.x", "conv_stem.weight", "blocks.0.0.bn1.bias"],
            Some(Flavour::Timm),
        ),
        (&["encoder._conv_stem.weight", "decoder.weight"], None),
        (&["images/train", "labels/train"], None),
        (&["bn1.weight", "classifier.weight"], None),
        (&[], None),
    ] {
        assert_eq!(flavour(names), expected, "{names:?}");
    }
}

/// Names of a stem's weight, and of the first depthwise convolution's then.
#[test]
fn one_path_shows_how_a_keras_file_spells_all() {
    let expected = network("efficientnet", "b0");
    let structure = Network::new(expected.iter().map(|tensor| tensor.name.as_str()));
    let [depthwise, norm] = ["blocks.1.0.conv_dw.weight", "blocks.1.0.bn2.running_mean"]
        .map(|name| structure.site(name).unwrap());
    for (names, expected) in [
        (
            &["stem_conv/kernel"][..],
            ["block2a_dwconv/kernel", "block2a_bn/moving_mean"],
        ),
        (
            &[
                "top/stem_conv/bias",
                "m/stem_conv/stem_conv/kernel:0",
                "m/x/x/depthwise_kernel:0",
            ],
            [
                "m/block2a_dwconv/block2a_dwconv/depthwise_kernel:0",
                "m/block2a_bn/block2a_bn/moving_mean:0",
            ],
        ),
        (
            &["model_weights/efficientnetb0/stem_conv/kernel"],
            [
                "model_weights/efficientnetb0/block2a_dwconv/kernel",
                "model_weights/efficientnetb0/block2a_bn/moving_mean",
            ],
        ),
        (
            &[
                "layers/functional/layers/conv2d/vars/0",
                "layers/conv2d_1/vars/0",
            ],
            [
                "layers/functional/layers/depthwise_conv2d_1/vars/0",
                "layers/functional/layers/batch_normalization_4/vars/2",
            ],
        ),
        (
            &["block1a_bn/gamma"],
            ["block2a_dwconv/kernel", "block2a_bn/moving_mean"],
        ),
    ] {
        let naming = Naming::of(Flavour::Keras, names);
        assert_eq!(
            [depthwise, norm].map(|site| naming.tensor(&site)),
            expected,
            "{names:?}"
        );
    }
}

#[test]
fn what_lies_beside_a_network_is_known() {
    let keras = naming("keras");
    for (name, expected) in [
        ("normalization/mean", Some("mean")),
        (
            "model_weights/normalization_12/normalization_12/variance:0",
            Some("variance"),
        ),
        ("layers/normalization/vars/2", Some("count")),
        ("layers/normalization/vars/3", None),
        ("normalization_/mean", None),
        ("normalization_a/mean", None),
        ("batch_normalization/mean", None),
        ("normalization/gamma", None),
        ("mean", None),
    ] {
        let expected_beside = expected.is_some();
        assert_eq!(keras.normalization(name), expected, "{name}");
        assert_eq!(keras.is_beside(name), expected_beside, "{name}");
    }
    assert!(keras.is_beside("layers/dropout/seed_generator/vars/0"));
    assert!(!keras.is_beside("bn1.num_batches_tracked"));
    for library in ["timm", "torchvision", "lukemelas", "transformers"] {
        let naming = naming(library);
        assert!(naming.is_beside("bn1.num_batches_tracked"), "{library}");
        assert!(!naming.is_beside("normalization/mean"), "{library}");
        assert_eq!(
            naming.normalization("normalization/mean"),
            None,
            "{library}"
        );
    }
}
