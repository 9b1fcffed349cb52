//! The generated text of a small network, and the agreement of both forms.

use efficientnet_spec::{Options, Output, Padding, Resolution, Spec, bundled};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

use super::{Source, Target, lower};
use crate::plan::Precision;
use crate::{compile, fixture};

fn target() -> Target {
    Target {
        name: proc_macro2::Ident::new("T0", Span::call_site()),
        visibility: quote! { pub },
        attributes: TokenStream::new(),
        runtime: quote! { ::efficientnet_runtime },
        batch_norm_epsilon: None,
        embedded: None,
    }
}

fn source(outputs: &[Output], precision: Precision) -> Source {
    let compiled =
        compile(&fixture::architecture(), outputs, precision).expect("the fixture is valid");
    lower(&compiled.plan, &target())
}

fn text(outputs: &[Output], precision: Precision) -> String {
    source(outputs, precision).text().expect("valid Rust")
}

#[test]
fn generated_text() {
    insta::assert_snapshot!(text(&[Output::Logits], Precision::F32));
}

const SEVERAL: [Output; 3] = [Output::Features, Output::Block(1), Output::Head];

#[test]
fn generated_text_of_several_outputs() {
    insta::assert_snapshot!(text(&SEVERAL, Precision::F32));
}

/// Maps of results are widened beside the way.
#[test]
fn generated_text_in_bfloat16() {
    insta::assert_snapshot!(text(&SEVERAL, Precision::Bf16));
}

/// An output inside a part ends a function, named after the part; the next is named after its output.
#[test]
fn functions_end_at_outputs() {
    let functions = |outputs: &[Output]| {
        let text = text(outputs, Precision::F32);
        let names = text
            .lines()
            .filter_map(|line| line.strip_prefix("fn ")?.split('(').next());
        names.collect::<Vec<_>>().join(" ")
    };
    let [stem, one] = [Output::Stem, Output::Block(1)];
    let [head, features, logits] = [Output::Head, Output::Features, Output::Logits];
    assert_eq!(functions(&[stem]), "stem");
    // The stem's map is made by the first block's kernel, unless it is an output.
    assert_eq!(functions(&[one]), "block1");
    assert_eq!(functions(&[one, stem]), "stem block1");
    assert_eq!(functions(&[head]), "block1 block2 head");
    assert_eq!(functions(&[logits, features]), "block1 block2 head logits");
    assert_eq!(functions(&[head, logits]), "block1 block2 head logits");
    assert_eq!(
        functions(&[head, features, logits]),
        "block1 block2 head features logits"
    );
}

/// Without comments, formatting and the scope that only a macro needs, both forms are the same items.
#[test]
fn both_forms_are_the_same_code() {
    for outputs in [&[Output::Logits][..], &[Output::Stem, Output::Features]] {
        for precision in [Precision::F32, Precision::Bf16] {
            same_code(&source(outputs, precision));
        }
    }
}

fn same_code(source: &Source) {
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
        .replace(" , }", " }")
}

/// From maps that are a pixel from the stem on to sizes with every kind of border.
#[test]
fn every_small_size_compiles_and_lowers() {
    let [f32, bf16, int8] = Precision::NAMES.map(|(precision, _)| precision);
    for (family, variant, precisions) in [
        ("efficientnet", "b0", &[f32, bf16][..]),
        ("lite", "lite0", &[f32, bf16, int8]),
    ] {
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
                for &precision in precisions {
                    let compiled = compile(&architecture, &[Output::Logits], precision);
                    let plan = compiled.expect("it compiles").plan;
                    lower(&plan, &target()).text().expect("valid Rust");
                }
            }
        }
    }
}

/// Every choice among the outputs of the small network: it compiles and lowers, keeps the order, and
/// weights are used or not.
#[test]
fn every_choice_of_outputs_compiles_and_lowers() {
    let architecture = fixture::architecture();
    let all = architecture.outputs();
    let compile = |outputs: &[Output], precision| {
        let compiled = compile(&architecture, outputs, precision);
        compiled.expect("the fixture is valid").plan
    };
    let layers = compile(&[Output::Logits], Precision::F32).layers();
    for choice in 1..1 << all.len() {
        let chosen = |(bit, output): (usize, &Output)| (choice >> bit & 1 == 1).then_some(*output);
        let mut outputs: Vec<Output> = all.iter().enumerate().filter_map(chosen).collect();
        if choice % 3 == 0 {
            outputs.reverse();
        }
        let plan = compile(&outputs, Precision::F32);
        let names: Vec<Output> = plan.outputs.iter().map(|output| output.name).collect();
        assert_eq!(names, outputs);
        assert_eq!([plan.layers(), plan.unused.clone()].concat(), layers);
        lower(&plan, &target()).text().expect("valid Rust");
        let narrow = compile(&outputs, Precision::Bf16);
        lower(&narrow, &target()).text().expect("valid Rust");
    }
}

#[test]
fn outputs_are_checked_before_anything_is_compiled() {
    let message = |outputs: &[Output]| {
        let error = compile(&fixture::architecture(), outputs, Precision::F32)
            .expect_err("no such network");
        error.to_string()
    };
    assert_eq!(message(&[]), "no output is asked for; name at least one");
    assert_eq!(
        message(&[Output::Block(3)]),
        "there is no output `block3`, expected one of stem, block1, block2, head, features, logits; \
         did you mean `block2`?"
    );
}

#[test]
fn generated_text_in_int8() {
    let spec = Spec::parse(bundled("lite").expect("bundled"), "lite").expect("valid");
    for variant in spec.variants.iter() {
        let variant = variant.name.to_string();
        let architecture = spec
            .architecture(&variant, &Options::default())
            .expect("valid");
        for outputs in [
            &[Output::Logits][..],
            &[Output::Block(3), Output::Logits],
            &[Output::Head, Output::Features, Output::Logits],
            &[Output::Stem, Output::Features],
        ] {
            let plan = compile(&architecture, outputs, Precision::Int8)
                .expect("it compiles")
                .plan;
            let text = lower(&plan, &target()).text().expect("valid Rust");
            if variant == "lite0" && outputs == [Output::Logits] {
                insta::assert_snapshot!(format!("{plan}\n{text}"));
            }
        }
    }
    let error = compile(&fixture::architecture(), &[Output::Logits], Precision::Int8);
    let error = error.expect_err("silu").to_string();
    assert!(
        error.starts_with("layer `stem_activation` cannot be int8: found activation "),
        "{error}"
    );
}
