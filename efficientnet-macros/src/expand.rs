//! From arguments and item to the generated code.

use efficientnet_codegen::lower::{Target, lower};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Fields, ItemStruct};

use crate::arguments::Arguments;
use crate::spec_file;

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
    let item = unit_struct(item)?;
    let arguments: Arguments = syn::parse2(arguments)?;
    let file = spec_file::read(&arguments.spec)?;
    let variant = arguments.variant.value();
    let at = |message: String, span| syn::Error::new(span, message);
    let architecture = file
        .spec
        .architecture(&variant, &arguments.options)
        .map_err(|error| {
            let span = match arguments.resolution_span {
                Some(span) if file.spec.variant(&variant).is_some() => span,
                Some(_) | None => arguments.variant.span(),
            };
            at(error.to_string(), span)
        })?;
    let compiled = efficientnet_codegen::compile(&architecture)
        .map_err(|error| at(error.to_string(), arguments.variant.span()))?;
    let attributes = &item.attrs;
    let target = Target {
        name: item.ident.clone(),
        visibility: item.vis.to_token_stream(),
        attributes: quote! { #(#attributes)* },
        runtime: quote! { ::efficientnet::runtime },
    };
    let model = lower(&compiled.plan, &target).tokens();
    let tracker = file.tracker;
    Ok(quote! { #tracker #model })
}

fn unit_struct(item: TokenStream) -> syn::Result<ItemStruct> {
    let expected = "`model` expects a unit struct, such as `pub struct B0;`";
    let item: ItemStruct =
        syn::parse2(item).map_err(|error| syn::Error::new(error.span(), expected))?;
    if !matches!(item.fields, Fields::Unit) || !item.generics.params.is_empty() {
        return Err(syn::Error::new_spanned(&item, expected));
    }
    Ok(item)
}
