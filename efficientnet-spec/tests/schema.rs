//! The JSON Schema against the parser: what the parser takes, the schema takes; what is wrong in
//! structure or value, neither does.

mod common;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use common::faulty::{cases, edited};
use efficientnet_spec::{BUNDLED, Diagnostic, Fault, Spec, schema};
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

static SCHEMA: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::validator_for(&schema().to_value()).expect("the schema is one"));

/// What the schema has against a text. What is no YAML, an editor says before it looks at the schema.
fn complaints(text: &str) -> Vec<String> {
    match serde_yaml::from_str::<Value>(text) {
        Ok(document) => {
            let errors = SCHEMA.iter_errors(&document);
            errors
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect()
        }
        Err(error) => vec![error.to_string()],
    }
}

/// Faults that the schema cannot see, at least in some texts.
const PARSER_ALONE: [Fault; 9] = [
    // Other readers take some.
    Fault::Tab,
    Fault::TooLong,
    Fault::Alias,
    Fault::Anchor,
    Fault::DuplicateKey,
    Fault::TooManyRatios,
    Fault::NoSqueezeExcite,
    // `1000.0`.
    Fault::NotWhole,
    Fault::Scaled,
];

#[test]
fn the_schema_is_one() {
    let value = schema().to_value();
    jsonschema::meta::validate(&value).expect("of its draft");
    assert_eq!(value["$schema"], "http://json-schema.org/draft-07/schema#");
}

#[test]
fn it_takes_every_bundled_spec_as_written_and_as_printed() {
    for (name, text) in BUNDLED {
        assert_eq!(complaints(text), [""; 0], "{name}");
        let canonical = Spec::parse(text, name).unwrap().to_string();
        assert_eq!(complaints(&canonical), [""; 0], "{name}");
    }
}

#[test]
fn it_refuses_what_is_wrong_in_structure_or_value() {
    let mut unseen = BTreeSet::new();
    for case in cases() {
        assert!(Spec::parse(&case.text, "f").is_err(), "{}", case.name);
        if complaints(&case.text).is_empty() {
            unseen.insert(case.fault);
        }
    }
    assert_eq!(unseen, BTreeSet::from(PARSER_ALONE));
}

#[test]
fn every_key_says_what_it_means() {
    fn walk(schema: &Value, path: &str) {
        for (key, value) in schema["properties"].as_object().into_iter().flatten() {
            let described = value["description"]
                .as_str()
                .is_some_and(|text| !text.is_empty());
            assert!(described, "{path}{key}");
        }
        for (name, definition) in schema["definitions"].as_object().into_iter().flatten() {
            walk(definition, &format!("{name}."));
        }
    }
    walk(&schema().to_value(), "");
}

/// Values at the bounds of every type, and of other types.
fn value() -> impl Strategy<Value = &'static str> {
    select(vec![
        "0",
        "1",
        "2",
        "3",
        "-1",
        "0.5",
        "1.0",
        "1.5",
        "0.999",
        "31",
        "32",
        "33",
        "64",
        "65",
        "100",
        "100.1",
        "256",
        "257",
        "65536",
        "65537",
        "1048576",
        "1048577",
        "16777216",
        "16777217",
        "18446744073709551616",
        "1e2",
        "1e-320",
        "1e309",
        ".nan",
        ".inf",
        "true",
        "false",
        "yes",
        "null",
        "~",
        "",
        "''",
        "\"1\"",
        "silu",
        "relu",
        "swish",
        "mbconv",
        "fused_mbconv",
        "convolution",
        "input",
        "output",
        "expanded",
        "b0",
        "B0",
        "[]",
        "[1]",
        "[1, 2.5]",
        "[silu]",
        "{}",
        "{ a: 1 }",
    ])
}

/// Pairs to put in front of others.
fn pair() -> impl Strategy<Value = String> {
    let keys = vec![
        "kind",
        "expand_ratio",
        "expand_ratio_of",
        "activation",
        "squeeze_excite",
        "shortcut",
        "scale_depth",
        "scale_width",
        "after_pooling",
        "of",
        "channel_multiple",
        "dropout",
        "x",
    ];
    (select(keys), value()).prop_map(|(key, value)| format!("{{ {key}: {value}, "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_the_parser_takes_it_takes(
        number in any::<Index>(),
        values in prop::collection::vec((any::<Index>(), value()), 0..2),
        pairs in prop::collection::vec((any::<Index>(), pair()), 0..2),
    ) {
        let mut text = number.get(&BUNDLED).1.to_owned();
        for (at, value) in values {
            let starts: Vec<_> = text.match_indices(": ").map(|(start, _)| start + 2).collect();
            let start = *at.get(&starts);
            let length = text[start..].find([',', '}', '\n']).unwrap_or(0);
            text.replace_range(start..start + length, value);
        }
        for (at, pair) in pairs {
            let starts: Vec<_> = text.match_indices("{ ").map(|(start, _)| start).collect();
            let start = *at.get(&starts);
            text.replace_range(start..start + 2, &pair);
        }
        if Spec::parse(&text, "f").is_ok() {
            prop_assert_eq!(complaints(&text), Vec::<String>::new(), "{}", text);
        }
    }
}

/// Both ways, on whole numbers and fractions around the bounds; what is too large once scaled aside.
#[test]
fn bounds_are_the_same() {
    let keys = [
        ("classes: 1000", "classes"),
        ("drop_connect: 0.2", "drop_connect"),
        ("alpha: 1.2", "alpha"),
        ("channel_floor: 0.9", "channel_floor"),
        ("ratio: 0.25", "ratio"),
        ("kernel: 5", "kernel"),
        ("stride: 1", "stride"),
        ("expand_ratio: 1", "expand_ratio"),
    ];
    let numbers = [
        "-1", "0", "0.1", "0.9", "0.99", "1", "2", "3", "4", "31", "32", "33", "99.9", "100",
        "100.5", "256", "256.5", "16777216", "16777217",
    ];
    for (from, key) in keys {
        for number in numbers {
            let text = edited(from, &format!("{key}: {number}"));
            let scaled = |error: &Diagnostic| error.fault == Fault::Scaled;
            let parsed = match Spec::parse(&text, "f") {
                Ok(_) => true,
                Err(errors) => errors.diagnostics.iter().all(scaled),
            };
            let complaints = complaints(&text);
            assert_eq!(
                parsed,
                complaints.is_empty(),
                "{key}: {number}: {complaints:?}"
            );
        }
    }
}
