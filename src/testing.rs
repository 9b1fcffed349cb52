//! The generated code as text, for snapshot tests of the models that a crate declares.
//!
//! ```
//! # fn main() -> Result<(), efficientnet::testing::ExpandError> {
//! // A bundled spec, or a file: "specs/mine.yaml".
//! let text = efficientnet::testing::expand("efficientnet", "b0")?;
//! assert!(text.contains("fn block2(w: &Weights, a: &mut Arena, x: Map<112, 112, 16>)"));
//! # Ok(())
//! # }
//! ```
//!
//! In a test, `insta::assert_snapshot!(text)` keeps it.

use std::fmt;

use efficientnet_codegen::generate::model;
pub use efficientnet_codegen::generate::{GenerateError, ModelOptions};
use efficientnet_codegen::spec_file;
pub use efficientnet_codegen::spec_file::SpecFileError;
pub use efficientnet_spec::{Options, Padding, Resolution};

/// The formatted text of what `#[efficientnet::model(spec = ..., variant = ...)] pub struct ...;`
/// generates, the type being called as the variant in camel case.
///
/// `spec` is a bundled spec's name, or the path of a YAML file from the root of the crate under test:
/// the directory in `CARGO_MANIFEST_DIR` when the test runs, which `cargo test` sets (the current
/// directory where nothing does).
///
/// # Errors
/// If the spec cannot be read or has faults, or has no such variant.
pub fn expand(spec: &str, variant: &str) -> Result<String, ExpandError> {
    expand_with(spec, variant, &ModelOptions::default())
}

/// [`expand`] for a model with more arguments.
///
/// # Errors
/// As for [`expand`], and if the options do not fit.
pub fn expand_with(
    spec: &str,
    variant: &str,
    options: &ModelOptions,
) -> Result<String, ExpandError> {
    let file = spec_file::read(spec, &spec_file::crate_root()).map_err(ExpandError::Spec)?;
    model(&file.spec, variant, options, "::efficientnet::runtime").map_err(ExpandError::Generate)
}

/// Why there is no text.
///
/// `Debug` is `Display`, because that is what a test prints that returns it.
pub enum ExpandError {
    /// The spec cannot be read, or has faults.
    Spec(SpecFileError),
    /// A variant that does not exist, or options that do not fit.
    Generate(GenerateError),
}

impl std::error::Error for ExpandError {}

impl fmt::Display for ExpandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExpandError::Spec(error) => error.fmt(f),
            ExpandError::Generate(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for ExpandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
