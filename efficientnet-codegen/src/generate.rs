//! Variants as files of Rust: from spec, variant and options to the text, without writing it.

use efficientnet_spec::{ArchitectureError, Options, Output, OutputError, Spec};
use proc_macro2::TokenStream;
use quote::quote;

use crate::lower::{Target, lower};
use crate::names::{NameError, module_name, type_name};
use crate::plan::Precision;
use crate::{CompileError, compile};

pub use crate::origin::command;

/// What a model is made with beside spec and variant, as the macro's arguments say it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelOptions {
    /// Sizes and padding.
    pub options: Options,
    /// Names of the outputs; the logits if there are none.
    pub outputs: Vec<String>,
    /// Batch-norm epsilon, where the checkpoint's flavour is not to decide; above 0.
    pub batch_norm_epsilon: Option<f64>,
    /// Precision of matrices and of what they are multiplied with.
    pub precision: Precision,
}

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The variant in snake case, such as `b0.rs`.
    pub name: String,
    /// Rust that needs the crate `efficientnet-runtime` alone.
    pub text: String,
}

/// Why there is no file for a variant.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// An unknown variant, or sizes that do not fit.
    #[error(transparent)]
    Architecture(#[from] ArchitectureError),
    /// The network does not have the outputs that are asked for.
    #[error("variant `{variant}`: {error}")]
    Output {
        /// The variant.
        variant: String,
        /// What is wrong with them.
        error: OutputError,
    },
    /// No type or module can be called as the variant.
    #[error("{0}; rename the variant in the spec")]
    Name(#[from] NameError),
    /// Two variants whose files would have one name.
    #[error(
        "variants `{first}` and `{second}` would both be written to {file}; rename one of them"
    )]
    Twice {
        /// The earlier one.
        first: String,
        /// The later one.
        second: String,
        /// Name of the file.
        file: String,
    },
    /// An epsilon that is no number above 0.
    #[error("batch-norm epsilon {0:?}: expected a number above 0, such as 1e-3")]
    Epsilon(f64),
    /// A network that cannot have the precision, or a fault of this crate's passes.
    #[error("variant `{variant}`: {error}")]
    Compile {
        /// The variant.
        variant: String,
        /// What no level accepts.
        error: Box<CompileError>,
    },
    /// Generated code that is no Rust: a fault of this crate.
    #[error("variant `{variant}`: the generated code is no valid Rust: {error}")]
    Syntax {
        /// The variant.
        variant: String,
        /// What the parser says.
        error: syn::Error,
    },
}

impl GenerateError {
    /// Whether this crate is at fault, and not what it was given.
    pub fn is_internal(&self) -> bool {
        match self {
            Self::Compile { error, .. } => !matches!(**error, CompileError::NotQuantizable { .. }),
            Self::Syntax { .. } => true,
            Self::Architecture(_)
            | Self::Output { .. }
            | Self::Name(_)
            | Self::Twice { .. }
            | Self::Epsilon(_) => false,
        }
    }
}

/// The files of variants of a spec, in order; of all variants where none is named. A variant that is
/// named twice has one file. `name` is the spec's, as the user gives it: a bundled one or a path.
///
/// The text follows from the spec's contents, the last part of its name, the variant and the options
/// alone: it is the same bytes in every directory and on every machine.
///
/// ```
/// use efficientnet_codegen::generate::{ModelOptions, source_files};
/// use efficientnet_spec::{Spec, bundled};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let spec = Spec::parse(bundled("lite").ok_or("it is bundled")?, "lite.yaml")?;
/// let variants = ["lite0".to_owned()];
/// let files = source_files(&spec, "lite", &variants, &ModelOptions::default())?;
/// assert_eq!(files[0].name, "lite0.rs");
/// assert!(files[0].text.contains("pub struct Lite0"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The first variant that does not exist or does not fit the options; two variants for one file.
pub fn source_files(
    spec: &Spec,
    name: &str,
    variants: &[String],
    options: &ModelOptions,
) -> Result<Vec<SourceFile>, GenerateError> {
    let all = || spec.variants.iter().map(|variant| variant.name.to_string());
    let variants = match variants {
        [] => all().collect(),
        named => named.to_vec(),
    };
    let mut files: Vec<(&str, SourceFile)> = Vec::new();
    for variant in &variants {
        let file = source_file(spec, name, variant, options)?;
        match files.iter().find(|(_, other)| other.name == file.name) {
            None => files.push((variant, file)),
            Some((first, _)) if first == variant => {}
            Some((first, _)) => {
                return Err(GenerateError::Twice {
                    first: (*first).to_owned(),
                    second: variant.clone(),
                    file: file.name,
                });
            }
        }
    }
    Ok(files.into_iter().map(|(_, file)| file).collect())
}

fn source_file(
    spec: &Spec,
    name: &str,
    variant: &str,
    options: &ModelOptions,
) -> Result<SourceFile, GenerateError> {
    let text = model(spec, variant, options, "::efficientnet_runtime")?;
    let module = module_name(variant)?;
    let header = crate::origin::header(spec, name, (variant, &module), options);
    Ok(SourceFile {
        name: format!("{module}.rs"),
        text: format!("{header}\n{text}"),
    })
}

/// The formatted text of a variant's model, a public type called as the variant in camel case, without
/// a word on where it came from. `runtime` is the path of the crate `efficientnet-runtime`.
///
/// # Errors
/// If the variant does not exist or does not fit the options, or `runtime` is no path.
pub fn model(
    spec: &Spec,
    variant: &str,
    model: &ModelOptions,
    runtime: &str,
) -> Result<String, GenerateError> {
    let architecture = spec.architecture(variant, &model.options)?;
    let epsilon = model.batch_norm_epsilon;
    if let Some(epsilon) = epsilon.filter(|epsilon| !(epsilon.is_finite() && *epsilon > 0.0)) {
        return Err(GenerateError::Epsilon(epsilon));
    }
    let named = |error| GenerateError::Output {
        variant: variant.to_owned(),
        error,
    };
    let outputs = model.outputs.iter().map(|name| architecture.output(name));
    let mut outputs: Vec<Output> = outputs.collect::<Result<_, _>>().map_err(named)?;
    if outputs.is_empty() {
        outputs.push(Output::Logits);
    }
    architecture.check_outputs(&outputs).map_err(named)?;
    let compiled = compile(&architecture, &outputs, model.precision).map_err(|error| {
        GenerateError::Compile {
            variant: variant.to_owned(),
            error: Box::new(error),
        }
    })?;
    let syntax = |error| GenerateError::Syntax {
        variant: variant.to_owned(),
        error,
    };
    let target = Target {
        name: type_name(variant)?,
        visibility: quote! { pub },
        attributes: TokenStream::new(),
        runtime: syn::parse_str(runtime).map_err(syntax)?,
        batch_norm_epsilon: epsilon,
        embedded: None,
    };
    lower(&compiled.plan, &target).text().map_err(syntax)
}

#[cfg(test)]
mod tests;
