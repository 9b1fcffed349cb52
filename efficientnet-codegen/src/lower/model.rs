//! The model's type, its `Model` implementation and the inherent methods.

use efficientnet_spec::{Output, Padding};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::calls::Function;
use super::{Embedded, Target, int, outputs};
use crate::ir::Shape;
use crate::plan::{Plan, Precision};

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
        ..
    } = target;
    // A struct has the names and shapes of several outputs.
    let outputs = match &plan.outputs[..] {
        [only] => only.to_string(),
        several => format!("{} outputs", several.len()),
    };
    let doc = format!(
        " {}-{}, {} -> {}{}, {} parameters, {} million multiply-accumulates.",
        plan.family,
        plan.variant,
        plan.input,
        outputs,
        match plan.precision {
            Precision::F32 => "",
            Precision::Bf16 => ", in bfloat16",
            Precision::Int8 => ", in int8",
        },
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
    let (len, arena, scratch) = (int(plan.input.len()), int(plan.arena), int(plan.scratch));
    let logits = plan.outputs.iter().find(|o| o.name == Output::Logits);
    let classes = int(logits.map_or(0, |logits| logits.shape.len()));
    let (shapes, result) = (outputs::shapes(plan), outputs::result_type(plan, target));
    let parameters = Literal::u64_unsuffixed(plan.parameters);
    let macs = Literal::u64_unsuffixed(plan.macs);
    let padding = match plan.padding {
        Padding::Symmetric => quote! { Padding::Symmetric },
        Padding::Same => quote! { Padding::Same },
    };
    let unused = (!plan.unused.is_empty()).then(|| {
        quote! { const UNUSED_LAYERS: &'static [Layer<'static>] = &UNUSED_LAYERS; }
    });
    let body = body(plan, target, functions);
    let inherent = inherent(plan, target);
    let precision = match plan.precision {
        Precision::F32 => None,
        Precision::Bf16 => Some(quote! { Bf16 }),
        Precision::Int8 => Some(quote! { Int8 }),
    };
    let precision = precision.map(|precision| {
        quote! { const PRECISION: Precision = Precision::#precision; }
    });
    let epsilon = target.batch_norm_epsilon.map(|epsilon| {
        let epsilon = Literal::f64_unsuffixed(epsilon);
        quote! {
            const BATCH_NORM_EPSILON: ::core::option::Option<f64> = ::core::option::Option::Some(#epsilon);
        }
    });
    quote! {
        impl Model for #name {
            const NAME: &'static str = #model_name;
            const INPUT_SHAPE: [usize; 3] = [#height, #width, #channels];
            const CLASSES: usize = #classes;
            const OUTPUTS: &'static [OutputShape] = &[#(#shapes),*];
            const PARAMETERS: u64 = #parameters;
            const MACS: u64 = #macs;
            const WORKSPACE_BYTES: usize = <Self::Workspace>::BYTES;
            const PADDING: Padding = #padding;
            #precision
            #epsilon
            const LAYERS: &'static [Layer<'static>] = &LAYERS;
            #unused

            type Input = [f32; #len];
            type Output<'w> = #result;
            type Workspace = Workspace<#arena, #scratch>;

            fn from_weights(weights: Weights) -> Self {
                Self { weights }
            }

            fn workspace_with(threads: &Threads) -> Self::Workspace {
                Workspace::with_threads(threads)
            }

            fn forward<'w>(&self, x: &[f32; #len], workspace: &'w mut Self::Workspace) -> #result {
                let (w, a) = (&self.weights, workspace.arena());
                #body
            }
        }

        #inherent
    }
}

/// The calls of the functions, each on what the one before gave, and the result. Where there are
/// several outputs, each keeps its name until the end.
fn body(plan: &Plan, target: &Target, functions: &[Function]) -> TokenStream {
    let mut last = format_ident!("x");
    let mut calls = TokenStream::new();
    for function in functions {
        let value = match function.output {
            Some(output) if plan.outputs.len() > 1 => outputs::variable(&output),
            _ => format_ident!("x"),
        };
        let name = &function.name;
        calls.extend(quote! { let #value = #name(w, a, #last); });
        if function.is_on_the_way || plan.outputs.len() == 1 {
            last = value;
        }
    }
    let result = outputs::result(plan, target, &last);
    quote! { #calls #result }
}

/// The trait's methods without having to import the trait.
fn inherent(plan: &Plan, target: &Target) -> TokenStream {
    let name = &target.name;
    let embedded = target.embedded.as_ref().map(|Embedded { path, name }| {
        let doc = format!(" Packs the weights that are part of this binary, those of `{name}`.");
        quote! {
            #[doc = #doc]
            pub fn embedded() -> ::core::result::Result<Self, LoadError> {
                Model::from_bytes(include_bytes!(#path), #name)
            }
        }
    });
    let doc = format!(
        " Image (NHWC) to {}, without allocating; see `Model::forward`.",
        outputs::names(plan)
    );
    quote! {
        #[allow(dead_code, reason = "a program may need few of them")]
        impl #name {
            #[doc = " Reads a checkpoint and packs its weights; see `Model::load`."]
            pub fn load(path: impl AsRef<::std::path::Path>) -> ::core::result::Result<Self, LoadError> {
                Model::load(path)
            }

            #embedded

            #[doc = " The one allocation that `forward` needs; see `Model::workspace`."]
            pub fn workspace() -> <Self as Model>::Workspace {
                <Self as Model>::workspace()
            }

            #[doc = " A workspace whose forwards several threads compute together; see `Model::workspace_with`."]
            pub fn workspace_with(threads: &Threads) -> <Self as Model>::Workspace {
                <Self as Model>::workspace_with(threads)
            }

            #[doc = #doc]
            pub fn forward<'w>(
                &self,
                input: &<Self as Model>::Input,
                workspace: &'w mut <Self as Model>::Workspace,
            ) -> <Self as Model>::Output<'w> {
                Model::forward(self, input, workspace)
            }
        }
    }
}
