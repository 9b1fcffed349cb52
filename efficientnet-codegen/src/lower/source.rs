//! Both forms of the generated code: tokens for the compiler, formatted text for people.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::{Target, calls, layers, model};
use crate::plan::Plan;

/// The generated code of one model.
#[derive(Clone, Debug)]
pub struct Source {
    /// The type, outside the private scope of everything else.
    model: TokenStream,
    /// Imports.
    imports: TokenStream,
    /// Weight table, trait and methods.
    items: TokenStream,
    /// The functions with comments and lines as markers, which only the text resolves.
    functions: Vec<calls::Function>,
}

impl Source {
    pub(super) fn new(plan: &Plan, target: &Target) -> Self {
        let functions = calls::functions(plan);
        let imports = model::imports(target);
        let table = layers::table(plan);
        let implementation = model::implementation(plan, target, &functions);
        Self {
            model: model::declaration(plan, target),
            imports,
            items: quote! { #implementation #table },
            functions,
        }
    }

    /// Tokens for a macro: everything but the type itself inside an anonymous scope.
    pub fn tokens(&self) -> TokenStream {
        let Self {
            model,
            imports,
            items,
            functions,
        } = self;
        let functions = functions.iter().map(|f| f.tokens(calls::Form::Tokens));
        quote! {
            #model
            const _: () = {
                #imports
                #items
                #(#functions)*
            };
        }
    }

    /// Formatted text with comments, as a file of its own.
    ///
    /// # Errors
    /// Where the generated code is no valid Rust, which would be a fault of this crate.
    pub fn text(&self) -> Result<String, syn::Error> {
        let Self {
            model,
            imports,
            items,
            functions,
        } = self;
        let functions = functions.iter().map(|f| f.tokens(calls::Form::Text));
        let file: syn::File = syn::parse2(quote! { #imports #model #items #(#functions)* })?;
        Ok(resolve_markers(&prettyplease::unparse(&file)))
    }
}

/// Name of the macro that stands for a comment until the text is formatted.
const COMMENT: &str = "__comment";
/// Name of the macro that stands for a line which the formatter must leave alone.
const LINE: &str = "__line";

/// A comment as a statement.
pub(super) fn comment(text: &str) -> TokenStream {
    marker(COMMENT, text)
}

/// A statement that is written as it is, on one line.
pub(super) fn line(text: &str) -> TokenStream {
    marker(LINE, text)
}

fn marker(name: &str, text: &str) -> TokenStream {
    let name = proc_macro2::Ident::new(name, proc_macro2::Span::call_site());
    let text = proc_macro2::Literal::string(text);
    quote! { #name!(#text); }.into_token_stream()
}

/// Turns formatted marker statements into what they stand for, and sets functions apart.
fn resolve_markers(formatted: &str) -> String {
    let mut text = String::with_capacity(formatted.len());
    for line in formatted.lines() {
        let trimmed = line.trim_start();
        let indent = &line[..line.len() - trimmed.len()];
        if indent.is_empty() && begins_item(trimmed) && !ends_with_header(&text) {
            text.push('\n');
        }
        text.push_str(indent);
        match (marked(trimmed, COMMENT), marked(trimmed, LINE)) {
            (Some(comment), _) => {
                text.push_str("// ");
                text.push_str(&comment);
            }
            (None, Some(statement)) => text.push_str(&statement),
            (None, None) => text.push_str(trimmed),
        }
        text.push('\n');
    }
    text
}

/// Whether a line at the margin begins an item that deserves an empty line before it.
fn begins_item(line: &str) -> bool {
    [
        "///", "#[", "fn ", "impl ", "const ", "pub ", "struct ", "type ",
    ]
    .iter()
    .any(|begin| line.starts_with(begin))
}

/// Whether the text so far ends in docs, attributes or an empty line, which belong to what follows.
fn ends_with_header(text: &str) -> bool {
    match text.lines().last() {
        None => true,
        Some(last) => last.is_empty() || last.starts_with("///") || last.starts_with("#["),
    }
}

/// The text of a marker statement.
fn marked(line: &str, name: &str) -> Option<String> {
    let literal = line
        .strip_prefix(name)?
        .strip_prefix("!(")?
        .strip_suffix(");")?;
    syn::parse_str::<syn::LitStr>(literal)
        .ok()
        .map(|literal| literal.value())
}
