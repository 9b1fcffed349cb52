//! What `forward` gives: an array where there is one output, a struct of arrays where there are more.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::{Target, int};
use crate::ir::Shape;
use crate::plan::{Plan, PlanOutput};

/// The type that `forward` gives, borrowed for `'w` from the workspace.
pub(super) fn result_type(plan: &Plan, target: &Target) -> TokenStream {
    match &plan.outputs[..] {
        [only] => array(only.shape),
        _ => {
            let name = struct_name(target);
            quote! { #name<'w> }
        }
    }
}

/// The variable that holds an output's address until the end of `forward`.
pub(super) fn variable(output: &PlanOutput) -> Ident {
    Ident::new(&output.name.to_string(), Span::call_site())
}

/// The expression that `forward` ends in; `last` holds what the last function gave.
pub(super) fn result(plan: &Plan, target: &Target, last: &Ident) -> TokenStream {
    if let [_] = plan.outputs[..] {
        return quote! { #last.values(a) };
    }
    let name = struct_name(target);
    let fields = plan.outputs.iter().map(variable);
    quote! { #name { #(#fields: #fields.values(a)),* } }
}

/// The struct, where there is more than one output.
pub(super) fn declaration(plan: &Plan, target: &Target) -> Option<TokenStream> {
    if let [_] = plan.outputs[..] {
        return None;
    }
    let (name, visibility) = (struct_name(target), &target.visibility);
    let doc = format!(
        " What [`{}`] gives, in the workspace; maps are height, width, channels.",
        target.name
    );
    let fields = plan.outputs.iter().map(|output| {
        let (doc, field, array) = (
            format!(" {}.", output.shape.extents()),
            variable(output),
            array(output.shape),
        );
        quote! {
            #[doc = #doc]
            #visibility #field: #array
        }
    });
    Some(quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, Debug)]
        #visibility struct #name<'w> { #(#fields),* }
    })
}

/// The entries of `Model::OUTPUTS`.
pub(super) fn shapes(plan: &Plan) -> impl Iterator<Item = TokenStream> {
    plan.outputs.iter().map(|output| {
        let name = output.name.to_string();
        let Shape {
            height,
            width,
            channels,
        } = output.shape;
        let (height, width, channels) = (int(height), int(width), int(channels));
        quote! { OutputShape::new(#name, #height, #width, #channels) }
    })
}

/// For docs: `block1, block2`.
pub(super) fn names(plan: &Plan) -> String {
    let names = plan.outputs.iter().map(|output| output.name.to_string());
    names.collect::<Vec<_>>().join(", ")
}

fn struct_name(target: &Target) -> Ident {
    format_ident!("{}Outputs", target.name)
}

/// `&'w [f32; 28 * 28 * 40]`.
fn array(shape: Shape) -> TokenStream {
    let Shape {
        height,
        width,
        channels,
    } = shape;
    let (height, width, channels) = (int(height), int(width), int(channels));
    match shape.pixels() {
        1 => quote! { &'w [f32; #channels] },
        _ => quote! { &'w [f32; #height * #width * #channels] },
    }
}
