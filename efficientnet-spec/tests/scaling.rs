//! Compound scaling against the published tables.

mod common;

use common::{architecture, graph, spec};
use efficientnet_spec::{
    Activation, Architecture, ArchitectureError, LayerGraph, Options, Padding, Pads, Resolution,
    Shape, Top,
};

/// Stem, blocks and head.
fn channels(architecture: &Architecture) -> Vec<usize> {
    let blocks = architecture.blocks.iter().map(|block| block.out_channels);
    [architecture.stem.channels]
        .into_iter()
        .chain(blocks)
        .chain([architecture.head.channels])
        .collect()
}

fn repeats(architecture: &Architecture) -> Vec<usize> {
    architecture
        .blocks
        .iter()
        .map(|block| block.repeats)
        .collect()
}

/// Channels of stages 1 to 9, repeats, resolution, dropout; the channels are the family article's
/// table, the repeats are counted in Keras's models.
#[test]
fn b0_to_b7_have_the_published_sizes() {
    let table = [
        (
            "b0",
            [32, 16, 24, 40, 80, 112, 192, 320, 1280],
            [1, 2, 2, 3, 3, 4, 1],
            224,
            0.2,
        ),
        (
            "b1",
            [32, 16, 24, 40, 80, 112, 192, 320, 1280],
            [2, 3, 3, 4, 4, 5, 2],
            240,
            0.2,
        ),
        (
            "b2",
            [32, 16, 24, 48, 88, 120, 208, 352, 1408],
            [2, 3, 3, 4, 4, 5, 2],
            260,
            0.3,
        ),
        (
            "b3",
            [40, 24, 32, 48, 96, 136, 232, 384, 1536],
            [2, 3, 3, 5, 5, 6, 2],
            300,
            0.3,
        ),
        (
            "b4",
            [48, 24, 32, 56, 112, 160, 272, 448, 1792],
            [2, 4, 4, 6, 6, 8, 2],
            380,
            0.4,
        ),
        (
            "b5",
            [48, 24, 40, 64, 128, 176, 304, 512, 2048],
            [3, 5, 5, 7, 7, 9, 3],
            456,
            0.4,
        ),
        (
            "b6",
            [56, 32, 40, 72, 144, 200, 344, 576, 2304],
            [3, 6, 6, 8, 8, 11, 3],
            528,
            0.5,
        ),
        (
            "b7",
            [64, 32, 48, 80, 160, 224, 384, 640, 2560],
            [4, 7, 7, 10, 10, 13, 4],
            600,
            0.5,
        ),
    ];
    for (variant, widths, depths, side, dropout) in table {
        let architecture = architecture("efficientnet", variant, Padding::Symmetric);
        assert_eq!(channels(&architecture), widths, "{variant}");
        assert_eq!(repeats(&architecture), depths, "{variant}");
        let input = Shape::Map {
            height: side,
            width: side,
            channels: 3,
        };
        assert_eq!(architecture.input, input, "{variant}");
        assert_eq!(architecture.dropout, dropout, "{variant}");
    }
}

/// As `timm.create_model("tf_efficientnet_lite{n}")` has them.
#[test]
fn lite_keeps_stem_head_and_outer_repeats() {
    let table = [
        (
            "lite0",
            [32, 16, 24, 40, 80, 112, 192, 320, 1280],
            [1, 2, 2, 3, 3, 4, 1],
            224,
            0.2,
        ),
        (
            "lite1",
            [32, 16, 24, 40, 80, 112, 192, 320, 1280],
            [1, 3, 3, 4, 4, 5, 1],
            240,
            0.2,
        ),
        (
            "lite2",
            [32, 16, 24, 48, 88, 120, 208, 352, 1280],
            [1, 3, 3, 4, 4, 5, 1],
            260,
            0.3,
        ),
        (
            "lite3",
            [32, 24, 32, 48, 96, 136, 232, 384, 1280],
            [1, 3, 3, 5, 5, 6, 1],
            300,
            0.3,
        ),
        (
            "lite4",
            [32, 24, 32, 56, 112, 160, 272, 448, 1280],
            [1, 4, 4, 6, 6, 8, 1],
            380,
            0.3,
        ),
    ];
    for (variant, widths, depths, side, dropout) in table {
        let architecture = architecture("lite", variant, Padding::Symmetric);
        assert_eq!(channels(&architecture), widths, "{variant}");
        assert_eq!(repeats(&architecture), depths, "{variant}");
        assert_eq!(architecture.input.size(), (side, side), "{variant}");
        assert_eq!(architecture.dropout, dropout, "{variant}");
    }
}

/// Trainable parameters of timm's models.
#[test]
fn parameters_are_timm_s() {
    let table = [
        ("efficientnet", "b0", 5_288_548),
        ("efficientnet", "b1", 7_794_184),
        ("efficientnet", "b2", 9_109_994),
        ("efficientnet", "b3", 12_233_232),
        ("efficientnet", "b4", 19_341_616),
        ("efficientnet", "b5", 30_389_784),
        ("efficientnet", "b6", 43_040_704),
        ("efficientnet", "b7", 66_347_960),
        ("efficientnet", "b8", 87_413_142),
        ("efficientnet", "l2", 480_309_308),
        ("lite", "lite0", 4_652_008),
        ("lite", "lite1", 5_416_680),
        ("lite", "lite2", 6_092_072),
        ("lite", "lite3", 8_197_096),
        ("lite", "lite4", 13_006_568),
    ];
    for (family, variant, parameters) in table {
        let graph = graph(family, variant, Padding::Symmetric, Top::With);
        assert_eq!(graph.total_trainable_parameters(), parameters, "{variant}");
    }
}

/// `keras.applications.EfficientNetB0(weights=None).count_params()` to B7's: running statistics and
/// the normalization's 7 (mean, variance and a counter) included.
#[test]
fn parameters_with_buffers_are_keras_s() {
    let table = [
        ("b0", 5_330_571),
        ("b1", 7_856_239),
        ("b2", 9_177_569),
        ("b3", 12_320_535),
        ("b4", 19_466_823),
        ("b5", 30_562_527),
        ("b6", 43_265_143),
        ("b7", 66_658_687),
    ];
    for (variant, parameters) in table {
        for padding in [Padding::Same, Padding::Symmetric] {
            let graph = graph("efficientnet", variant, padding, Top::With);
            assert_eq!(graph.total_parameters(), parameters, "{variant} {padding}");
        }
    }
}

/// Multiply-accumulates with top: torchvision's (`_ops` of its weights, in billions with one digit),
/// the paper's (table 2, which calls them FLOPs, in billions with two), ours in millions, and by how
/// many per cent these are above the paper's.
///
/// Rounding explains the differences of B0, B2, B3 and B6; the others are the paper's, which does not
/// say how it counts. The architecture is not the reason: its parameters are the paper's. Nor is our
/// counting: torchvision's agrees, in B2 at the 288 pixels that its weights run at.
#[test]
fn macs_are_torchvision_s_and_near_the_paper_s() {
    let table = [
        ("b0", 0.4, 0.39, 386, -1),
        ("b1", 0.7, 0.70, 687, -2),
        ("b2", 1.1, 1.0, 994, -1),
        ("b3", 1.8, 1.8, 1827, 2),
        ("b4", 4.4, 4.2, 4394, 5),
        ("b5", 10.3, 9.9, 10_266, 4),
        ("b6", 19.1, 19.0, 19_068, 0),
        ("b7", 37.7, 37.0, 37_746, 2),
    ];
    let macs = |variant: &str, side: Option<usize>| {
        let resolution = side.map(|side| Resolution {
            height: side,
            width: side,
        });
        let options = Options {
            resolution,
            ..Options::default()
        };
        let architecture = spec("efficientnet")
            .architecture(variant, &options)
            .unwrap();
        let graph = LayerGraph::build(&architecture, Top::With).unwrap();
        graph.total_macs() as f64
    };
    for (variant, torchvision, paper, millions, above) in table {
        let count = macs(variant, None);
        assert_eq!((count / 1e6).round(), f64::from(millions), "{variant}");
        let percent = (count / 1e9 / paper - 1.0) * 100.0;
        assert_eq!(percent.round(), f64::from(above), "{variant}");
        let run_at = (variant == "b2").then_some(288);
        let tenths = (macs(variant, run_at) / 1e8).round() / 10.0;
        assert_eq!(tenths, torchvision, "{variant}");
    }
}

#[test]
fn options_replace_the_variant_s_sizes() {
    let options = Options {
        resolution: Some(Resolution {
            height: 193,
            width: 256,
        }),
        classes: Some(10),
        in_channels: Some(1),
        padding: Padding::Same,
    };
    let architecture = spec("efficientnet").architecture("b0", &options).unwrap();
    assert_eq!(
        architecture.input,
        Shape::Map {
            height: 193,
            width: 256,
            channels: 1
        }
    );
    assert_eq!(
        (architecture.classes, architecture.padding),
        (10, Padding::Same)
    );
}

/// TensorFlow: total `max((ceil(in / s) - 1) * s + k - in, 0)`, the odd pixel at the end, per axis.
#[test]
fn same_pads_follow_each_axis() {
    let pads = |top, bottom, left, right| Pads {
        top,
        bottom,
        left,
        right,
    };
    assert_eq!(Pads::same(193, 256, 3, 2), pads(1, 1, 0, 1));
    assert_eq!(Pads::same(224, 224, 5, 2), pads(1, 2, 1, 2));
    assert_eq!(Pads::same(7, 8, 5, 1), pads(2, 2, 2, 2));
    assert_eq!(Pads::same(1, 2, 5, 2), pads(2, 2, 1, 2));
    assert_eq!(Pads::symmetric(5), pads(2, 2, 2, 2));
}

#[test]
fn odd_and_rectangular_inputs_make_sound_graphs() {
    for padding in [Padding::Same, Padding::Symmetric] {
        for (height, width) in [(1, 1), (2, 3), (31, 64), (33, 65), (225, 97), (456, 380)] {
            let resolution = Some(Resolution { height, width });
            let options = Options {
                resolution,
                padding,
                ..Options::default()
            };
            let architecture = spec("efficientnet").architecture("b0", &options).unwrap();
            let graph = LayerGraph::build(&architecture, Top::Without).unwrap();
            graph.verify().unwrap();
            let (_, last) = graph.layers().last().unwrap();
            let expected = (height.div_ceil(32), width.div_ceil(32));
            assert_eq!(last.output.size(), expected, "{height}x{width} {padding}");
        }
    }
}

#[test]
fn impossible_options_name_the_part_at_fault() {
    let error = |options: Options| {
        spec("efficientnet")
            .architecture("b7", &options)
            .unwrap_err()
            .to_string()
    };
    let side = |height| Options {
        resolution: Some(Resolution { height, width: 224 }),
        ..Options::default()
    };
    assert_eq!(
        error(side(0)),
        "variant `b7`: input: height is 0, expected 1 to 65536"
    );
    assert_eq!(
        error(side(70_000)),
        "variant `b7`: input: height is 70000, expected 1 to 65536"
    );
    let classes = Options {
        classes: Some(0),
        ..Options::default()
    };
    assert_eq!(
        error(classes),
        "variant `b7`: classifier: number of classes is 0, expected 1 to 16777216"
    );
    let both = Options {
        resolution: Some(Resolution {
            height: 65_536,
            width: 65_536,
        }),
        ..Options::default()
    };
    assert_eq!(
        error(both),
        "variant `b7`: input: a feature map of 65536x65536x3, expected at most 4294967296 values"
    );
}

#[test]
fn an_unknown_variant_lists_the_known_ones() {
    let error = spec("lite")
        .architecture("lite9", &Options::default())
        .unwrap_err();
    assert!(matches!(error, ArchitectureError::UnknownVariant { .. }));
    assert_eq!(
        error.to_string(),
        "lite has no variant `lite9`, expected one of lite0, lite1, lite2, lite3, lite4; \
         did you mean `lite4`?"
    );
}

#[test]
fn architecture_faults_name_the_block() {
    let mut broken = architecture("efficientnet", "b0", Padding::Same);
    broken.blocks[2].in_channels = 25;
    broken.blocks[3].kernel = 4;
    broken.blocks[4].stride = 3;
    broken.blocks[5].repeats = 0;
    broken.drop_connect = f64::NAN;
    insta::assert_snapshot!(broken.verify().unwrap_err());
    assert!(LayerGraph::build(&broken, Top::With).is_err());
}

#[test]
fn the_text_of_b0_and_lite4() {
    insta::assert_snapshot!(architecture("efficientnet", "b0", Padding::Symmetric));
    insta::assert_snapshot!(architecture("lite", "lite4", Padding::Same));
}

/// Where blocks squeeze with different functions, each says its own.
#[test]
fn the_text_names_functions_of_squeezes_once_or_for_each_block() {
    let mut b0 = architecture("efficientnet", "b0", Padding::Same);
    let all = "squeeze-excite with silu and sigmoid";
    assert!(b0.to_string().contains(all), "{b0}");
    let squeeze = b0.blocks[2].squeeze_excite.as_mut().expect("B0 squeezes");
    squeeze.activation = Activation::Relu;
    let text = b0.to_string();
    assert!(!text.contains(all), "{text}");
    assert_eq!(text.matches("0.25, silu, sigmoid").count(), 6, "{text}");
    assert_eq!(text.matches("0.25, relu, sigmoid").count(), 1, "{text}");
}
