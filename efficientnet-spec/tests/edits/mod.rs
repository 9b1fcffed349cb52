//! Edits of a spec's text that keep its structure: values replaced; keys and rows deleted, copied and moved.
// Shared with the workspace's tests.
#![allow(unreachable_pub)]

use std::fmt;
use std::ops::Range;

use efficientnet_spec::{Activation, BUNDLED, BlockKind, ExpandOf, SqueezeOf};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// One edit; an index is among whatever the text has.
#[derive(Clone, Debug)]
enum Edit {
    Replace(Index, String),
    /// The value that another key has.
    Borrow(Index, Index),
    Delete(Index),
    /// One key before another.
    Copy(Index, Index),
    Move(Index, Index),
    /// A row of `blocks` or `variants`.
    DeleteRow(Index),
    CopyRow(Index),
    SwapRows(Index, Index),
}

/// So many cases, or as many as `PROPTEST_CASES` asks for; nothing is written on failure.
pub fn config(cases: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig {
        cases: if asked { usual.cases } else { cases },
        failure_persistence: None,
        ..usual
    }
}

/// A text as failures print it: unescaped.
pub struct Text(pub String);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.0)
    }
}

/// A bundled spec with one to three edits.
pub fn edited() -> impl Strategy<Value = Text> {
    let texts: Vec<&str> = BUNDLED.iter().map(|(_, text)| *text).collect();
    let edits = prop::collection::vec(edit(), 1..4);
    (select(texts), edits).prop_map(|(text, edits)| {
        let bare: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .collect();
        let bare = bare.join("\n") + "\n";
        Text(edits.iter().fold(bare, |text, edit| edit.apply(text)))
    })
}

fn edit() -> impl Strategy<Value = Edit> {
    let one = any::<Index>;
    let two = || (any::<Index>(), any::<Index>());
    prop_oneof![
        6 => (one(), value()).prop_map(|(at, value)| Edit::Replace(at, value)),
        3 => two().prop_map(|(at, from)| Edit::Borrow(at, from)),
        2 => one().prop_map(Edit::Delete),
        1 => two().prop_map(|(from, to)| Edit::Copy(from, to)),
        1 => two().prop_map(|(from, to)| Edit::Move(from, to)),
        1 => one().prop_map(Edit::DeleteRow),
        1 => one().prop_map(Edit::CopyRow),
        1 => two().prop_map(|(at, other)| Edit::SwapRows(at, other)),
    ]
}

/// Values on both sides of bounds, words, and what is neither.
fn value() -> impl Strategy<Value = String> {
    let sizes = select(vec![
        0usize,
        1,
        2,
        3,
        5,
        7,
        8,
        9,
        17,
        29,
        31,
        32,
        33,
        63,
        64,
        65,
        100,
        101,
        255,
        256,
        257,
        1000,
        4096,
        65535,
        65536,
        65537,
        1 << 20,
        (1 << 20) + 1,
        1 << 24,
        (1 << 24) + 1,
        usize::MAX,
    ]);
    let numbers = select(vec![
        "0.0",
        "-0.0",
        "1e-320",
        "1e-9",
        "0.01",
        "0.3",
        "0.5",
        "0.9",
        "0.9999999",
        "1.0",
        "1.0000001",
        "1.1",
        "1.5",
        "2.3",
        "6.0",
        "99.99",
        "100.0",
        "256.0",
        "1e9",
        "1e308",
        "-1",
        ".inf",
        ".nan",
    ]);
    let words = [
        Activation::ALL.iter().map(|a| a.word()).collect::<Vec<_>>(),
        BlockKind::ALL.iter().map(|kind| kind.word()).collect(),
        ExpandOf::ALL.iter().map(|of| of.word()).collect(),
        SqueezeOf::ALL.iter().map(|of| of.word()).collect(),
        vec!["true", "false", "null", "b0", "'8'", "~"],
    ]
    .concat();
    let nodes = select(vec![
        "[]",
        "[1]",
        "[1, 1.5]",
        "[2.5, 1, 6]",
        "[256, 1]",
        "[[1]]",
        "{}",
        "{ ratio: 1 }",
    ]);
    prop_oneof![
        5 => sizes.prop_map(|size| size.to_string()),
        5 => numbers.prop_map(String::from),
        2 => select(words).prop_map(String::from),
        2 => nodes.prop_map(String::from),
    ]
}

impl Edit {
    fn apply(&self, text: String) -> String {
        let entries = entries(&text);
        let rows = rows(&text);
        if entries.is_empty() || rows.is_empty() {
            return text;
        }
        let entry = |index: &Index| entries[index.index(entries.len())].clone();
        let row = |index: &Index| rows[index.index(rows.len())].clone();
        match self {
            Edit::Replace(at, value) => replaced(&text, entry(at).value, value),
            Edit::Borrow(at, from) => replaced(&text, entry(at).value, &text[entry(from).value]),
            Edit::Delete(at) => replaced(&text, entry(at).whole, ""),
            Edit::Copy(from, to) => inserted(&text, &entry(from), &entry(to)),
            Edit::Move(from, to) => {
                let (from, to) = (entry(from), entry(to));
                let with = inserted(&text, &from, &to);
                let shift = match from.whole.start >= to.whole.start {
                    true => with.len() - text.len(),
                    false => 0,
                };
                let whole = from.whole.start + shift..from.whole.end + shift;
                replaced(&with, whole, "")
            }
            Edit::DeleteRow(at) => replaced(&text, row(at), ""),
            Edit::CopyRow(at) => {
                let row = row(at);
                replaced(&text, row.start..row.start, &text[row])
            }
            Edit::SwapRows(at, other) => {
                let (at, other) = (row(at), row(other));
                let (first, second) = match at.start <= other.start {
                    true => (at, other),
                    false => (other, at),
                };
                let (up, down) = (
                    text[second.clone()].to_owned(),
                    text[first.clone()].to_owned(),
                );
                replaced(&replaced(&text, second, &down), first, &up)
            }
        }
    }
}

fn replaced(text: &str, range: Range<usize>, with: &str) -> String {
    [&text[..range.start], with, &text[range.end..]].concat()
}

/// A key with its value and the comma or line break behind it.
#[derive(Clone, Debug)]
struct Entry {
    whole: Range<usize>,
    value: Range<usize>,
}

/// A copy of one entry before another, with that one's separator.
fn inserted(text: &str, from: &Entry, to: &Entry) -> String {
    let piece = &text[from.whole.start..from.value.end];
    let ends_line = text[to.value.end..].starts_with('\n');
    let line = text[..to.whole.start].rfind('\n').map_or(0, |at| at + 1);
    let begins_line = text[line..to.whole.start].trim().is_empty();
    let separator = match ends_line && begins_line {
        true => format!("\n{}", &text[line..to.whole.start]),
        false => ", ".to_owned(),
    };
    let at = to.whole.start;
    replaced(text, at..at, &format!("{piece}{separator}"))
}

/// Every key whose value is a scalar or a list of numbers.
fn entries(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (colon, _) in text.match_indices(": ") {
        let named = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let start = text[..colon].rfind(|c| !named(c)).map_or(0, |at| at + 1);
        let value = colon + 2;
        let rest = &text[value..];
        let end = match rest.starts_with('[') {
            true => rest.find(']').map(|at| at + 1),
            false => rest.find([',', '}', '\n']),
        };
        let end = value + end.unwrap_or(rest.len());
        let end = value + text[value..end].trim_end().len();
        if start == colon || rest.starts_with('{') || value == end {
            continue;
        }
        let behind = &text[end..];
        let separator = [", ", "\n"].iter().find(|s| behind.starts_with(**s));
        entries.push(Entry {
            whole: start..end + separator.map_or(0, |separator| separator.len()),
            value: value..end,
        });
    }
    entries
}

/// The lines that are a row of a list or an entry of a mapping of mappings.
fn rows(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut rows = Vec::new();
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        if line.starts_with(' ') && line.contains('{') {
            rows.push(start..end);
        }
        start = end;
    }
    rows
}
