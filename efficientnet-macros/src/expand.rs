//! From arguments and item to the generated code.

use std::collections::BTreeMap;

use efficientnet_codegen::CompileError;
use efficientnet_codegen::lower::{Target, lower};
use efficientnet_spec::{
    Architecture, ArchitectureError, ArchitectureFault, ArchitectureProblem, Output, OutputError,
};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{ItemStruct, LitStr};

use crate::arguments::{Arguments, Macro};
use crate::errors::Errors;
use crate::item;
use crate::spec_file::{self, SpecFile};
use crate::weights_file;

/// Expands `#[model(...)]`; errors become `compile_error!` beside an untouched item, so that they are
/// not followed by errors about a missing type.
pub(crate) fn model(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match try_model(arguments, item.clone()) {
        Ok(tokens) => tokens,
        Err(error) => {
            let errors = error.into_compile_error();
            quote! { #errors #item }
        }
    }
}

fn try_model(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let mut errors = Errors::default();
    let item = errors.take(item::parse(item));
    let arguments = errors.take(Arguments::parse(Macro::Model, arguments));
    let file = arguments
        .as_ref()
        .and_then(|arguments| errors.take(spec_file::read(&arguments.spec)));
    let mut prepared = None;
    if let (Some(arguments), Some(file)) = (&arguments, &file)
        && let [variant] = arguments.variants.as_deref().unwrap_or_default()
    {
        prepared = errors.take(Prepared::new(arguments, file, variant));
    }
    let (item, (file, prepared)) = errors.finish(item.zip(file.as_ref().zip(prepared)))?;
    let (tracker, model) = (&file.tracker, prepared.model(&item)?);
    Ok(quote! { #tracker #model })
}

/// Expands `family!{...}`.
pub(crate) fn family(arguments: TokenStream) -> TokenStream {
    try_family(arguments).unwrap_or_else(syn::Error::into_compile_error)
}

fn try_family(arguments: TokenStream) -> syn::Result<TokenStream> {
    let arguments = Arguments::parse(Macro::Family, arguments)?;
    let file = spec_file::read(&arguments.spec)?;
    let variants = arguments.variants.clone().unwrap_or_else(|| {
        let variants = file.spec.variants.iter();
        variants
            .map(|variant| LitStr::new(&variant.name.to_string(), arguments.spec.span()))
            .collect()
    });
    let mut errors = Errors::default();
    let mut names = BTreeMap::new();
    let mut models = TokenStream::new();
    for variant in &variants {
        let item = item::of_variant(variant).and_then(|item| {
            let twice = names.insert(item.ident.to_string(), variant.value());
            match twice {
                None => Ok(item),
                Some(other) => Err(syn::Error::new_spanned(
                    variant,
                    format!(
                        "`{other}` and `{}` would both be called `{}`",
                        variant.value(),
                        item.ident
                    ),
                )),
            }
        });
        let model = item.and_then(|item| Prepared::new(&arguments, &file, variant)?.model(&item));
        models.extend(errors.take(model));
    }
    let tracker = &file.tracker;
    errors.finish(Some(quote! { #tracker #models }))
}

/// A variant as the user wants it, ready to be compiled.
struct Prepared<'a> {
    arguments: &'a Arguments,
    variant: &'a LitStr,
    architecture: Architecture,
    outputs: Vec<Output>,
}

impl<'a> Prepared<'a> {
    fn new(arguments: &'a Arguments, file: &SpecFile, variant: &'a LitStr) -> syn::Result<Self> {
        let architecture = architecture(arguments, file, variant)?;
        let outputs = outputs(arguments, &architecture)?;
        Ok(Self {
            arguments,
            variant,
            architecture,
            outputs,
        })
    }

    /// The generated code, under the item's name.
    fn model(&self, item: &ItemStruct) -> syn::Result<TokenStream> {
        let compiled = efficientnet_codegen::compile(
            &self.architecture,
            &self.outputs,
            self.arguments.precision,
        )
        .map_err(|error| self.refused(&error))?;
        let embedded = match &self.arguments.weights {
            Some(weights) => Some(weights_file::check(weights, &compiled, &self.outputs)?),
            None => None,
        };
        let attributes = &item.attrs;
        let target = Target {
            name: item.ident.clone(),
            visibility: item.vis.to_token_stream(),
            attributes: quote! { #(#attributes)* },
            runtime: quote! { ::efficientnet::runtime },
            batch_norm_epsilon: self.arguments.batch_norm_epsilon,
            embedded,
        };
        Ok(lower(&compiled.plan, &target).tokens())
    }

    /// A network that cannot have the precision at that argument, any fault of passes at the variant.
    fn refused(&self, error: &CompileError) -> syn::Error {
        let message = format!("variant `{}`: {error}", self.variant.value());
        match error {
            CompileError::NotQuantizable { .. } => {
                self.arguments.error_at("precision", self.variant, message)
            }
            _ => syn::Error::new_spanned(self.variant, message),
        }
    }
}

/// The variant with the user's options; each fault at the argument that caused it.
fn architecture(
    arguments: &Arguments,
    file: &SpecFile,
    variant: &LitStr,
) -> syn::Result<Architecture> {
    let name = variant.value();
    let faults = match file.spec.architecture(&name, &arguments.options) {
        Ok(architecture) => return Ok(architecture),
        Err(ArchitectureError::Faults { faults, .. }) => faults.0,
        Err(error @ ArchitectureError::UnknownVariant { .. }) => {
            return Err(syn::Error::new_spanned(variant, error));
        }
    };
    let mut errors = Errors::default();
    for fault in &faults {
        let message = format!("variant `{name}`: {fault}");
        errors.push(arguments.error_at(cause(fault), variant, message));
    }
    errors.finish(None)
}

/// The outputs asked for, or the logits; each mistake at the name that it is about.
fn outputs(arguments: &Arguments, architecture: &Architecture) -> syn::Result<Vec<Output>> {
    let Some(names) = &arguments.outputs else {
        return Ok(vec![Output::Logits]);
    };
    let mut errors = Errors::default();
    let mut outputs = Vec::new();
    for name in names {
        let new = |output| match outputs.contains(&output) {
            true => Err(OutputError::Twice(output)),
            false => Ok(output),
        };
        let output = architecture.output(&name.value()).and_then(new);
        let output = output.map_err(|error| syn::Error::new(name.span(), error));
        outputs.extend(errors.take(output));
    }
    errors.finish(Some(outputs))
}

/// The argument behind a fault of a spec that has none by itself.
fn cause(fault: &ArchitectureFault) -> &'static str {
    match (fault.at.as_str(), &fault.problem) {
        ("classifier", _) => "classes",
        ("input", ArchitectureProblem::Size { what, .. }) if what.ends_with("channels") => {
            "in_channels"
        }
        _ => "resolution",
    }
}
