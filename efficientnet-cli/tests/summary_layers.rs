//! `efficientnet summary`'s view of layers: the tree and its sums, columns, widths.

mod common;

use common::{efficientnet, keys};
use efficientnet::spec::{BUNDLED, Spec};
use serde_json::Value;

fn text(arguments: &[&str]) -> String {
    efficientnet(&[&["summary"], arguments].concat()).success()
}

fn json(arguments: &[&str]) -> Value {
    efficientnet(&[&["summary", "--json"], arguments].concat()).json()
}

fn children(node: &Value) -> &[Value] {
    node["children"].as_array().map_or(&[], Vec::as_slice)
}

fn number(node: &Value, key: &str) -> u64 {
    node[key].as_u64().expect(key)
}

/// Every variant of every bundled spec.
fn variants() -> Vec<String> {
    let specs = BUNDLED.map(|(name, text)| Spec::parse(text, name).expect("valid"));
    let variants = specs.iter().flat_map(|spec| spec.variants.iter());
    variants.map(|variant| variant.name.to_string()).collect()
}

const SUMS: [&str; 4] = ["parameters", "trainable_parameters", "macs", "memory_bytes"];

/// The layers below a node, whose sums are those of what is in them.
fn layers_of<'a>(node: &'a Value, found: &mut Vec<&'a Value>) {
    if node.get("children").is_none() {
        found.push(node);
        return;
    }
    let before = found.len();
    for child in children(node) {
        layers_of(child, found);
    }
    let count = (found.len() - before) as u64;
    assert_eq!(number(node, "layers"), count, "{}", node["name"]);
    for key in SUMS {
        let sum: u64 = children(node).iter().map(|child| number(child, key)).sum();
        assert_eq!(number(node, key), sum, "{} {key}", node["name"]);
    }
}

#[test]
fn sums_of_the_tree_add_up_to_the_totals() {
    for variant in ["b0", "b7", "lite0", "v2_s", "mobilenetv3_large_100"] {
        let document = json(&[variant, "--tree"]);
        let mut layers = Vec::new();
        layers_of(&document["tree"], &mut layers);
        // The tree's layers are the list's.
        let listed: Vec<&Value> = document["layers"]
            .as_array()
            .expect("a list")
            .iter()
            .collect();
        assert_eq!(layers, listed, "{variant}");
        let totals = [
            "total_parameters",
            "trainable_parameters",
            "macs",
            "activation_bytes",
        ];
        for (key, total) in SUMS.iter().zip(totals) {
            assert_eq!(document["tree"][key], document[total], "{variant} {key}");
        }
        assert_eq!(document["tree"]["layers"], document["total_layers"]);
    }
}

/// The article's parts: stem, seven blocks and final layers; sub-blocks 1, 2 and 3 have 10, 13 or 14,
/// and 15 or 12 layers.
#[test]
fn the_tree_has_the_articles_parts() {
    let tree = &json(&["b0", "--tree", "--no-top"])["tree"];
    let parts: Vec<(&Value, u64)> = children(tree)
        .iter()
        .map(|part| (&part["name"], number(part, "layers")))
        .collect();
    let expected = [
        ("stem", 7),
        ("block1", 10),
        ("block2", 29),
        ("block3", 29),
        ("block4", 44),
        ("block5", 43),
        ("block6", 59),
        ("block7", 13),
        ("final", 3),
    ];
    assert_eq!(parts.len(), expected.len());
    for ((name, layers), expected) in parts.into_iter().zip(expected) {
        assert_eq!((name.as_str().expect("a name"), layers), expected);
    }
    let block2b = &children(&children(tree)[2])[1];
    assert_eq!(block2b["name"], "block2b");
    assert_eq!(block2b["type"], "sub-block 3");
    let modules: Vec<(&Value, u64)> = children(block2b)
        .iter()
        .map(|module| (&module["name"], number(module, "layers")))
        .collect();
    let expected = [("module 2", 6), ("module 3", 4), ("module 5", 5)];
    for ((name, layers), expected) in modules.into_iter().zip(expected) {
        assert_eq!((name.as_str().expect("a name"), layers), expected);
    }
    let expected = [
        "children",
        "layers",
        "macs",
        "memory_bytes",
        "name",
        "output_shape",
        "parameters",
        "trainable_parameters",
        "type",
    ];
    assert_eq!(keys(block2b), expected);
}

#[test]
fn the_tree_of_b0() {
    insta::assert_snapshot!("b0_tree", text(&["b0", "--tree"]));
    insta::assert_snapshot!("b0_tree_depth_1", text(&["b0", "--tree", "--depth", "1"]));
}

#[test]
fn depth_ends_the_tree() {
    let lines = |depth: &str| {
        let text = text(&["b0", "--tree", "--depth", depth]);
        let (tree, _) = text.split_once("\n\n").expect("totals");
        // The header is no line of the tree.
        tree.lines().count() - 1
    };
    // The model; stem, seven blocks and final layers; layers of these two, and 16 sub-blocks; 48
    // modules; all layers.
    let (parts, outer) = (1 + 9, 7 + 6);
    let (sub_blocks, modules, layers) = (16, 48, 240);
    assert_eq!(lines("0"), 1);
    assert_eq!(lines("1"), parts);
    assert_eq!(lines("2"), parts + outer + sub_blocks);
    assert_eq!(lines("3"), parts + outer + sub_blocks + modules);
    assert_eq!(lines("4"), parts + sub_blocks + modules + layers);
    assert_eq!(lines("5"), lines("4"));
    let tree = &json(&["b0", "--tree", "--depth", "1"])["tree"];
    assert_eq!(children(tree).len(), 9);
    for part in children(tree) {
        assert!(children(part).is_empty());
        assert!(number(part, "layers") > 0);
    }
    let without = efficientnet(&["summary", "b0", "--depth", "1"]).failure(2);
    assert!(without.contains("--tree"), "{without}");
}

#[test]
fn columns_are_chosen_in_any_order() {
    let columns = [
        "--columns",
        "macs,kernel,memory,name,inputs",
        "--width",
        "100",
    ];
    let text = text(&[&["b0"][..], &columns].concat());
    let find = |name: &str| {
        let line = text
            .lines()
            .find(|line| line.contains(&format!("  {name}  ")));
        line.expect(name).split_whitespace().collect::<Vec<_>>()
    };
    let header: Vec<&str> = text
        .lines()
        .nth(1)
        .expect("a header")
        .split_whitespace()
        .collect();
    assert_eq!(header, ["MACs", "kernel", "memory", "layer", "inputs"]);
    let stem = ["10.8M", "3x3/2", "1.61MB", "stem_conv", "stem_conv_pad"];
    assert_eq!(find("stem_conv"), stem);
    let add = [
        "0",
        "301kB",
        "block2b_add",
        "block2b_drop,",
        "block2a_project_bn",
    ];
    assert_eq!(find("block2b_add"), add);
}

/// With columns that are too many for a line, inputs stand below each other.
#[test]
fn inputs_that_do_not_fit_get_a_line_each() {
    let all = "name,type,output,parameters,macs,kernel,memory,inputs";
    let narrow = text(&["b0", "--columns", all]);
    assert!(
        narrow.lines().all(|line| line.chars().count() <= 80),
        "{narrow}"
    );
    let wide = text(&["b0", "--columns", all, "--width", "140"]);
    assert!(
        wide.contains("  block2b_drop, block2a_project_bn\n"),
        "{wide}"
    );
    assert!(wide.lines().any(|line| line.chars().count() > 80));
    assert!(narrow.lines().count() > wide.lines().count());
}

#[test]
fn mistakes_in_columns_and_widths_are_named() {
    let wrong: [(&[&str], &[&str]); 6] = [
        (
            &["--columns", "name,paramaters"],
            &["'paramaters'", "'parameters'", "memory, inputs"],
        ),
        (&["--columns", "name,"], &["a value is required"]),
        (&["--columns", "name", "--json"], &["--columns", "--json"]),
        (&["--width", "0"], &["--width", "at least 1"]),
        (
            &["--width", "40"],
            &["--width 40", "49 characters", "--columns"],
        ),
        (&["--tree", "--depth", "-1"], &["-1"]),
    ];
    for (arguments, parts) in wrong {
        let complaint = efficientnet(&[&["summary", "b0"], arguments].concat()).failure(2);
        for part in parts {
            assert!(complaint.contains(part), "`{part}` is not in: {complaint}");
        }
    }
}

#[test]
fn every_variant_fits_80_columns() {
    for variant in variants() {
        for more in [&[][..], &["--tree"], &["--no-top"]] {
            for line in text(&[&[&*variant], more].concat()).lines() {
                assert!(line.chars().count() <= 80, "{variant} {more:?}: {line}");
                assert_eq!(line, line.trim_end());
            }
        }
    }
}

#[test]
fn a_width_is_kept_as_long_as_numbers_fit() {
    for width in ["62", "100", "200"] {
        let limit: usize = width.parse().expect("a number");
        let text = text(&["b7", "--tree", "--width", width]);
        for line in text.lines() {
            assert!(line.chars().count() <= limit, "{line}");
        }
    }
    // Nothing is shortened where there is room.
    assert!(text(&["b7"]).contains(".."));
    assert!(!text(&["b7", "--width", "100"]).contains(".."));
}

/// Memory of B0, from its shapes alone: every output, and what is needed at once around the padding of the
/// first expanded map.
#[test]
fn memory_is_that_of_the_outputs() {
    let document = json(&["b0"]);
    let layers = document["layers"].as_array().expect("a list");
    let values = layers.iter().map(|layer| {
        let shape = layer["output_shape"].as_array().expect("a shape");
        shape
            .iter()
            .map(|extent| extent.as_u64().expect("a number"))
            .product::<u64>()
    });
    assert_eq!(
        number(&document, "activation_bytes"),
        4 * values.sum::<u64>()
    );
    let peak = 4 * 96 * (112 * 112 + 113 * 113);
    assert_eq!(number(&document, "peak_activation_bytes"), peak);
    assert_eq!(number(&document, "weight_bytes"), 4 * 5_330_571);
    let plan = json(&["b0", "--view", "plan"]);
    assert_eq!(document["workspace_bytes"], plan["workspace_bytes"]);
    // Without top, the last map is the result.
    let without = json(&["b0", "--no-top"]);
    assert!(number(&without, "workspace_bytes") > 0);
    assert!(number(&without, "macs") < number(&document, "macs"));
}
