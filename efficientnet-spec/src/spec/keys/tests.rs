//! The tables of `specs/README.md` are those of the parser.

use super::Without::{Default, Else, Required};
use super::*;
use crate::diagnostics::Expected;
use crate::limits::MAX_BLOCKS;

const README: &str = include_str!("../../../specs/README.md");

/// A mapping's keys as a table of Markdown.
fn table(keys: &Keys) -> String {
    let mut rows = vec![
        "| key | takes | without it | meaning |".to_owned(),
        "| --- | --- | --- | --- |".to_owned(),
    ];
    rows.extend(keys.keys.iter().map(|key| {
        let Key { name, doc, .. } = key;
        format!("| `{name}` | {} | {} | {doc} |", takes(key), without(key))
    }));
    rows.join("\n") + "\n"
}

fn takes(key: &Key) -> String {
    let words = |expected: &Expected| match expected {
        Expected::OneOf(words) => format!("`{}`", words.join("`, `")),
        expected => expected.to_string(),
    };
    match &key.takes {
        Takes::Value(expected) => words(expected),
        Takes::Values(expected) => format!("{}, or a list of such", words(expected)),
        Takes::Mapping(keys) => format!("[a mapping](#{})", keys.name),
        Takes::Blocks => format!("a list of 1 to {MAX_BLOCKS} [blocks](#block)"),
        Takes::Variants => "a mapping of names to [variants](#variant)".into(),
    }
}

fn without(key: &Key) -> String {
    match key.without {
        Required => "required".into(),
        Default(value) => format!("`{value}`"),
        Else(what) => what.into(),
    }
}

#[test]
fn the_readme_has_every_table() {
    let section = |keys: &Keys| format!("### {}\n\n{}\n\n{}", keys.name, keys.doc, table(keys));
    let sections = ALL.map(section);
    let missing = sections.iter().find(|section| !README.contains(*section));
    assert!(
        missing.is_none(),
        "specs/README.md should say\n{}",
        sections.join("\n")
    );
}

#[test]
fn defaults_are_values_of_their_keys() {
    for key in ALL.into_iter().flat_map(|keys| keys.keys) {
        let (Takes::Value(expected), Default(default)) = (&key.takes, &key.without) else {
            continue;
        };
        match expected {
            Expected::Switch => assert!(["true", "false"].contains(default), "{}", key.name),
            Expected::OneOf(words) => assert!(words.contains(default), "{}", key.name),
            other => panic!("{}: {other}", key.name),
        }
    }
}
