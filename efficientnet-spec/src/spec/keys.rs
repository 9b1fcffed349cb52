//! The keys of the spec language, described.
//!
//! The reader reads by these tables; the JSON Schema and the tables of `specs/README.md` are made of
//! them.

#[cfg(feature = "schema")]
mod schema;
mod tables;
#[cfg(test)]
mod tests;

#[cfg(feature = "schema")]
pub use schema::schema;

pub(crate) use tables::{
    ALL, BLOCK, CONVOLUTION, HEAD, SCALING, SPEC, SQUEEZE_EXCITE, STEM, VARIANT,
};

use crate::diagnostics::Expected;

/// One mapping of the language.
pub(crate) struct Keys {
    /// Its name in the schema.
    pub(crate) name: &'static str,
    /// How messages call it.
    pub(crate) of: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) keys: &'static [Key],
}

/// One key of a mapping.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) takes: Takes,
    pub(crate) without: Without,
    /// What it means, where it comes from, and what others call it.
    pub(crate) doc: &'static str,
}

/// What stands behind a key.
#[cfg_attr(
    not(any(feature = "schema", test)),
    expect(dead_code, reason = "for readers and editors")
)]
pub(crate) enum Takes {
    /// One value.
    Value(Expected),
    /// One value, or a list of them.
    Values(Expected),
    Mapping(&'static Keys),
    /// A list of mappings, with the keys of [`BLOCK`] or, where they say so, of [`CONVOLUTION`].
    Blocks,
    /// A mapping of names to mappings.
    Variants,
}

/// What holds without a key.
#[cfg_attr(
    not(any(feature = "schema", test)),
    expect(dead_code, reason = "for readers and editors")
)]
pub(crate) enum Without {
    /// Nothing: it has to be there.
    Required,
    /// A value that could be written out.
    Default(&'static str),
    /// What no value of the key says.
    Else(&'static str),
}

impl Keys {
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.keys.iter().map(|key| key.name).collect()
    }

    pub(crate) fn required(&self) -> impl Iterator<Item = &'static str> {
        let required = |key: &&Key| matches!(key.without, Without::Required);
        self.keys.iter().filter(required).map(|key| key.name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Key {
    /// A value that would do.
    pub(crate) fn example(&self) -> &'static str {
        match (self.name, &self.takes) {
            ("in_channels", _) => "3",
            ("channel_multiple", _) => "8",
            ("width" | "depth", _) => "1.0",
            ("stem", _) => "{ kernel: 3, stride: 2, channels: 32 }",
            ("head", _) => "{ channels: 1280 }",
            (_, Takes::Value(expected) | Takes::Values(expected)) => expected.example(),
            (_, Takes::Mapping(_) | Takes::Blocks | Takes::Variants) => "...",
        }
    }
}
