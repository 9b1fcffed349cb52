//! The values of a spec: types that hold nothing a network cannot have.

use std::fmt;
use std::num::NonZeroUsize;
use std::ops::Deref;

use serde::de::DeserializeOwned;

use crate::diagnostics::Expected;
use crate::limits::{
    MAX_CHANNELS, MAX_CLASSES, MAX_COEFFICIENT, MAX_EXPAND_RATIO, MAX_KERNEL, MAX_REPEATS, MAX_SIDE,
};

/// A value that a type cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("expected {0}")]
pub struct ValueError(pub(crate) Expected);

/// A value that stands as one scalar in a spec.
pub(crate) trait Scalar: TryFrom<Self::Plain> {
    /// What YAML has for it.
    type Plain: DeserializeOwned;
    /// What a spec may say there.
    const EXPECTED: Expected;
}

/// A number from 1 to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Size<const MOST: usize>(NonZeroUsize);

/// Channels of a feature map.
pub type Channels = Size<MAX_CHANNELS>;
/// Number of classes.
pub type Classes = Size<MAX_CLASSES>;
/// Number of sub-blocks.
pub type Repeats = Size<MAX_REPEATS>;
/// Rows and columns of the input.
pub type Side = Size<MAX_SIDE>;

impl<const MOST: usize> Size<MOST> {
    /// The number.
    pub fn get(self) -> usize {
        self.0.get()
    }
}

impl<const MOST: usize> TryFrom<usize> for Size<MOST> {
    type Error = ValueError;

    fn try_from(number: usize) -> Result<Self, ValueError> {
        NonZeroUsize::new(number)
            .filter(|number| number.get() <= MOST)
            .map(Size)
            .ok_or(ValueError(Self::EXPECTED))
    }
}

impl<const MOST: usize> Scalar for Size<MOST> {
    type Plain = usize;
    const EXPECTED: Expected = Expected::Size { most: MOST };
}

impl<const MOST: usize> fmt::Display for Size<MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Rows and columns of a kernel: odd, so that it has a middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kernel(usize);

impl Kernel {
    /// The number.
    pub fn get(self) -> usize {
        self.0
    }
}

impl TryFrom<usize> for Kernel {
    type Error = ValueError;

    fn try_from(number: usize) -> Result<Self, ValueError> {
        let odd = number % 2 == 1 && number <= MAX_KERNEL;
        if odd {
            Ok(Kernel(number))
        } else {
            Err(ValueError(Self::EXPECTED))
        }
    }
}

impl Scalar for Kernel {
    type Plain = usize;
    const EXPECTED: Expected = Expected::Kernel;
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Stride along rows and columns: the frameworks pad larger ones differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stride {
    /// Every pixel.
    One,
    /// Every second pixel.
    Two,
}

impl Stride {
    /// The number.
    pub fn get(self) -> usize {
        match self {
            Stride::One => 1,
            Stride::Two => 2,
        }
    }
}

impl TryFrom<usize> for Stride {
    type Error = ValueError;

    fn try_from(number: usize) -> Result<Self, ValueError> {
        match number {
            1 => Ok(Stride::One),
            2 => Ok(Stride::Two),
            _ => Err(ValueError(Self::EXPECTED)),
        }
    }
}

impl Scalar for Stride {
    type Plain = usize;
    const EXPECTED: Expected = Expected::Stride;
}

impl fmt::Display for Stride {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// A type of finite numbers in a range.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $range:expr, $expected:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
        pub struct $name(f64);

        impl $name {
            /// The number.
            pub fn get(self) -> f64 {
                self.0
            }
        }

        impl TryFrom<f64> for $name {
            type Error = ValueError;

            fn try_from(number: f64) -> Result<Self, ValueError> {
                let within: fn(f64) -> bool = $range;
                if within(number) { Ok($name(number)) } else { Err(ValueError(Self::EXPECTED)) }
            }
        }

        impl Scalar for $name {
            type Plain = f64;
            const EXPECTED: Expected = $expected;
        }

        /// With a point, so that it reads as a number that need not be whole.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }
    };
}

number! {
    /// A factor of compound scaling: more than 0, at most 100.
    Coefficient, |number| number > 0.0 && number <= MAX_COEFFICIENT, Expected::Coefficient
}
number! {
    /// A part of a whole: more than 0, at most 1.
    Share, |number| number > 0.0 && number <= 1.0, Expected::Share
}
number! {
    /// The least share of a number that a rounding leaves: 0 or more, at most 1.
    Floor, |number| (0.0..=1.0).contains(&number), Expected::Floor
}
number! {
    /// Channels of an expansion over those before it, a whole number or not: from 1 to 256.
    ExpandRatio, |number| (1.0..=MAX_EXPAND_RATIO).contains(&number), Expected::ExpandRatio
}
number! {
    /// A rate of dropping: 0 or more, less than 1.
    Rate, |number| (0.0..1.0).contains(&number), Expected::Rate
}

/// Words that YAML does not read as text.
pub(super) const RESERVED: [&str; 3] = ["true", "false", "null"];

/// A name of a family or variant: a lower-case letter, then lower-case letters, digits, `_`, `-`;
/// none of the words that YAML does not read as text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = ValueError;

    fn try_from(name: String) -> Result<Self, ValueError> {
        let letter = name.starts_with(|first: char| first.is_ascii_lowercase());
        let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
        let word = RESERVED.contains(&&*name);
        if letter && !word && name.chars().all(rest) {
            Ok(Name(name))
        } else {
            Err(ValueError(Self::EXPECTED))
        }
    }
}

impl Scalar for Name {
    type Plain = String;
    const EXPECTED: Expected = Expected::Name;
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Scalar for bool {
    type Plain = bool;
    const EXPECTED: Expected = Expected::Switch;
}

/// A list with at least one element.
#[derive(Clone, Debug, PartialEq)]
pub struct NonEmpty<T>(Vec<T>);

impl<T> NonEmpty<T> {
    /// The list, unless it is empty.
    pub fn new(list: Vec<T>) -> Option<Self> {
        if list.is_empty() {
            None
        } else {
            Some(NonEmpty(list))
        }
    }
}

impl<T> Deref for NonEmpty<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}
