//! The generated text of a small network, and the agreement of both forms.

use efficientnet_spec::{Options, Padding, Resolution, Spec, bundled};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

use super::{Target, lower};
use crate::{compile, fixture};

fn target() -> Target {
    Target {
        name: proc_macro2::Ident::new("T0", Span::call_site()),
        visibility: quote! { pub },
        attributes: TokenStream::new(),
        runtime: quote! { ::efficientnet_runtime },
    }
}

#[test]
fn generated_text() {
    let compiled = compile(&fixture::architecture()).expect("the fixture is valid");
    let text = lower(&compiled.plan, &target()).text().expect("valid Rust");
    insta::assert_snapshot!(text);
}

/// Without comments, formatting and the scope that only a macro needs, both forms are the same items.
#[test]
fn both_forms_are_the_same_code() {
    let compiled = compile(&fixture::architecture()).expect("the fixture is valid");
    let source = lower(&compiled.plan, &target());
    let text: syn::File = syn::parse_str(&source.text().expect("valid Rust")).expect("valid Rust");
    let mut from_text: Vec<String> = text.items.iter().map(items_as_text).collect();
    let macro_form: syn::File = syn::parse2(source.tokens()).expect("valid Rust");
    let mut from_macro: Vec<String> = macro_form.items.iter().flat_map(unscoped).collect();
    from_text.sort();
    from_macro.sort();
    assert_eq!(from_macro, from_text);
}

/// The items inside an anonymous scope, or the item itself.
fn unscoped(item: &syn::Item) -> Vec<String> {
    match item {
        syn::Item::Const(scope) if scope.ident == "_" => match &*scope.expr {
            syn::Expr::Block(block) => block.block.stmts.iter().map(items_as_text).collect(),
            other => panic!("expected a block, found {}", quote!(#other)),
        },
        item => vec![items_as_text(item)],
    }
}

/// Tokens without trailing commas, which formatting adds.
fn items_as_text(item: &impl ToTokens) -> String {
    let text = item.to_token_stream().to_string();
    text.replace(", ]", "]")
        .replace(" ,)", ")")
        .replace(", )", ")")
        .replace(" ,]", "]")
}

/// From maps that are a pixel from the stem on to sizes with every kind of border.
#[test]
fn every_small_size_compiles_and_lowers() {
    for (family, variant) in [("efficientnet", "b0"), ("lite", "lite0")] {
        let text = bundled(family).expect("bundled");
        let spec = Spec::parse(text, family).expect("the bundled specs are valid");
        for size in (1..=34).chain([63, 64, 65]) {
            for padding in [Padding::Symmetric, Padding::Same] {
                let options = Options {
                    resolution: Some(Resolution {
                        height: size,
                        width: 66 - size,
                    }),
                    padding,
                    ..Options::default()
                };
                let architecture = spec.architecture(variant, &options).expect("valid");
                let plan = compile(&architecture).expect("it compiles").plan;
                lower(&plan, &target()).text().expect("valid Rust");
            }
        }
    }
}
