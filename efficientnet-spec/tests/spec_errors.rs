//! Errors of specs: all of a file together, each with its place.

mod common;

use efficientnet_spec::{Spec, SpecErrors, bundled};

fn errors(text: &str) -> SpecErrors {
    Spec::parse(text, "bad.yaml").unwrap_err()
}

/// The bundled spec with one piece replaced, all else valid.
fn edited(from: &str, to: &str) -> String {
    let text = bundled("efficientnet").unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

#[test]
fn all_errors_of_a_file_come_together() {
    insta::assert_snapshot!(errors(include_str!("bad_specs/full_of_errors.yaml")));
}

/// The bundled spec with the lines from one text up to another replaced.
fn without(from: &str, to: &str, replacement: &str) -> String {
    let text = bundled("efficientnet").unwrap();
    let (before, rest) = text.split_once(from).unwrap();
    let after = if to.is_empty() {
        ""
    } else {
        &rest[rest.find(to).unwrap()..]
    };
    format!("{before}{replacement}\n{after}")
}

/// Each edit makes its error and no other; the snapshot shows its words.
#[test]
fn each_error_by_itself() {
    let long = format!("# {}", "x".repeat(300_000));
    let deep = format!("{}x{}", "[".repeat(40), "]".repeat(40));
    let cases = [
        ("nothing", String::new()),
        ("comment", "# nothing\n".into()),
        ("a scalar", "efficientnet".into()),
        ("a list", "- efficientnet".into()),
        (
            "two documents",
            edited("classes: 1000", "classes: 1000\n---\nfamily: b"),
        ),
        ("not closed", edited("gate: sigmoid }", "gate: sigmoid")),
        ("tab", edited("  alpha: 1.2", "\talpha: 1.2")),
        ("long", long),
        (
            "deep",
            edited("channels: 1280", &format!("channels: {deep}")),
        ),
        ("deeper", "[".repeat(100_000)),
        ("deep by indentation", "- ".repeat(1000)),
        ("anchor", edited("classes: 1000", "classes: &n 1000")),
        ("alias", edited("classes: 1000\n", "classes: *n\n")),
        ("merge", edited("head: {", "head: { <<: { channels: 3 },")),
        ("tag", edited("classes: 1000", "classes: !big 1000")),
        (
            "key of several",
            edited("classes: 1000", "[a, b]: 1\nclasses: 1000"),
        ),
        ("no blocks", without("blocks:\n", "head:", "blocks: []")),
        ("too many blocks", {
            let row = "  - { expand_ratio: 1, kernel: 3, stride: 1, channels: 16, repeats: 1 }\n";
            edited("blocks:\n", &format!("blocks:\n{}", row.repeat(80)))
        }),
        ("no variants", without("variants:\n", "", "variants:")),
        ("missing variants", without("variants:\n", "", "")),
        ("word as a name", edited("b0: {", "true: {")),
        (
            "channels too large once scaled",
            edited("channels: 1280", "channels: 500000"),
        ),
        (
            "resolution too large",
            edited("resolution: 600", "resolution: 65536"),
        ),
    ];
    let shown: Vec<_> = cases
        .iter()
        .map(|(name, text)| format!("## {name}\n{}\n", errors(text)))
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
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
    assert_eq!(at(0), (10, "\"clässes\""));
    let ratio = errors(&edited("ratio: 0.25", "é: 1, ratio: 2.5"));
    let places: Vec<_> = ratio
        .diagnostics
        .iter()
        .map(|each| (each.line, each.column))
        .collect();
    assert_eq!(places, [(17, 19), (17, 32)]);
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
