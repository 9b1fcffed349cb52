//! Several errors of one attribute, reported together.

use efficientnet_spec::nearest;
use proc_macro2::Span;
use quote::ToTokens;

/// The errors found so far.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// The value, or its error among the others.
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// The value unless there were errors; it may only be missing where there were some.
    pub(crate) fn finish<T>(self, value: Option<T>) -> syn::Result<T> {
        match (self.0, value) {
            (None, Some(value)) => Ok(value),
            (Some(errors), _) => Err(errors),
            (None, None) => Err(syn::Error::new(Span::call_site(), "nothing to expand")),
        }
    }
}

/// An error at a value: what its name takes and what stands there.
pub(crate) fn expected(name: &str, takes: &str, found: &impl ToTokens) -> syn::Error {
    let text = found.to_token_stream().to_string();
    let message = format!("`{name}` expects {takes}, found `{}`", shortened(&text));
    syn::Error::new_spanned(found, message)
}

/// Source text that fits a line.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(48) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// `; did you mean ...?` where a known name is near, otherwise nothing.
pub(crate) fn did_you_mean(found: &str, known: &[&str]) -> String {
    nearest(found, known).map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}
