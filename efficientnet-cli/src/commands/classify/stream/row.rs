//! What is said of one photo among many.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::Guess;

/// One photo: a line of JSON, as the journal holds it, and what every format is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Row {
    /// As it was found; what is not UTF-8 in it is U+FFFD.
    pub(super) path: String,
    #[serde(flatten)]
    pub(super) outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Outcome {
    /// The most probable classes, the best first.
    Top(Vec<Class>),
    /// Why there are none.
    Error(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Class {
    pub(super) class: usize,
    pub(super) label: String,
    pub(super) probability: f64,
}

impl Row {
    pub(super) fn new(path: &Path, outcome: Outcome) -> Self {
        Self {
            path: text(path),
            outcome,
        }
    }

    pub(super) fn is_broken(&self) -> bool {
        matches!(self.outcome, Outcome::Error(_))
    }

    /// The row as a line of JSON, without its end.
    pub(super) fn line(&self) -> String {
        // Neither numbers nor keys of it are such as JSON has not: probabilities are finite.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// [`Self::line`] read again.
    pub(super) fn parse(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}

impl From<&Guess<'_>> for Class {
    fn from(guess: &Guess<'_>) -> Self {
        Self {
            class: guess.class,
            label: guess.label.to_owned(),
            probability: guess.probability,
        }
    }
}

/// A path as rows have it.
pub(super) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_lines_without_losing_a_bit() {
        let class = |probability| Class {
            class: 7,
            label: "a \"b\",\nc".to_owned(),
            probability,
        };
        let probabilities = [1.0 / 3.0, 5e-324, 0.1 + 0.2, 1.0, f64::MIN_POSITIVE];
        let top = Outcome::Top(probabilities.map(class).to_vec());
        let error = Outcome::Error("no".to_owned());
        for (outcome, start) in [
            (top, r#"{"path":"x\ny","top":[{"class":7,"#),
            (error, r#"{"path":"x\ny","error":"no"}"#),
        ] {
            let row = Row::new(Path::new("x\ny"), outcome);
            let line = row.line();
            assert!(line.starts_with(start) && !line.contains('\n'), "{line}");
            assert_eq!(Row::parse(&line), Some(row));
        }
    }
}
