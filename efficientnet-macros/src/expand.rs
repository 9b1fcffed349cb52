//! From arguments and item to the generated code.

use efficientnet_codegen::lower::{Target, lower};
use efficientnet_spec::{Architecture, ArchitectureError, ArchitectureFault, ArchitectureProblem};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ItemStruct;

use crate::arguments::Arguments;
use crate::errors::Errors;
use crate::item;
use crate::spec_file::{self, SpecFile};

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
    let read = errors.take(Arguments::parse(arguments).and_then(|arguments| {
        let file = spec_file::read(&arguments.spec)?;
        let architecture = architecture(&arguments, &file)?;
        Ok((arguments, file, architecture))
    }));
    let (item, (arguments, file, architecture)) = errors.finish(item.zip(read))?;
    let compiled = efficientnet_codegen::compile(&architecture)
        .map_err(|error| syn::Error::new_spanned(&arguments.variant, error))?;
    let model = lower(&compiled.plan, &target(&item)).tokens();
    let tracker = file.tracker;
    Ok(quote! { #tracker #model })
}

fn target(item: &ItemStruct) -> Target {
    let attributes = &item.attrs;
    Target {
        name: item.ident.clone(),
        visibility: item.vis.to_token_stream(),
        attributes: quote! { #(#attributes)* },
        runtime: quote! { ::efficientnet::runtime },
    }
}

/// The variant with the user's options; each fault at the argument that caused it.
fn architecture(arguments: &Arguments, file: &SpecFile) -> syn::Result<Architecture> {
    let variant = arguments.variant.value();
    let faults = match file.spec.architecture(&variant, &arguments.options) {
        Ok(architecture) => return Ok(architecture),
        Err(ArchitectureError::Faults { faults, .. }) => faults.0,
        Err(error @ ArchitectureError::UnknownVariant { .. }) => {
            return Err(syn::Error::new_spanned(&arguments.variant, error));
        }
    };
    let mut errors = Errors::default();
    for fault in &faults {
        let message = format!("variant `{variant}`: {fault}");
        errors.push(arguments.error_at(cause(fault), message));
    }
    errors.finish(None)
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
