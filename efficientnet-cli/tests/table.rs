//! `efficientnet table`: the article's table, and the counts of Keras.

mod common;

use common::{Files, efficientnet, keys, workspace};
use serde_json::Value;

fn json(arguments: &[&str]) -> Value {
    efficientnet(&[&["table", "--json"], arguments].concat()).json()
}

fn items<'a>(document: &'a Value, key: &str) -> &'a Vec<Value> {
    document[key].as_array().expect("an array")
}

/// A number of every stage.
fn each_stage(variant: &Value, key: &str) -> Vec<u64> {
    let stages = items(variant, "stages").iter();
    stages
        .map(|stage| stage[key].as_u64().expect("a number"))
        .collect()
}

/// The article's channels of stages 1 to 9 from B1 on, and B0's, which are B1's.
const CHANNELS: [(&str, [u64; 9]); 8] = [
    ("b0", [32, 16, 24, 40, 80, 112, 192, 320, 1280]),
    ("b1", [32, 16, 24, 40, 80, 112, 192, 320, 1280]),
    ("b2", [32, 16, 24, 48, 88, 120, 208, 352, 1408]),
    ("b3", [40, 24, 32, 48, 96, 136, 232, 384, 1536]),
    ("b4", [48, 24, 32, 56, 112, 160, 272, 448, 1792]),
    ("b5", [48, 24, 40, 64, 128, 176, 304, 512, 2048]),
    ("b6", [56, 32, 40, 72, 144, 200, 344, 576, 2304]),
    ("b7", [64, 32, 48, 80, 160, 224, 384, 640, 2560]),
];

#[test]
fn channels_are_the_article_s_and_kernels_the_paper_s() {
    let document = json(&[]);
    let variants = items(&document, "variants");
    for (variant, (name, channels)) in variants.iter().zip(CHANNELS) {
        assert_eq!(variant["variant"], name);
        assert_eq!(each_stage(variant, "channels"), channels, "{name}");
        // The paper's table 1.
        let (kernels, strides) = (each_stage(variant, "kernel"), each_stage(variant, "stride"));
        assert_eq!(kernels, [3, 3, 3, 5, 3, 5, 5, 3, 1], "{name}");
        assert_eq!(strides, [2, 1, 2, 2, 2, 1, 2, 1, 1], "{name}");
    }
    assert_eq!(
        each_stage(&variants[0], "repeats"),
        [1, 1, 2, 2, 3, 3, 4, 1, 1]
    );
    assert_eq!(
        each_stage(&variants[7], "repeats"),
        [1, 4, 7, 7, 10, 10, 13, 4, 1]
    );
    assert_eq!(variants[7]["resolution"], serde_json::json!([600, 600]));
    assert_eq!(
        keys(&variants[0]),
        [
            "layers_without_top",
            "macs",
            "resolution",
            "stages",
            "total_parameters",
            "trainable_parameters",
            "variant"
        ]
    );
}

#[test]
fn the_text_fits_a_terminal_and_answers_the_article() {
    for spec in ["efficientnet", "lite"] {
        let text = efficientnet(&["table", "--spec", spec]).success();
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        insta::assert_snapshot!(format!("table_{spec}"), text);
    }
    let document = json(&[]);
    assert_eq!(document["kernel_sizes_are_equal"], true);
    assert_eq!(document["resolutions_are_equal"], false);
}

/// The statements follow the spec, whatever the article says.
#[test]
fn a_spec_of_one_resolution_is_said_to_have_one() {
    let files = Files::new();
    let spec = std::fs::read_to_string(workspace("specs/efficientnet.yaml")).expect("a spec");
    let (head, _) = spec.split_once("variants:").expect("it has variants");
    let variants = "variants:
  small: { width: 1.0, depth: 1.0, resolution: 96, dropout: 0.2 }
  large: { width: 2.0, depth: 1.0, resolution: 96, dropout: 0.2 }
";
    let path = files.write("same.yaml", format!("{head}{variants}"));
    let document = json(&["--spec", &path]);
    assert_eq!(document["resolutions_are_equal"], true);
    let text = efficientnet(&["table", "--spec", &path]).success();
    assert!(
        text.contains("The resolution is the same in all variants."),
        "{text}"
    );
}

#[test]
fn a_spec_that_is_none_is_refused() {
    efficientnet(&["table", "--spec", "none.yaml"])
        .complains(2, &["none.yaml", "efficientnet, lite"]);
}
