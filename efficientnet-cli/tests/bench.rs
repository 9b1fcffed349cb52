//! `efficientnet bench`: what it says, but for how fast anything is.

mod common;

use common::{command, efficientnet, keys};
use serde_json::{Value, json};

/// Arguments that keep a debug build's tests short.
const SMALL: [&str; 4] = ["--resolution", "32x64", "--runs", "3"];

fn bench(variant: &str, more: &[&str]) -> Value {
    let arguments = [&["bench", variant, "--json"], &SMALL[..], more].concat();
    efficientnet(&arguments).json()
}

fn number(document: &Value, key: &str) -> f64 {
    let number = document[key].as_f64();
    number.unwrap_or_else(|| panic!("`{key}` is no number in {document}"))
}

#[track_caller]
fn assert_near(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * a.abs(), "{a} and {b}");
}

#[test]
fn the_document_says_what_was_timed() {
    let document = bench("b0", &["--threads", "2"]);
    let expected = [
        "batch",
        "bound_ms",
        "fma_gflops",
        "input_shape",
        "isa",
        "macs",
        "median_ms",
        "min_ms",
        "over_bound",
        "pairs_gflops",
        "precision",
        "runs_ms",
        "threads",
        "variant",
    ];
    assert_eq!(keys(&document), expected);
    assert_eq!(document["variant"], "b0");
    assert_eq!(document["input_shape"], json!([32, 64, 3]));
    assert_eq!(document["precision"], "f32");
    assert_eq!(
        (&document["threads"], &document["batch"]),
        (&json!(2), &json!(1))
    );
}

#[test]
fn figures_follow_from_each_other() {
    for (batch, more) in [(1.0, &[][..]), (3.0, &["--batch", "3", "--threads", "2"])] {
        let document = bench("lite0", more);
        let runs = document["runs_ms"].as_array().expect("an array");
        let mut runs: Vec<f64> = runs
            .iter()
            .map(|run| run.as_f64().expect("a time"))
            .collect();
        assert_eq!(runs.len(), 3);
        runs.sort_by(f64::total_cmp);
        assert!(runs[0] > 0.0);
        assert_near(number(&document, "min_ms"), runs[0]);
        assert_near(number(&document, "median_ms"), runs[1]);
        let operations = 2.0 * batch * number(&document, "macs");
        let bound = number(&document, "bound_ms");
        assert_near(bound, operations / number(&document, "fma_gflops") / 1e6);
        assert_near(number(&document, "over_bound"), runs[1] / bound);
    }
}

/// Without options the network is the variant's own.
#[test]
fn macs_are_those_of_the_summary() {
    let document = efficientnet(&["bench", "b0", "--runs", "1", "--json"]).json();
    let summary = efficientnet(&["summary", "b0", "--json"]).json();
    assert_eq!(document["macs"], summary["macs"]);
    assert_eq!(document["input_shape"], json!([224, 224, 3]));
}

#[test]
fn the_environment_chooses_the_instruction_set() {
    let arguments = [&["bench", "lite0", "--json"], &SMALL[..]].concat();
    let run = |isa| {
        command(&arguments)
            .env("EFFICIENTNET_ISA", isa)
            .output()
            .expect("it starts")
    };
    let document: Value = serde_json::from_slice(&run("portable").stdout).expect("a document");
    assert_eq!(document["isa"], "portable");
    let output = run("mmx");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`mmx`"));
}

#[test]
fn the_text_is_one_short_table() {
    let arguments = [&["bench", "lite0"], &SMALL[..], &["--batch", "2"]].concat();
    let text = efficientnet(&arguments).success();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[0].starts_with("lite-lite0, 32x64x3, f32, "), "{text}");
    assert!(lines[0].ends_with(", 1 thread, batch 2, 3 runs"), "{text}");
    assert_eq!(
        lines[1],
        "median ms  min ms  images/s  GFLOP/s  of the bound"
    );
    assert!(lines[3].starts_with("bound: "), "{text}");
    for line in lines {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn wrong_arguments_are_mistakes() {
    let wrong: [(&[&str], &str); 7] = [
        (&["b99"], "`b99`"),
        (&["b0", "--threads", "0"], "from 1 to 1024"),
        (&["b0", "--threads", "99999"], "from 1 to 1024"),
        (&["b0", "--batch", "0"], "from 1 to 4096"),
        (&["b0", "--runs", "0"], "at least 1"),
        (&["b0", "--resolution", "big"], "192x256"),
        (&["b0", "--resolution", "0"], "height is 0"),
    ];
    for command in ["bench", "profile"] {
        for (arguments, part) in wrong {
            if command == "profile" && arguments.contains(&"--batch") {
                continue;
            }
            let complaint = efficientnet(&[&[command], arguments].concat()).failure(2);
            assert!(complaint.contains(part), "`{part}` is not in: {complaint}");
        }
    }
}
