//! `efficientnet scale`: new variants by compound scaling, and the search for its coefficients.

mod common;

use std::fs;

use common::{Files, arguments, efficientnet, keys, logits};
use efficientnet::spec::{LayerGraph, Options, Spec, Top};
use serde_json::{Value, json};

fn scale(arguments: &[&str]) -> common::Outcome {
    efficientnet(&[&["scale"], arguments].concat())
}

fn document(arguments: &[&str]) -> Value {
    scale(&[&["--json"], arguments].concat()).json()
}

fn items<'a>(document: &'a Value, key: &str) -> &'a Vec<Value> {
    document[key].as_array().expect("an array")
}

#[test]
fn texts_fit_a_terminal() {
    let cases: [(&str, &[&str]); 4] = [
        ("phi", &["--phi", "1.5"]),
        ("negative", &["--phi", "-2", "--spec", "lite"]),
        (
            "sizes",
            &["--width", "2", "--depth", "3.1", "--resolution", "600"],
        ),
        ("search", &["--search", "--flops", "1G"]),
    ];
    for (name, arguments) in cases {
        let text = scale(arguments).success();
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{line}");
            assert_eq!(line, line.trim_end());
        }
        assert_eq!(text, scale(arguments).success(), "{name} is deterministic");
        insta::assert_snapshot!(format!("scale_{name}"), text);
    }
}

/// Width, depth and resolution of the reference implementation; parameters of timm's models.
#[test]
fn published_sizes_give_the_published_parameters() {
    let table = [
        ("1.0", "1.0", "224", 5_288_548),
        ("1.0", "1.1", "240", 7_794_184),
        ("1.1", "1.2", "260", 9_109_994),
        ("1.2", "1.4", "300", 12_233_232),
        ("1.4", "1.8", "380", 19_341_616),
        ("1.6", "2.2", "456", 30_389_784),
        ("1.8", "2.6", "528", 43_040_704),
        ("2.0", "3.1", "600", 66_347_960),
    ];
    let family = efficientnet(&["table", "--json"]).json();
    for (row, published) in table.iter().zip(items(&family, "variants")) {
        let (width, depth, resolution, parameters) = row;
        let arguments = [
            "--width",
            width,
            "--depth",
            depth,
            "--resolution",
            resolution,
        ];
        let scaled = document(&arguments);
        assert_eq!(scaled["trainable_parameters"], *parameters);
        for key in [
            "trainable_parameters",
            "total_parameters",
            "macs",
            "layers_without_top",
        ] {
            assert_eq!(scaled[key], published[key], "{key} {row:?}");
        }
        let stages = items(&scaled, "stages")
            .iter()
            .zip(items(published, "stages"));
        for (ours, theirs) in stages {
            assert_eq!(ours["name"], theirs["name"]);
            assert_eq!(ours["channels"]["rounded"], theirs["channels"]);
            assert_eq!(ours["repeats"]["rounded"], theirs["repeats"]);
        }
    }
}

#[test]
fn the_document_of_a_variant_has_its_keys() {
    let scaled = document(&["--phi", "1"]);
    let expected = [
        "baseline",
        "depth",
        "dropout",
        "family",
        "layers_without_top",
        "macs",
        "macs_over_baseline",
        "phi",
        "resolution",
        "resolution_factor",
        "scaling",
        "stages",
        "total_parameters",
        "trainable_parameters",
        "unrounded_macs_over_baseline",
        "variant",
        "width",
    ];
    assert_eq!(keys(&scaled), expected);
    assert_eq!(scaled["variant"], "phi1");
    // Equation 3 with the paper's alpha, beta and gamma.
    assert_eq!(
        [&scaled["depth"], &scaled["width"], &scaled["resolution"]],
        [&json!(1.2), &json!(1.1), &json!(258)]
    );
    let channels = &scaled["stages"][2]["channels"];
    assert_eq!(keys(channels), ["baseline", "rounded", "scaled"]);
    assert_eq!([&channels["baseline"], &channels["rounded"]], [24, 24]);
    let exact = channels["scaled"].as_f64().expect("a number");
    assert!((exact - 26.4).abs() < 1e-9, "{exact}");
    let zero = document(&["--phi", "-0"]);
    assert_eq!(
        (&zero["variant"], &zero["macs_over_baseline"]),
        (&json!("phi0"), &json!(1.0))
    );
    assert!(document(&["--width", "1", "--depth", "1", "--resolution", "32"])["phi"].is_null());
}

/// Synthetic weights of the variant `phi-4` of a spec.
fn weights(files: &Files, spec: &str) -> String {
    let text = fs::read_to_string(spec).expect("the spec is there");
    let spec = Spec::parse(&text, spec).expect("it is valid");
    let architecture = spec.architecture("phi-4", &Options::default());
    let architecture = architecture.expect("it is within bounds");
    let graph = LayerGraph::build(&architecture, Top::With).expect("it has layers");
    let tensors = graph.all_tensors().into_iter();
    let tensors: Vec<_> = tensors.map(|tensor| (tensor.name, tensor.shape)).collect();
    files.checkpoint("phi-4.safetensors", &tensors)
}

#[test]
fn what_is_written_works_with_every_command() {
    let files = Files::new();
    let path = files.path("small.yaml");
    let text = scale(&["--phi", "-4", "-o", &path, "--dropout", "0.1"]).success();
    let hint = format!("efficientnet summary phi-4 --spec {path}");
    assert!(text.contains(&hint), "{text}");
    assert_eq!(files.names(), ["small.yaml"]);

    let scaled = document(&["--phi", "-4"]);
    let summary = efficientnet(&["summary", "phi-4", "--spec", &path, "--json"]).json();
    for key in ["trainable_parameters", "total_parameters", "macs"] {
        assert_eq!(summary[key], scaled[key], "{key}");
    }
    let blocks = [
        "summary", "phi-4", "--spec", &path, "--json", "--view", "blocks",
    ];
    assert_eq!(efficientnet(&blocks).json()["dropout"], 0.1);
    let table = efficientnet(&["table", "--spec", &path, "--json"]).json();
    let names = items(&table, "variants").iter().map(|v| &v["variant"]);
    assert!(names.eq(["b0", "phi-4"]));
    efficientnet(&["bench", "phi-4", "--spec", &path, "--runs", "1"]).success();
    let (weights, input) = (weights(&files, &path), files.image("x.npy", [3, 32, 32]));
    let output = files.path("y.npy");
    let tensor = ["phi-4", &weights, &input, &output];
    efficientnet(&arguments(tensor, &["--spec", &path])).success();
    assert_eq!(logits(&output).shape, [1, 1000]);

    // And it scales again, from the same baseline.
    let again = files.path("again.yaml");
    let rescaled = [
        "--spec", &path, "--phi", "-4", "--name", "again", "-o", &again,
    ];
    let mut document = document(&rescaled);
    document["variant"] = json!("phi-4");
    assert_eq!(document, scaled);
    let text = fs::read_to_string(&again).expect("it is written");
    assert!(
        text.contains("\n  b0: ") && text.contains("\n  again: "),
        "{text}"
    );
    assert!(!text.contains("phi-4"), "{text}");
}

#[test]
fn the_search_shows_the_frontier_and_the_paper_s_choice() {
    let budget = 1_000_000_000;
    let found = document(&["--search", "--flops", "1G"]);
    let expected = [
        "baseline",
        "budget",
        "candidates",
        "chosen",
        "family",
        "frontier",
        "paper",
        "paper_is_missing",
        "statements",
        "step",
        "tolerance",
        "within_budget",
    ];
    assert_eq!(keys(&found), expected);
    assert_eq!(found["budget"], budget);
    let mut last = budget;
    for candidate in items(&found, "frontier") {
        let macs = candidate["macs"].as_u64().expect("a count");
        assert!(macs <= last, "{candidate}");
        last = macs;
        let number = |key: &str| candidate[key].as_f64().expect("a number");
        let product = number("alpha") * number("beta").powi(2) * number("gamma").powi(2);
        assert!((product - 2.0).abs() <= 0.1, "{candidate}");
    }
    let paper = &found["paper"];
    assert_eq!(
        [&paper["alpha"], &paper["beta"], &paper["gamma"]],
        [&json!(1.2), &json!(1.1), &json!(1.15)]
    );
    assert!(items(&found, "frontier").contains(paper));
    assert!(items(&found, "frontier").contains(&found["chosen"]));
    // The paper's own coefficients scaled by 1 cost the same.
    assert_eq!(paper["macs"], document(&["--phi", "1"])["macs"]);

    let text = scale(&["--search", "--flops", "1G"]).success();
    assert!(text.contains("Accuracy decides"), "{text}");
    let marked = text.lines().find(|line| line.ends_with("the paper's"));
    let marked = marked.expect("the paper's choice is marked");
    assert!(marked.trim().starts_with("1.20  1.10   1.15"), "{marked}");
    // Twice B0's 386 million, as the paper assumes: repeats round up beyond it.
    let text = scale(&["--search", "--flops", "780M"]).success();
    assert!(text.contains("more than the budget"), "{text}");
    let text = scale(&["--search", "--flops", "10G"]).success();
    assert!(text.contains("and is smaller than (1."), "{text}");
}

#[test]
fn the_chosen_candidate_is_written_with_its_coefficients() {
    let files = Files::new();
    let path = files.path("searched.yaml");
    let chosen = document(&["--search", "--flops", "1G", "-o", &path])["chosen"].clone();
    let scaled = document(&["--spec", &path, "--phi", "1", "--name", "again"]);
    for key in ["alpha", "beta", "gamma"] {
        assert_eq!(scaled["scaling"][key], chosen[key], "{key}");
    }
    for key in ["macs", "resolution", "trainable_parameters"] {
        assert_eq!(scaled[key], chosen[key], "{key}");
    }
    let summary = efficientnet(&["summary", "phi1", "--spec", &path, "--json"]).json();
    assert_eq!(summary["macs"], chosen["macs"]);
}

#[test]
fn combinations_that_make_no_sense_are_refused() {
    scale(&[]).complains(2, &["--phi X", "--width W", "--search --flops F"]);
    let wrong: [(&[&str], &str); 10] = [
        (
            &["--phi", "1", "--search", "--flops", "1G"],
            "'--phi <X>' cannot be used with",
        ),
        (&["--phi", "1", "--width", "2"], "cannot be used with"),
        (&["--phi", "1", "--flops", "1G"], "cannot be used with"),
        (
            &[
                "--width",
                "1",
                "--depth",
                "1",
                "--resolution",
                "9",
                "--flops",
                "1G",
            ],
            "cannot be used with",
        ),
        (&["--width", "2"], "--depth <D>"),
        (&["--depth", "2"], "--width <W>"),
        (&["--width", "2", "--depth", "2"], "--resolution <R>"),
        (&["--search"], "--flops <F>"),
        (&["--flops", "1G"], "--search"),
        (&["--phi", "--search"], "expected a finite number"),
    ];
    for (arguments, part) in wrong {
        let complaint = scale(arguments).failure(2);
        assert!(complaint.contains(part), "`{part}` is not in: {complaint}");
    }
}

#[test]
fn numbers_that_make_no_sense_are_refused() {
    let wrong: [(&[&str], &str); 9] = [
        (&["--phi", "nan"], "expected a finite number, such as 1.5"),
        (&["--phi", "-inf"], "expected a finite number, such as 1.5"),
        (&["--phi", "x"], "expected a finite number, such as 1.5"),
        (
            &["--width", "0", "--depth", "1", "--resolution", "9"],
            "more than 0 and at most 100",
        ),
        (
            &["--width", "1", "--depth", "1", "--resolution", "9.5"],
            "a whole number from 1",
        ),
        (&["--search", "--flops", "8X"], "such as 800M, 1.5G"),
        (&["--search", "--flops", "-1"], "unexpected argument"),
        (&["--phi", "1", "--name", "B9"], "a lower-case letter"),
        (
            &["--phi", "1", "--dropout", "1"],
            "0 or more and less than 1",
        ),
    ];
    for (arguments, part) in wrong {
        let complaint = scale(arguments).failure(2);
        assert!(complaint.contains(part), "`{part}` is not in: {complaint}");
    }
    scale(&["--phi", "40"]).complains(2, &["makes depth 1469.", "nearer to 0"]);
    scale(&["--phi", "-60"]).complains(2, &["makes resolution 0.0", "nearer to 0"]);
    let faults = scale(&["--phi", "23"]).failure(2);
    assert!(
        faults.contains("block 6: number of sub-blocks is 265"),
        "{faults}"
    );
    assert!(faults.ends_with("choose a phi nearer to 0"), "{faults}");
    let sizes = ["--width", "100", "--depth", "1", "--resolution", "65536"];
    let faults = scale(&sizes).failure(2);
    assert!(
        faults.contains("expected at most 4294967296 values"),
        "{faults}"
    );
    assert!(
        faults.ends_with("choose a smaller width, depth or resolution"),
        "{faults}"
    );
    scale(&["--search", "--flops", "100M"])
        .complains(2, &["100000000", "the smallest has 743811776", "--flops"]);
}

#[test]
fn files_that_cannot_be_are_refused_and_nothing_is_left() {
    let files = Files::new();
    let path = files.path("new.yaml");
    scale(&["--phi", "1", "--name", "b0", "-o", &path]).complains(2, &["`b0`", "--name"]);
    scale(&["--phi", "99", "-o", &path]).complains(2, &["phi 99"]);
    scale(&["--search", "--flops", "1", "-o", &path]).complains(2, &["smallest"]);
    scale(&["--phi", "1", "-o", &files.path("none/new.yaml")]).complains(2, &["no directory"]);
    scale(&["--phi", "1", "--spec", "none.yaml"])
        .complains(2, &["none.yaml", "efficientnet, lite"]);
    assert!(files.names().is_empty());

    scale(&["--phi", "1", "-o", &path]).success();
    let before = fs::read_to_string(&path).expect("it is written");
    scale(&["--phi", "2", "--spec", &path, "-o", &path]).complains(2, &["it is read, too"]);
    assert_eq!(
        fs::read_to_string(&path).expect("it is still there"),
        before
    );
}

/// A spec that has no variant of width and depth 1 has nothing to scale by phi.
#[test]
fn a_spec_without_baseline_takes_sizes_alone() {
    let files = Files::new();
    let path = files.path("b0.yaml");
    scale(&["--phi", "1", "-o", &path]).success();
    let text = fs::read_to_string(&path).expect("it is written");
    let text: String = text
        .lines()
        .filter(|line| !line.starts_with("  b0: "))
        .map(|line| format!("{line}\n"))
        .collect();
    let path = files.write("none.yaml", text);
    for arguments in [&["--phi", "1"][..], &["--search", "--flops", "1G"]] {
        scale(&[&["--spec", &path], arguments].concat())
            .complains(2, &["no variant with width 1.0 and depth 1.0"]);
    }
    let sizes = [
        "--spec",
        &path,
        "--width",
        "1",
        "--depth",
        "1",
        "--resolution",
        "224",
    ];
    scale(&sizes).complains(2, &["give --dropout"]);
    let custom = document(&[&sizes[..], &["--dropout", "0.2"]].concat());
    assert_eq!(custom["trainable_parameters"], 5_288_548);
    assert!(custom["baseline"].is_null() && custom["macs_over_baseline"].is_null());
    scale(&[&sizes[..], &["--dropout", "0.2"]].concat()).success();
}
