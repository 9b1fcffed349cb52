//! Both forms of the generated code: tokens for the compiler, formatted text for people.

#[cfg(feature = "text")]
mod text;

use proc_macro2::TokenStream;
use quote::quote;

#[cfg(feature = "text")]
pub(super) use text::Verbatim;

use super::{Target, calls, layers, model, outputs};
use crate::plan::Plan;

/// The generated code of one model.
#[derive(Clone, Debug)]
pub struct Source {
    /// The type, outside the private scope of everything else.
    model: TokenStream,
    /// The type of its results, where it is a struct of its own.
    outputs: Option<TokenStream>,
    /// Imports.
    imports: TokenStream,
    /// Trait and methods.
    implementation: TokenStream,
    /// Tables of used and unused layers.
    tables: Vec<layers::Table>,
    /// The kernel calls.
    functions: Vec<calls::Function>,
}

impl Source {
    pub(super) fn new(plan: &Plan, target: &Target) -> Self {
        let functions = calls::functions(plan);
        let imports = model::imports(target);
        let implementation = model::implementation(plan, target, &functions);
        Self {
            model: model::declaration(plan, target),
            outputs: outputs::declaration(plan, target),
            imports,
            implementation,
            tables: [layers::Table::used(&plan.layers())]
                .into_iter()
                .chain(layers::Table::unused(&plan.unused))
                .collect(),
            functions,
        }
    }

    /// Tokens for a macro: everything but the type itself inside an anonymous scope.
    pub fn tokens(&self) -> TokenStream {
        let Self {
            model,
            outputs,
            imports,
            implementation,
            tables,
            functions,
        } = self;
        let tables = tables.iter().map(layers::Table::tokens);
        let functions = functions.iter().map(calls::Function::tokens);
        quote! {
            #model
            #outputs
            const _: () = {
                #imports
                #implementation
                #(#tables)*
                #(#functions)*
            };
        }
    }
}
