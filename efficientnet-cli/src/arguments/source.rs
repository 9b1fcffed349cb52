//! Where weights come from.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::builder::{OsStringValueParser, TypedValueParser};

use crate::failure::Failure;
use crate::hub;
use crate::hub::reference::{Reference, SCHEME};

/// A file, or the name of one on the model hub.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    given: PathBuf,
    reference: Option<Reference>,
}

impl Source {
    /// Parses an argument: what begins with `hub:` is a name on the hub.
    pub(super) fn parser() -> impl TypedValueParser<Value = Self> {
        OsStringValueParser::new().try_map(Self::parse)
    }

    fn parse(given: OsString) -> Result<Self, String> {
        let text = given.to_str().filter(|text| text.starts_with(SCHEME));
        let reference = text.map(str::parse).transpose()?;
        Ok(Self {
            given: given.into(),
            reference,
        })
    }

    /// The argument: a path, unless it names a file on the hub.
    pub(crate) fn given(&self) -> &Path {
        &self.given
    }

    /// The local path, fetched from the hub if need be.
    ///
    /// # Errors
    /// As [`hub::fetch`].
    pub(crate) fn fetch(&self) -> Result<PathBuf, Failure> {
        match &self.reference {
            Some(reference) => hub::fetch(reference),
            None => Ok(self.given.clone()),
        }
    }
}
