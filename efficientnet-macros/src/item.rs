//! The item under the attribute: a unit struct, with attributes that survive it becoming a model.

use efficientnet_codegen::names::{NameError, check_type_name, type_name};
use syn::punctuated::Punctuated;
use syn::{Attribute, Fields, Ident, Item, ItemStruct, LitStr, Path, Token};

use crate::errors::Errors;

/// Derives that no model can have, because its weights have no such thing.
const UNDERIVABLE: [&str; 7] = [
    "Copy",
    "Default",
    "PartialEq",
    "Eq",
    "PartialOrd",
    "Ord",
    "Hash",
];

/// Reads the item.
///
/// # Errors
/// Every mistake there is, together.
pub(crate) fn parse(item: proc_macro2::TokenStream) -> syn::Result<ItemStruct> {
    let item = match syn::parse2(item)? {
        Item::Struct(item) => item,
        other => return Err(unfit(name_span(&other), kind(&other))),
    };
    let mut errors = Errors::default();
    if !matches!(item.fields, Fields::Unit) {
        errors.push(unfit(&item.fields, "a struct with fields"));
    }
    if !item.generics.params.is_empty() {
        errors.push(unfit(&item.generics, "a generic struct"));
    }
    if let Some(clause) = &item.generics.where_clause {
        errors.push(unfit(clause, "a `where` clause"));
    }
    if let Err(error) = check_type_name(&item.ident) {
        let message = format!("{error}; choose another name");
        errors.push(syn::Error::new_spanned(&item.ident, message));
    }
    for attribute in &item.attrs {
        check_derives(attribute, &mut errors);
    }
    errors.finish(Some(item))
}

/// The item of a family's variant: a public unit struct, called as the variant in camel case.
///
/// # Errors
/// If that is no name for a model.
pub(crate) fn of_variant(variant: &LitStr) -> syn::Result<ItemStruct> {
    let name = type_name(&variant.value()).map_err(|error| {
        let advice = match error {
            NameError::NoType { .. } | NameError::NoModule { .. } => {
                "declare it with `#[efficientnet::model]`"
            }
            NameError::Taken { .. } => "choose another name",
        };
        syn::Error::new_spanned(variant, format!("{error}; {advice}"))
    })?;
    let name = Ident::new(&name.to_string(), variant.span());
    parse(quote::quote! { pub struct #name; })
}

fn unfit(at: impl quote::ToTokens, found: &str) -> syn::Error {
    let message = format!("`model` expects a unit struct, such as `pub struct B0;`, found {found}");
    syn::Error::new_spanned(at, message)
}

fn check_derives(attribute: &Attribute, errors: &mut Errors) {
    if !attribute.path().is_ident("derive") {
        return;
    }
    // What is no list of paths is reported by the compiler itself.
    let Ok(paths) = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
    else {
        return;
    };
    for path in &paths {
        let Some(last) = path.segments.last() else {
            continue;
        };
        if UNDERIVABLE.iter().any(|name| last.ident == name) {
            let name = &last.ident;
            let message = format!(
                "`{name}` cannot be derived for a model, which holds weights; `Debug` and `Clone` can"
            );
            errors.push(syn::Error::new_spanned(path, message));
        }
    }
}

fn kind(item: &Item) -> &'static str {
    match item {
        Item::Enum(_) => "an enum",
        Item::Union(_) => "a union",
        Item::Fn(_) => "a function",
        Item::Mod(_) => "a module",
        Item::Impl(_) => "an `impl` block",
        Item::Trait(_) => "a trait",
        Item::Type(_) => "a type alias",
        Item::Const(_) => "a constant",
        Item::Static(_) => "a static",
        _ => "another item",
    }
}

/// What to point at: the item's name where it has one.
fn name_span(item: &Item) -> proc_macro2::TokenStream {
    let name: Option<&Ident> = match item {
        Item::Enum(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Mod(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Const(item) => Some(&item.ident),
        Item::Static(item) => Some(&item.ident),
        _ => None,
    };
    match name {
        Some(name) => quote::quote! { #name },
        None => quote::quote! { #item },
    }
}
