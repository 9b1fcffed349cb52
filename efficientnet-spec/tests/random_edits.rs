//! Random edits of valid specs: a spec or errors, never a panic, and what is a spec can be built.

mod edits;

use efficientnet_spec::{BUNDLED, LayerGraph, Options, Spec, Top};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Parses, and builds whatever parses.
fn check(text: &str) -> Result<(), TestCaseError> {
    match Spec::parse(text, "random.yaml") {
        Ok(spec) => {
            prop_assert_eq!(
                &Spec::parse(&spec.to_string(), "canonical.yaml").unwrap(),
                &spec
            );
            spec.verify().unwrap();
            let smallest = &spec.variants[0];
            let architecture = spec.scale(smallest, &Options::default()).unwrap();
            LayerGraph::build(&architecture, Top::With)
                .unwrap()
                .verify()
                .unwrap();
        }
        Err(errors) => {
            prop_assert!(!errors.diagnostics.is_empty());
            for error in &errors.diagnostics {
                prop_assert!(error.line >= 1 && error.column >= 1);
                prop_assert!(text.get(error.range.clone()).is_some(), "{:?}", error);
            }
            prop_assert!(errors.to_string().starts_with("random.yaml:"));
        }
    }
    Ok(())
}

/// Pieces that mean something to YAML, to the language, or to numbers.
fn piece() -> impl Strategy<Value = String> {
    let telling = select(vec![
        "",
        " ",
        "\n",
        "\t",
        "\r\n",
        "- ",
        ": ",
        ", ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "!t ",
        "<<: ",
        "---\n",
        "...\n",
        "|\n",
        "> ",
        "'",
        "\"",
        "#",
        "%",
        "?",
        "0",
        "-1",
        "1e309",
        ".nan",
        "-.inf",
        "18446744073709551616",
        "null",
        "true",
        "b0",
        "channels: 7",
        "scale_depth: false",
        "é",
        "\u{feff}",
    ]);
    prop_oneof![4 => telling.prop_map(String::from), 1 => any::<char>().prop_map(String::from)]
}

/// The text of a bundled spec.
fn bundled() -> impl Strategy<Value = &'static str> {
    select(&BUNDLED[..]).prop_map(|(_, text)| text)
}

proptest! {
    #![proptest_config(edits::config(400))]

    #[test]
    fn characters(
        text in bundled(),
        edits in prop::collection::vec((any::<Index>(), 0usize..12, piece()), 1..4),
    ) {
        let mut text: Vec<char> = text.chars().collect();
        for (at, removed, piece) in edits {
            let start = at.index(text.len() + 1);
            let end = (start + removed).min(text.len());
            text.splice(start..end, piece.chars());
        }
        check(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn lines(
        text in bundled(),
        edits in prop::collection::vec((any::<Index>(), any::<Index>(), 0..4), 1..4),
    ) {
        let mut lines: Vec<&str> = text.lines().collect();
        for (at, other, edit) in edits {
            let (at, other) = (at.index(lines.len()), other.index(lines.len()));
            match edit {
                0 => lines.swap(at, other),
                1 => lines.insert(at, lines[other]),
                2 => lines.truncate(at.max(1)),
                _ if lines.len() > 1 => drop(lines.remove(at)),
                _ => {}
            }
        }
        check(&lines.join("\n"))?;
    }

    #[test]
    fn keys_and_values(text in edits::edited()) {
        check(&text.0)?;
    }

    #[test]
    fn anything(text in "\\PC{0,80}") {
        check(&text)?;
    }
}
