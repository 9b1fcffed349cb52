//! Everything that can be wrong with a spec, and the words for it: one table of faults ([`Fault`]),
//! one of the values that a key takes ([`Expected`]), one of others' names ([`familiar`]).

mod expected;
mod familiar;
mod fault;
mod nearest;
mod value;

use std::fmt;
use std::ops::Range;

pub(crate) use expected::Expected;
pub(crate) use familiar::key as familiar_key;
pub use fault::Fault;
use fault::Words;
pub(crate) use nearest::did_you_mean;
pub use nearest::nearest;
pub(crate) use value::{Meaning, wrong_name, wrong_value};

/// What is wrong at one place of a spec.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    fault: Fault,
    found: Option<String>,
    /// What `{name}` stands for in the fault's words.
    words: Vec<(&'static str, String)>,
}

impl Problem {
    pub(crate) fn new(fault: Fault) -> Self {
        Problem {
            fault,
            found: None,
            words: Vec::new(),
        }
    }

    /// Text of the spec.
    pub(crate) fn found(self, text: &str) -> Self {
        self.says(quoted(text)).with("found", text)
    }

    /// What is found, in words of our own.
    pub(crate) fn says(self, found: impl Into<String>) -> Self {
        Problem {
            found: Some(found.into()),
            ..self
        }
    }

    /// What `{name}` stands for.
    pub(crate) fn with(mut self, name: &'static str, text: impl fmt::Display) -> Self {
        self.words.push((name, text.to_string()));
        self
    }

    fn fill(&self, template: &str) -> String {
        let fill = |text: String, (name, word): &(&str, String)| {
            text.replace(&format!("{{{name}}}"), word)
        };
        self.words.iter().fold(template.into(), fill)
    }
}

/// Text of the spec, shortened to fit a line.
pub(crate) fn quoted(text: &str) -> String {
    let mut line: String = text
        .chars()
        .take(48)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(48).is_some() {
        line.push_str("...");
    }
    if line.is_empty() {
        "nothing".into()
    } else {
        format!("`{line}`")
    }
}

/// One error of a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of fault.
    pub fault: Fault,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Column behind the last character, on the same line.
    pub end: usize,
    /// Bytes of the spec that the error is about, of their first line alone; may be empty.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What is wrong with the range, in a few words.
    pub label: String,
    /// What stands there, where the message does not say it.
    pub found: Option<String>,
    /// What could stand there.
    pub expected: String,
    /// What to do.
    pub hint: String,
}

impl Diagnostic {
    pub(crate) fn new(
        problem: Problem,
        range: Range<usize>,
        (line, column, end): (usize, usize, usize),
    ) -> Self {
        let fault = problem.fault;
        let Words {
            message,
            label,
            expected,
            hint,
        } = fault.words();
        let [message, label, expected, hint] =
            [message, label, expected, hint].map(|template| problem.fill(template));
        Diagnostic {
            fault,
            line,
            column,
            end,
            range,
            message,
            label,
            found: problem.found,
            expected,
            hint,
        }
    }
}

/// All errors of one spec, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecErrors {
    /// The file, as the caller named it.
    pub file: String,
    /// The errors, at least one.
    pub diagnostics: Vec<Diagnostic>,
}

impl std::error::Error for SpecErrors {}

/// One block of lines an error, `file:line:column: message` first.
impl fmt::Display for SpecErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, diagnostic) in self.diagnostics.iter().enumerate() {
            let Diagnostic {
                line,
                column,
                message,
                found,
                expected,
                hint,
                ..
            } = diagnostic;
            if number > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}:{line}:{column}: {message}", self.file)?;
            if let Some(found) = found {
                write!(f, "\n  found:    {found}")?;
            }
            write!(f, "\n  expected: {expected}\n  hint:     {hint}")?;
        }
        Ok(())
    }
}
