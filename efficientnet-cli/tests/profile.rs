//! `efficientnet profile`: what it says, but for how fast anything is.

mod common;

use common::{efficientnet, keys};
use serde_json::Value;

/// Arguments that keep a debug build's tests short.
const SMALL: [&str; 4] = ["--resolution", "64", "--runs", "2"];

fn profile(variant: &str, more: &[&str]) -> Value {
    let arguments = [&["profile", variant, "--json"], &SMALL[..], more].concat();
    efficientnet(&arguments).json()
}

fn items<'a>(document: &'a Value, key: &str) -> &'a Vec<Value> {
    document[key].as_array().expect("an array")
}

fn number(document: &Value, key: &str) -> f64 {
    let number = document[key].as_f64();
    number.unwrap_or_else(|| panic!("`{key}` is no number in {document}"))
}

fn sum(items: &[Value], key: &str) -> f64 {
    items.iter().map(|item| number(item, key)).sum()
}

#[track_caller]
fn assert_near(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * a.abs(), "{a} and {b}");
}

#[test]
fn the_document_has_every_call_of_the_plan() {
    let document = efficientnet(&["profile", "b0", "--runs", "1", "--json"]).json();
    let expected = [
        "calls",
        "fma_gflops",
        "input_shape",
        "isa",
        "kinds",
        "macs",
        "pairs_gflops",
        "precision",
        "read_gb_per_s",
        "runs",
        "threads",
        "total",
        "variant",
    ];
    assert_eq!(keys(&document), expected);
    let plan = efficientnet(&["summary", "b0", "--view", "plan", "--json"]).json();
    let (calls, planned) = (items(&document, "calls"), items(&plan, "calls"));
    assert_eq!(calls.len(), planned.len());
    for (call, planned) in calls.iter().zip(planned) {
        let expected = [
            "bound",
            "bound_us",
            "gflops",
            "input_shape",
            "kernel",
            "kind",
            "macs",
            "median_us",
            "name",
            "output_shape",
            "weights_bytes",
        ];
        assert_eq!(keys(call), expected);
        for key in ["name", "kernel", "output_shape"] {
            assert_eq!(call[key], planned[key]);
        }
    }
    let summary = efficientnet(&["summary", "b0", "--json"]).json();
    assert_eq!(document["macs"], summary["macs"]);
    assert_eq!(sum(calls, "macs"), number(&summary, "macs"));
}

/// Every weight is read, and nothing else: the trainable parameters but for biases and the scales and shifts
/// of batch norms, one pair a channel.
#[test]
fn weights_are_those_of_the_summary() {
    let document = profile("lite0", &[]);
    let summary = efficientnet(&["summary", "lite0", "--json"]).json();
    let folded = |layer: &Value| match layer["type"].as_str() {
        // Four a channel, two of them trainable.
        Some("BatchNormalization") => number(layer, "parameters") / 2.0,
        Some("Dense") => layer["output_shape"][0].as_f64().expect("classes"),
        _ => 0.0,
    };
    let folded: f64 = items(&summary, "layers").iter().map(folded).sum();
    let weights = number(&summary, "trainable_parameters") - folded;
    assert_eq!(
        sum(items(&document, "calls"), "weights_bytes"),
        4.0 * weights
    );
}

#[test]
fn figures_follow_from_each_other() {
    for (variant, more) in [("b0", &["--threads", "2"][..]), ("lite0", &[])] {
        let document = profile(variant, more);
        let (fma, read) = (
            number(&document, "fma_gflops"),
            number(&document, "read_gb_per_s"),
        );
        for call in items(&document, "calls") {
            let fma = 2.0 * number(call, "macs") / fma / 1e3;
            let read = number(call, "weights_bytes") / read / 1e3;
            assert_near(number(call, "bound_us"), fma.max(read));
            assert_eq!(call["bound"], if read > fma { "read" } else { "fma" });
        }
        let total = &document["total"];
        for parts in ["calls", "kinds"] {
            for key in ["macs", "median_us", "bound_us"] {
                assert_near(sum(items(&document, parts), key), number(total, key));
            }
        }
        assert_eq!(total["calls"], items(&document, "calls").len());
        assert_eq!(total["macs"], document["macs"]);
    }
}

#[test]
fn calls_can_be_sorted_by_time() {
    let document = profile("lite0", &["--sort", "time"]);
    let times: Vec<f64> = items(&document, "calls")
        .iter()
        .map(|call| number(call, "median_us"))
        .collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    // Kinds stay in the order of the network.
    let kinds = items(&document, "kinds");
    assert!(
        kinds[0]["kind"]
            .as_str()
            .expect("a name")
            .starts_with("stem"),
        "{kinds:?}"
    );
    assert_eq!(kinds[kinds.len() - 1]["kind"], "classifier");
}

#[test]
fn the_text_fits_a_terminal() {
    // The longest names are B7's, the longest shapes those of large inputs.
    let arguments = ["profile", "b0", "--resolution", "600", "--runs", "1"];
    let b7 = ["profile", "b7", "--resolution", "32", "--runs", "1"];
    for arguments in [&arguments[..], &b7] {
        let text = efficientnet(arguments).success();
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
        let totals = text.lines().last().expect("totals");
        assert!(totals.starts_with("all "), "{text}");
    }
}
