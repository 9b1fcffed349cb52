//! The model's type, its `Model` implementation and the inherent methods.

use efficientnet_spec::Padding;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::calls::Function;
use super::{Target, int};
use crate::ir::Shape;
use crate::plan::Plan;

pub(super) fn imports(target: &Target) -> TokenStream {
    let runtime = &target.runtime;
    quote! { use #runtime::shaped::*; }
}

pub(super) fn declaration(plan: &Plan, target: &Target) -> TokenStream {
    let Target {
        name,
        visibility,
        attributes,
        runtime,
    } = target;
    let doc = format!(
        " {}-{}, {} -> {}, {} parameters, {} million multiply-accumulates.",
        plan.family,
        plan.variant,
        plan.input,
        plan.outputs(),
        plan.parameters,
        (plan.macs + 500_000) / 1_000_000,
    );
    // The user's docs come first; ours are a paragraph of their own.
    let paragraph = (!attributes.is_empty()).then(|| quote! { #[doc = ""] });
    quote! {
        #attributes
        #paragraph
        #[doc = #doc]
        #visibility struct #name {
            weights: #runtime::shaped::Weights,
        }
    }
}

pub(super) fn implementation(plan: &Plan, target: &Target, functions: &[Function]) -> TokenStream {
    let name = &target.name;
    let model_name = format!("{}-{}", plan.family, plan.variant);
    let Shape {
        height,
        width,
        channels,
    } = plan.input;
    let (height, width, channels) = (int(height), int(width), int(channels));
    let (len, outputs, arena) = (int(plan.input.len()), int(plan.outputs()), int(plan.arena));
    let parameters = Literal::u64_unsuffixed(plan.parameters);
    let macs = Literal::u64_unsuffixed(plan.macs);
    let padding = match plan.padding {
        Padding::Symmetric => quote! { Padding::Symmetric },
        Padding::Same => quote! { Padding::Same },
    };
    let parts = functions.iter().map(|function| &function.name);
    let inherent = inherent(name);
    quote! {
        type Arena = [f32; #arena];

        impl Model for #name {
            const NAME: &'static str = #model_name;
            const INPUT_SHAPE: [usize; 3] = [#height, #width, #channels];
            const CLASSES: usize = #outputs;
            const PARAMETERS: u64 = #parameters;
            const MACS: u64 = #macs;
            const WORKSPACE_BYTES: usize = ::core::mem::size_of::<Arena>();
            const PADDING: Padding = #padding;
            const LAYERS: &'static [Layer<'static>] = &LAYERS;

            type Input = [f32; #len];
            type Logits = [f32; #outputs];
            type Workspace = Workspace<#arena>;

            fn from_weights(weights: Weights) -> Self {
                Self { weights }
            }

            fn forward<'w>(&self, x: &[f32; #len], workspace: &'w mut Self::Workspace) -> &'w [f32; #outputs] {
                let (w, a) = (&self.weights, workspace.arena());
                #(let x = #parts(w, a, x);)*
                x.values(a)
            }
        }

        #inherent
    }
}

/// The trait's methods without having to import the trait.
fn inherent(name: &proc_macro2::Ident) -> TokenStream {
    quote! {
        impl #name {
            #[doc = " Reads a checkpoint and packs its weights; see `Model::load`."]
            pub fn load(path: impl AsRef<::std::path::Path>) -> ::core::result::Result<Self, LoadError> {
                Model::load(path)
            }

            #[doc = " The one allocation that `forward` needs; see `Model::workspace`."]
            pub fn workspace() -> <Self as Model>::Workspace {
                <Self as Model>::workspace()
            }

            #[doc = " Image (NHWC) to logits, without allocating; see `Model::forward`."]
            pub fn forward<'w>(
                &self,
                input: &<Self as Model>::Input,
                workspace: &'w mut <Self as Model>::Workspace,
            ) -> &'w <Self as Model>::Logits {
                Model::forward(self, input, workspace)
            }
        }
    }
}
