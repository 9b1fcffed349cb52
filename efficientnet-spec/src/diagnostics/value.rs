//! What is wrong with a value.

use serde_yaml::{Number, Value};

use super::{Expected, Fault, Problem, familiar, nearest};

/// What the tables say about a key.
#[derive(Clone, Copy)]
pub(crate) struct Meaning<'a> {
    pub(crate) key: &'a str,
    pub(crate) doc: &'a str,
    /// A value that would do.
    pub(crate) example: &'a str,
}

/// A sentence of a table in the style of hints.
fn as_hint(doc: &str) -> String {
    let mut rest = doc.trim_end_matches('.').chars();
    let first = rest.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(rest).collect()
}

/// What is wrong with the value of a key. `text` is how it stands in the spec.
pub(crate) fn wrong_value(
    Meaning { key, doc, example }: Meaning<'_>,
    scalar: Option<&Value>,
    text: &str,
    expected: Expected,
) -> Problem {
    let (fault, meant) = fault(scalar, text, expected);
    let place = format!("value of `{key}`");
    let problem = Problem::new(fault)
        .with("key", key)
        .with("place", place)
        .with("expected", expected)
        .with("example", example)
        .with("doc", as_hint(doc))
        .with("meant", meant);
    match fault {
        Fault::NoValue => problem,
        _ => problem.found(text),
    }
}

/// The kind of fault, and the word that was meant.
fn fault(scalar: Option<&Value>, text: &str, expected: Expected) -> (Fault, &'static str) {
    let (number, whole) = expected.number();
    let in_quotes = text.starts_with(['"', '\'']);
    let is_number = |text: &str| serde_yaml::from_str::<f64>(text).is_ok();
    let is_finite = |number: &Number| number.as_f64().is_some_and(f64::is_finite);
    let fault = match (scalar, expected) {
        (None, _) => Fault::SeveralValues,
        (Some(Value::Null), _) => Fault::NoValue,
        (Some(Value::String(word)), Expected::OneOf(words)) => return named(word, words),
        // Plain numbers of more digits than YAML has are text, too, and so are those with zeros in front.
        (Some(Value::String(word)), _) if number && is_number(word) => {
            match (in_quotes, has_leading_zero(word)) {
                (true, _) => Fault::QuotedNumber,
                (false, true) => Fault::NoNumber,
                (false, false) => expected.fault(),
            }
        }
        (Some(Value::String(_) | Value::Bool(_)), _) if number => Fault::NoNumber,
        (Some(Value::Number(x)), _) if number && !is_finite(x) => Fault::NotFinite,
        (Some(Value::Number(x)), _) if whole && x.is_f64() => Fault::NotWhole,
        _ => expected.fault(),
    };
    (fault, "")
}

/// Such as `010`, which some readers take for octal.
fn has_leading_zero(number: &str) -> bool {
    let digits = number.trim_start_matches(['+', '-']).strip_prefix('0');
    digits.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The word that another one is most likely meant to be.
fn named(found: &str, words: &'static [&'static str]) -> (Fault, &'static str) {
    match (familiar::word(found, words), nearest(found, words)) {
        (Some(ours), _) => (Fault::ForeignWord, ours),
        (None, Some(near)) => (Fault::MisspeltWord, near),
        (None, None) => (Fault::UnknownWord, ""),
    }
}

/// What is wrong with the name of a variant.
pub(crate) fn wrong_name(found: &str) -> Problem {
    let problem = Problem::new(Fault::Name).found(found);
    let problem = problem.with("place", "name of a variant");
    problem.with("expected", Expected::Name)
}
