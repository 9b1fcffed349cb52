//! Plan to Rust: one function per part of the family's anatomy, one line per kernel call.
//!
//! The calls go through the runtime's statically shaped layer: shapes are const generics, each tensor
//! is a value of a type that carries its shape, born with its arena address where a kernel writes it.
//! Output is a function of the plan and the target alone, byte for byte.

mod calls;
mod expressions;
mod layers;
mod model;
mod outputs;
mod source;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

pub use source::Source;

use crate::plan::Plan;

/// How the generated code names things outside itself.
#[derive(Clone, Debug)]
pub struct Target {
    /// Name of the model's type.
    pub name: Ident,
    /// Its visibility.
    pub visibility: TokenStream,
    /// Attributes of the type, docs included, that the user wrote.
    pub attributes: TokenStream,
    /// Path of the runtime crate, such as `::efficientnet::runtime`.
    pub runtime: TokenStream,
    /// Batch-norm epsilon of every checkpoint, unless each flavour's own is to be taken.
    pub batch_norm_epsilon: Option<f64>,
    /// Checkpoint that becomes part of the binary.
    pub embedded: Option<Embedded>,
}

/// A checkpoint that becomes part of the binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// Absolute path, for `include_bytes!`.
    pub path: String,
    /// The file as messages name it.
    pub name: String,
}

impl Target {
    /// A public type without attributes, in a crate that depends on `efficientnet`.
    ///
    /// # Errors
    /// If `name` is no identifier of Rust.
    pub fn public(name: &str) -> Result<Self, syn::Error> {
        Ok(Self {
            name: syn::parse_str(name)?,
            visibility: quote! { pub },
            attributes: TokenStream::new(),
            runtime: quote! { ::efficientnet::runtime },
            batch_norm_epsilon: None,
            embedded: None,
        })
    }
}

/// Lowers a plan.
pub fn lower(plan: &Plan, target: &Target) -> Source {
    Source::new(plan, target)
}

/// A number as a person writes it.
fn int(value: usize) -> Literal {
    Literal::usize_unsuffixed(value)
}

#[cfg(test)]
mod tests;
