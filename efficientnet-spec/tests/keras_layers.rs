//! The layer graph against Keras 3.15's `keras.applications.efficientnet`, layer by layer.
//!
//! `keras_layers/bN.tsv` was printed from the models with `include_top=False`.

mod common;

use common::{graph, rows};
use efficientnet_spec::{LayerGraph, LayerId, Module, Padding, Part, SubBlock, Top};

const VARIANTS: [(&str, &str, usize); 8] = [
    ("b0", include_str!("keras_layers/b0.tsv"), 237),
    ("b1", include_str!("keras_layers/b1.tsv"), 339),
    ("b2", include_str!("keras_layers/b2.tsv"), 339),
    ("b3", include_str!("keras_layers/b3.tsv"), 384),
    ("b4", include_str!("keras_layers/b4.tsv"), 474),
    ("b5", include_str!("keras_layers/b5.tsv"), 576),
    ("b6", include_str!("keras_layers/b6.tsv"), 666),
    ("b7", include_str!("keras_layers/b7.tsv"), 813),
];

/// Keras numbers these layers through all models of a session: `rescaling_2`.
fn session_free(name: &str) -> &str {
    ["input_layer", "rescaling", "normalization"]
        .into_iter()
        .find(|prefix| name.starts_with(prefix))
        .unwrap_or(name)
}

fn row(graph: &LayerGraph, id: LayerId) -> Vec<String> {
    let layer = graph.layer(id);
    let inputs: Vec<_> = graph
        .inputs(id)
        .into_iter()
        .map(|input| graph.layer(input).name.as_str())
        .collect();
    vec![
        layer.name.clone(),
        layer.op.type_name().into(),
        format!("{:?}", layer.output.extents()),
        graph.parameters(id).to_string(),
        inputs.join(","),
    ]
}

#[test]
fn every_layer_is_keras_s() {
    for (variant, table, count) in VARIANTS {
        let graph = graph("efficientnet", variant, Padding::Same, Top::Without);
        assert_eq!(graph.len(), count, "{variant}");
        let expected = rows(table);
        assert_eq!(expected.len(), count, "{variant}");
        for ((id, _), expected) in graph.layers().zip(expected) {
            let mut expected: Vec<String> = expected.into_iter().map(String::from).collect();
            expected[0] = session_free(&expected[0]).into();
            expected[4] = expected[4]
                .split(',')
                .map(session_free)
                .collect::<Vec<_>>()
                .join(",");
            assert_eq!(row(&graph, id), expected, "{variant}");
        }
    }
}

#[test]
fn the_top_is_keras_s() {
    let graph = graph("efficientnet", "b0", Padding::Same, Top::With);
    let top: Vec<_> = graph
        .layers()
        .skip(237)
        .map(|(id, _)| row(&graph, id))
        .collect();
    assert_eq!(
        top,
        [
            [
                "avg_pool",
                "GlobalAveragePooling2D",
                "[1280]",
                "0",
                "top_activation"
            ],
            ["top_dropout", "Dropout", "[1280]", "0", "avg_pool"],
            ["predictions", "Dense", "[1000]", "1281000", "top_dropout"],
        ]
    );
    // keras.applications.EfficientNetB0().count_params(), and torchvision's and timm's B0.
    assert_eq!(graph.total_parameters(), 5_330_571);
    assert_eq!(graph.total_trainable_parameters(), 5_288_548);
}

#[test]
fn symmetric_padding_changes_padding_alone() {
    for (variant, ..) in VARIANTS {
        let same = graph("efficientnet", variant, Padding::Same, Top::With);
        let symmetric = graph("efficientnet", variant, Padding::Symmetric, Top::With);
        symmetric.verify().unwrap();
        assert_eq!(same.len(), symmetric.len());
        for ((id, a), (_, b)) in same.layers().zip(symmetric.layers()) {
            assert_eq!(
                (&a.name, a.op.type_name(), a.place),
                (&b.name, b.op.type_name(), b.place)
            );
            assert_eq!(same.inputs(id), symmetric.inputs(id));
            if a.op.type_name() != "ZeroPadding2D" {
                assert_eq!(a.output, b.output, "{variant} {}", a.name);
            }
        }
    }
}

/// Layer counts of the modules and sub-blocks as the family article composes them.
#[test]
fn modules_and_sub_blocks_have_their_counts() {
    for (variant, ..) in VARIANTS {
        let graph = graph("efficientnet", variant, Padding::Same, Top::Without);
        let count = |keep: &dyn Fn(Part, Option<Module>) -> bool| {
            graph
                .layers()
                .filter(|(_, layer)| keep(layer.place.part, layer.place.module))
                .count()
        };
        assert_eq!(count(&|part, _| part == Part::Stem), 7);
        assert_eq!(count(&|part, _| part == Part::Final), 3);
        let mut parts: Vec<Part> = graph.layers().map(|(_, layer)| layer.place.part).collect();
        parts.dedup();
        for part in parts {
            let Part::Block {
                block, sub_block, ..
            } = part
            else {
                continue;
            };
            let module = |module| count(&|p, m| p == part && m == Some(module));
            let strided = matches!(block, 2 | 3 | 4 | 6);
            let [one, two, three, four, five] = [
                Module::One,
                Module::Two,
                Module::Three,
                Module::Four,
                Module::Five,
            ]
            .map(module);
            let expected = match sub_block {
                SubBlock::One => [3, 0, 4, 3, 0],
                SubBlock::Two => [0, if strided { 7 } else { 6 }, 4, 3, 0],
                SubBlock::Three if block == 1 => [3, 0, 4, 0, 5],
                SubBlock::Three => [0, 6, 4, 0, 5],
            };
            assert_eq!([one, two, three, four, five], expected, "{variant} {part}");
            assert_eq!(
                count(&|p, _| p == part),
                expected.iter().sum::<usize>(),
                "{variant} {part}"
            );
        }
    }
}

#[test]
fn lite_has_no_squeeze_and_no_gate() {
    let graph = graph("lite", "lite0", Padding::Same, Top::With);
    graph.verify().unwrap();
    assert!(
        graph
            .layers()
            .all(|(_, layer)| layer.place.module != Some(Module::Three))
    );
    assert!(graph.find("block1a_se_excite").is_none());
    // timm's tf_efficientnet_lite0.
    assert_eq!(graph.total_trainable_parameters(), 4_652_008);
}

#[test]
fn the_text_of_b0() {
    insta::assert_snapshot!(graph("efficientnet", "b0", Padding::Same, Top::With));
}
