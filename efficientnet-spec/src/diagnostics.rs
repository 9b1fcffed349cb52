//! Everything that can be wrong with a spec, and the words for it: one table for the values that a
//! key takes ([`Expected`]), one for the problems ([`Problem`]).

use std::fmt;
use std::ops::Range;

use crate::limits::{
    MAX_BLOCKS, MAX_COEFFICIENT, MAX_DEPTH, MAX_EXPAND_RATIO, MAX_KERNEL, MAX_TEXT,
};

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Expected {
    Size { most: usize },
    Kernel,
    Stride,
    Coefficient,
    Share,
    Floor,
    ExpandRatio,
    Rate,
    Name,
    OneOf(&'static [&'static str]),
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Size { most } => write!(f, "a whole number from 1 to {most}"),
            Expected::Kernel => write!(f, "an odd whole number from 1 to {MAX_KERNEL}"),
            Expected::Stride => f.write_str("1 or 2"),
            Expected::Coefficient => {
                write!(f, "a number more than 0 and at most {MAX_COEFFICIENT}")
            }
            Expected::Share => f.write_str("a number more than 0 and at most 1"),
            Expected::Floor => f.write_str("a number, 0 or more and at most 1"),
            Expected::ExpandRatio => write!(f, "a number from 1 to {MAX_EXPAND_RATIO}"),
            Expected::Rate => f.write_str("a number, 0 or more and less than 1"),
            Expected::Name => {
                f.write_str("a lower-case letter, then lower-case letters, digits, `_` or `-`")
            }
            Expected::OneOf(names) => write!(f, "one of {}", names.join(", ")),
        }
    }
}

impl Expected {
    fn hint(self, found: &str) -> Option<String> {
        let hint = match self {
            Expected::Size { .. } => "digits alone: no fraction, no exponent, no quotes",
            Expected::Kernel => "one number stands for rows and columns",
            Expected::Stride => {
                "one number stands for rows and columns; the frameworks pad other strides differently"
            }
            Expected::Coefficient => "such as 1.2",
            Expected::Share => "such as 0.25",
            Expected::Floor => "such as 0.9, or 0 to round to the nearest",
            Expected::ExpandRatio => "such as 6; 1 expands nothing",
            Expected::Rate => "such as 0.2, or 0 to drop nothing",
            Expected::Name => "such as `b0`; `true`, `false` and `null` are no names in YAML",
            Expected::OneOf(_) if found == "swish" => "swish is called `silu` here",
            Expected::OneOf(names) => return nearest(found, names).map(did_you_mean),
        };
        Some(hint.into())
    }
}

/// What is wrong at one place of a spec.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Problem {
    /// The parser's own words.
    Syntax(String),
    Empty,
    TooLong {
        bytes: usize,
    },
    SecondDocument,
    Alias,
    Anchor,
    Tag,
    TooDeep,
    KeyIsNoText,
    DuplicateKey {
        key: String,
        first_line: usize,
    },
    UnknownKey {
        key: String,
        of: &'static str,
        known: Vec<&'static str>,
    },
    MissingKey {
        key: &'static str,
        of: &'static str,
    },
    NoMapping {
        of: &'static str,
        found: String,
        keys: Vec<&'static str>,
    },
    NoVariants {
        found: String,
    },
    NoBlocks {
        found: String,
    },
    TooManyBlocks {
        found: usize,
    },
    /// A list of expand ratios that is empty or longer than the block.
    Ratios {
        found: usize,
        repeats: usize,
    },
    /// A block asks for a squeeze and excite that the family does not describe.
    NoSqueezeExcite,
    Value {
        /// What the value is of: a key, or a variant's name.
        of: String,
        found: String,
        expected: Expected,
    },
    Scaled {
        variant: String,
        fault: String,
    },
}

/// The words for one problem.
struct Wording {
    message: String,
    found: Option<String>,
    expected: String,
}

impl Wording {
    fn new(message: impl Into<String>, expected: impl Into<String>) -> Self {
        Wording {
            message: message.into(),
            found: None,
            expected: expected.into(),
        }
    }

    fn found(self, found: impl Into<String>) -> Self {
        Wording {
            found: Some(found.into()),
            ..self
        }
    }
}

impl Problem {
    fn wording(self) -> Wording {
        match self {
            Problem::Syntax(parser) => Wording::new("this is not YAML", "valid YAML").found(parser),
            Problem::Empty => Wording::new("the spec is empty", "a mapping of keys to values"),
            Problem::TooLong { bytes } => {
                Wording::new("the spec is too long", format!("at most {MAX_TEXT} bytes"))
                    .found(format!("{bytes} bytes"))
            }
            Problem::SecondDocument => {
                Wording::new("a second document starts here", "one document a file").found("`---`")
            }
            Problem::Alias => Wording::new("an alias", "the value itself").found("`*`"),
            Problem::Anchor => Wording::new("an anchor", "a value without `&`").found("`&`"),
            Problem::Tag => Wording::new("a tag", "a value without `!`").found("`!`"),
            Problem::TooDeep => {
                Wording::new("nested too deep", format!("at most {MAX_DEPTH} levels"))
            }
            Problem::KeyIsNoText => Wording::new("this key is no text", "the name of a key"),
            Problem::DuplicateKey { key, first_line } => {
                let found = format!("{}, first on line {first_line}", quoted(&key));
                Wording::new("the same key twice", "every key once").found(found)
            }
            Problem::UnknownKey { key, of, known } => {
                Wording::new(format!("unknown key in {of}"), known.join(", ")).found(quoted(&key))
            }
            Problem::MissingKey { key, of } => {
                Wording::new(format!("{of} lacks `{key}`"), format!("the key `{key}`"))
            }
            Problem::NoMapping { of, found, keys } => {
                let expected = format!("a mapping with {}", keys.join(", "));
                Wording::new(format!("{of} is no mapping"), expected).found(quoted(&found))
            }
            Problem::NoVariants { found } => {
                Wording::new("there are no variants", "a mapping with at least one")
                    .found(quoted(&found))
            }
            Problem::NoBlocks { found } => {
                Wording::new("there are no blocks", "a list with at least one")
                    .found(quoted(&found))
            }
            Problem::TooManyBlocks { found } => {
                Wording::new("too many blocks", format!("at most {MAX_BLOCKS}"))
                    .found(found.to_string())
            }
            Problem::Ratios { found, repeats } => Wording::new(
                "not a ratio for each sub-block",
                format!("1 to {repeats}, the last of which also holds for all behind it"),
            )
            .found(format!("{found} ratios")),
            Problem::NoSqueezeExcite => Wording::new(
                "the block has a squeeze and excite that the spec does not describe",
                "`squeeze_excite: false`, or the key `squeeze_excite` of the spec",
            ),
            Problem::Value {
                of,
                found,
                expected,
            } => Wording::new(format!("invalid {of}"), expected.to_string()).found(quoted(&found)),
            Problem::Scaled { variant, fault } => Wording::new(
                format!("variant `{variant}` cannot be built"),
                "sizes within bounds",
            )
            .found(fault),
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Problem::Syntax(_) => {
                "the cause may stand on a line before: an open bracket or quote, indentation"
            }
            Problem::Empty => "start from the bundled specs/efficientnet.yaml",
            Problem::TooLong { .. } => "one file holds one family; is this a spec?",
            Problem::SecondDocument => "remove the `---`, or split the file",
            Problem::Alias | Problem::Anchor => "write the value out wherever it is used",
            Problem::Tag => "remove it; the key decides the type",
            Problem::TooDeep => "a bracket or an indentation too many?",
            Problem::KeyIsNoText => "a list or mapping stands where a key should",
            Problem::DuplicateKey { .. } => "remove or rename one of them",
            Problem::UnknownKey { key, .. } if key == "<<" => "write the merged keys out",
            Problem::UnknownKey { key, known, .. } => {
                let near = nearest(key, known).map(did_you_mean);
                return Some(near.unwrap_or_else(|| "remove it".into()));
            }
            Problem::MissingKey { key, .. } => return Some(format!("add `{key}: ...`")),
            Problem::NoMapping { .. } => "either indented lines `key: value`, or `{ key: value }`",
            Problem::NoVariants { .. } => {
                "such as `b0: { width: 1.0, depth: 1.0, resolution: 224, dropout: 0.2 }`"
            }
            Problem::NoBlocks { .. } => "one line `- { expand_ratio: 6, ... }` a block",
            Problem::TooManyBlocks { .. } => "equal sub-blocks are one block with `repeats`",
            Problem::Ratios { .. } => "a single number stands for all sub-blocks",
            Problem::NoSqueezeExcite => {
                "such as `squeeze_excite: { ratio: 0.25, activation: silu, gate: sigmoid }`"
            }
            Problem::Value {
                found, expected, ..
            } => return expected.hint(found),
            Problem::Scaled { .. } => {
                "choose a smaller width, depth or resolution, or a smaller baseline"
            }
        };
        Some(hint.into())
    }
}

/// The nearest of `known`, where one is near: a few letters off, or found as its beginning.
pub fn nearest<'n>(found: &str, known: &'n [impl AsRef<str>]) -> Option<&'n str> {
    // Distance is quadratic in the length; a long text is near to no name.
    let found = found.get(..64).unwrap_or(found).to_lowercase();
    let names = || known.iter().map(AsRef::as_ref);
    let distance = |name: &str| strsim::damerau_levenshtein(&found, name);
    names()
        .min_by_key(|name| distance(name))
        .filter(|name| distance(name) <= (name.len() / 3).max(1))
        .or_else(|| names().find(|name| found.len() >= 3 && name.starts_with(&found)))
}

pub(crate) fn did_you_mean(name: &str) -> String {
    format!("did you mean `{name}`?")
}

/// Text of the spec, shortened to fit a line.
fn quoted(text: &str) -> String {
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
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Bytes of the spec that the error is about; may be empty.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What stands there, where the message does not say it.
    pub found: Option<String>,
    /// What could stand there.
    pub expected: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Diagnostic {
    pub(crate) fn new(
        problem: Problem,
        range: Range<usize>,
        (line, column): (usize, usize),
    ) -> Self {
        let hint = problem.hint();
        let Wording {
            message,
            found,
            expected,
        } = problem.wording();
        Diagnostic {
            line,
            column,
            range,
            message,
            found,
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
            write!(f, "\n  expected: {expected}")?;
            if let Some(hint) = hint {
                write!(f, "\n  hint:     {hint}")?;
            }
        }
        Ok(())
    }
}
