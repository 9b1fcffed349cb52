//! Generating models in a build script.

use std::env;
use std::fmt;
use std::path::PathBuf;

use efficientnet_spec::{Padding, Resolution};

use crate::generate::{GenerateError, ModelOptions, source_files};
use crate::plan::Precision;
use crate::spec_file::{self, SpecFileError};
use crate::write::{WriteError, create_directory};

/// Generates the Rust source of variants, one file each, from a build script.
///
/// In `build.rs`:
///
/// ```
/// use efficientnet_codegen::{BuildError, Builder};
///
/// fn main() -> Result<(), BuildError> {
///     let builder = Builder::new("efficientnet").variant("b0");
///     # let directory = tempfile::tempdir().expect("a directory");
///     # let builder = builder.out_dir(directory.path());
///     builder.generate()
///     # ?;
///     # assert!(directory.path().join("b0.rs").exists());
///     # Ok(())
/// }
/// ```
///
/// and in the crate, which depends on `efficientnet-runtime` alone:
///
/// ```ignore
/// mod b0 {
///     include!(concat!(env!("OUT_DIR"), "/b0.rs"));
/// }
/// use b0::B0;
/// ```
///
/// The type is what `#[efficientnet::model]` makes of the same arguments, equal bit for bit in what it
/// computes; each variant goes into a module of its own. The files are those of the command
/// `efficientnet generate`, byte for byte.
#[derive(Clone, Debug)]
#[must_use = "nothing is generated before `generate`"]
pub struct Builder {
    spec: String,
    variants: Vec<String>,
    options: ModelOptions,
    out_dir: Option<PathBuf>,
}

impl Builder {
    /// Begins with a spec: the path of a YAML file from the crate's root, or the name of a bundled one
    /// (`efficientnet`, `lite`, ...).
    pub fn new(spec: impl Into<String>) -> Self {
        Self {
            spec: spec.into(),
            variants: Vec::new(),
            options: ModelOptions::default(),
            out_dir: None,
        }
    }

    /// Adds a variant. Without any, all of the spec are generated.
    pub fn variant(mut self, name: impl Into<String>) -> Self {
        self.variants.push(name.into());
        self
    }

    /// Padding of strided convolutions; symmetric by default.
    pub fn padding(mut self, padding: Padding) -> Self {
        self.options.options.padding = padding;
        self
    }

    /// Height and width of the input in pixels; the variant's by default.
    pub fn resolution(mut self, height: usize, width: usize) -> Self {
        self.options.options.resolution = Some(Resolution { height, width });
        self
    }

    /// Length of the logits; the spec's by default.
    pub fn classes(mut self, classes: usize) -> Self {
        self.options.options.classes = Some(classes);
        self
    }

    /// Channels of the input; the spec's by default.
    pub fn in_channels(mut self, channels: usize) -> Self {
        self.options.options.in_channels = Some(channels);
        self
    }

    /// Adds an output: `logits`, `features` (pooled), or a map: `stem`, `block1` and so on, `head`.
    /// Without any, the logits; several come as a struct. Only what they need is computed.
    pub fn output(mut self, name: impl Into<String>) -> Self {
        self.options.outputs.push(name.into());
        self
    }

    /// Batch-norm epsilon, a number above 0; that of the checkpoint's flavour by default.
    pub fn batch_norm_epsilon(mut self, epsilon: f64) -> Self {
        self.options.batch_norm_epsilon = Some(epsilon);
        self
    }

    /// Precision of matrices and of what they are multiplied with; f32 by default.
    pub fn precision(mut self, precision: Precision) -> Self {
        self.options.precision = precision;
        self
    }

    /// Where to write; `OUT_DIR` by default, which Cargo sets for build scripts. It is made if it is not
    /// there.
    pub fn out_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(path.into());
        self
    }

    /// Writes the files: `b0.rs` for the variant `b0`, `lite_0.rs` for `lite-0`. A file that is right
    /// already is not touched; another is replaced at once, never half-written. Tells Cargo to run the
    /// build script again when the spec's file changes, or `build.rs`.
    ///
    /// # Errors
    /// If the spec cannot be read or has faults, there is no such variant, options do not fit, or a
    /// file cannot be written. Nothing is written unless all variants are right.
    pub fn generate(self) -> Result<(), BuildError> {
        let root = spec_file::crate_root();
        let file = spec_file::read(&self.spec, &root)?;
        let watched = [Some(root.join("build.rs")), file.path];
        // Where Cargo is told of a file that is not there, it runs the script every time.
        for path in watched.into_iter().flatten().filter(|path| path.exists()) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
        let (name, variants) = (&self.spec, &self.variants);
        let files = source_files(&file.spec, name, variants, &self.options)?;
        let out_dir = self
            .out_dir
            .or_else(|| env::var_os("OUT_DIR").map(PathBuf::from));
        let out_dir = out_dir.ok_or(BuildError::NoOutDir)?;
        create_directory(&out_dir)?;
        for file in &files {
            file.write_to(&out_dir)?;
        }
        Ok(())
    }
}

/// Why a build script could not generate a model.
///
/// `Debug` is `Display`, because that is what a `main` prints that returns it.
#[derive(thiserror::Error)]
pub enum BuildError {
    /// The spec cannot be read, or has faults.
    #[error(transparent)]
    Spec(#[from] SpecFileError),
    /// A variant that does not exist, or options that do not fit.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// A file that cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Nobody says where to write.
    #[error("OUT_DIR is not set: call `generate` in a build script, or `out_dir` before it")]
    NoOutDir,
}

impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
