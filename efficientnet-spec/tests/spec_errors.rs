//! Errors of specs: all of a file together, each with its place.

mod common;

use std::collections::BTreeSet;

use common::faulty::{Case, cases, edited};
use efficientnet_spec::{Diagnostic, Fault, Spec, SpecErrors, bundled};

fn errors(text: &str) -> SpecErrors {
    Spec::parse(text, "bad.yaml").unwrap_err()
}

#[test]
fn all_errors_of_a_file_come_together() {
    insta::assert_snapshot!(errors(include_str!("bad_specs/full_of_errors.yaml")));
}

/// Each edit makes its error and no other; the snapshots show its words.
#[test]
fn each_error_by_itself() {
    let cases = cases();
    let shown = |case: &Case| {
        let errors = errors(&case.text);
        for error in &errors.diagnostics {
            // What an alias stands for has an anchor.
            let anchor = (error.fault, case.fault) == (Fault::Anchor, Fault::Alias);
            assert!(
                error.fault == case.fault || anchor,
                "{}: {errors}",
                case.name
            );
            assert_words_are_filled(error);
        }
        let under = &errors.diagnostics[0];
        let (name, fault) = (case.name, case.fault.name());
        let place = case.text.get(under.range.clone()).unwrap();
        format!(
            "## {name} ({fault})\n{errors}\n  label:    {}\n  under:    {place:?}\n",
            under.label
        )
    };
    let shown: Vec<_> = cases.iter().map(shown).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

/// No `{name}` is left of a template.
fn assert_words_are_filled(error: &Diagnostic) {
    let words = [&error.message, &error.label, &error.expected, &error.hint];
    for text in words {
        let left = text.split('{').skip(1).any(|rest| {
            let name = rest.split('}').next().unwrap_or_default();
            !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase())
        });
        assert!(!left && !text.trim().is_empty(), "{error:?}");
    }
}

#[test]
fn every_kind_of_fault_has_a_case() {
    let covered: BTreeSet<Fault> = cases().iter().map(|case| case.fault).collect();
    let all: BTreeSet<Fault> = Fault::ALL.iter().copied().collect();
    assert_eq!(covered, all);
    let names: BTreeSet<&str> = all.iter().map(|fault| fault.name()).collect();
    assert_eq!(names.len(), all.len());
    assert!(all.len() >= 40, "{}", all.len());
}

#[test]
fn zeros_in_front_make_no_number() {
    for (from, to) in [
        ("classes: 1000", "classes: 010"),
        ("kernel: 3", "kernel: 03"),
    ] {
        let SpecErrors { diagnostics, .. } = errors(&edited(from, to));
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(diagnostics[0].label, "no number", "{to}");
    }
}

#[test]
fn places_are_lines_characters_and_bytes() {
    let text = edited("classes: 1000", "\"clässes\": 1000").replace('\n', "\r\n");
    let SpecErrors { diagnostics, .. } = errors(&text);
    let at = |index: usize| {
        (
            diagnostics[index].line,
            &text[diagnostics[index].range.clone()],
        )
    };
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(at(0), (11, "\"clässes\""));
    let ratio = errors(&edited("ratio: 0.25", "é: 1, ratio: 2.5"));
    let places: Vec<_> = ratio
        .diagnostics
        .iter()
        .map(|each| (each.line, each.column))
        .collect();
    assert_eq!(places, [(18, 19), (18, 32)]);
}

#[test]
fn a_byte_order_mark_is_no_character() {
    let text = format!("\u{feff}{}", bundled("lite").unwrap());
    assert_eq!(
        Spec::parse(&text, "bom.yaml").unwrap(),
        common::spec("lite")
    );
    let text = "\u{feff}famly: x";
    let error = errors(text);
    let unknown = error
        .diagnostics
        .iter()
        .find(|each| each.message.starts_with("unknown"))
        .unwrap();
    assert_eq!((unknown.line, unknown.column), (1, 1));
    assert_eq!(&text[unknown.range.clone()], "famly");
}

#[test]
fn canonical_yaml_reads_back() {
    for family in ["efficientnet", "lite"] {
        let spec = common::spec(family);
        let text = spec.to_string();
        assert_eq!(Spec::parse(&text, "canonical.yaml").unwrap(), spec);
        spec.verify().unwrap();
        insta::assert_snapshot!(format!("canonical_{family}"), text);
    }
}
