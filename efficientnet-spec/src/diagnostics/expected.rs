//! What keys take, and the words for it.

use std::fmt;

use super::Fault;
use crate::limits::{
    MAX_CLASSES, MAX_COEFFICIENT, MAX_EXPAND_RATIO, MAX_KERNEL, MAX_REPEATS, MAX_SIDE,
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
    Switch,
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
            Expected::Switch => f.write_str("true or false"),
            Expected::OneOf(names) => write!(f, "one of {}", names.join(", ")),
        }
    }
}

impl Expected {
    /// Whether it is a number, and whether a whole one.
    pub(super) fn number(self) -> (bool, bool) {
        let whole = matches!(
            self,
            Expected::Size { .. } | Expected::Kernel | Expected::Stride
        );
        let word = matches!(self, Expected::Name | Expected::Switch | Expected::OneOf(_));
        (!word, whole)
    }

    /// The fault of a value of the right type that is none of those expected.
    pub(super) fn fault(self) -> Fault {
        match self {
            Expected::Size { .. } => Fault::Size,
            Expected::Kernel => Fault::Kernel,
            Expected::Stride => Fault::Stride,
            Expected::Coefficient => Fault::Coefficient,
            Expected::Share => Fault::Share,
            Expected::Floor => Fault::Floor,
            Expected::ExpandRatio => Fault::ExpandRatio,
            Expected::Rate => Fault::Rate,
            Expected::Name => Fault::Name,
            Expected::Switch => Fault::Switch,
            Expected::OneOf(_) => Fault::UnknownWord,
        }
    }

    /// A value that would do.
    pub(crate) fn example(self) -> &'static str {
        match self {
            Expected::Size { most: MAX_CLASSES } => "1000",
            Expected::Size { most: MAX_SIDE } => "224",
            Expected::Size { most: MAX_REPEATS } => "2",
            Expected::Size { .. } => "32",
            Expected::Kernel => "3",
            Expected::Stride => "2",
            Expected::Coefficient => "1.2",
            Expected::Share => "0.25",
            Expected::Floor => "0.9",
            Expected::ExpandRatio => "6",
            Expected::Rate => "0.2",
            Expected::Name => "b0",
            Expected::Switch => "true",
            Expected::OneOf(names) => names.first().copied().unwrap_or_default(),
        }
    }
}
