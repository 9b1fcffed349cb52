//! The spec that an argument names.

use std::path::Path;

use efficientnet_codegen::spec_file::{self, crate_root};
use efficientnet_spec::Spec;
use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

/// A spec and the item that makes the compiler track its file.
pub(crate) struct SpecFile {
    pub(crate) spec: Spec,
    pub(crate) tracker: TokenStream,
}

/// Reads the spec of the argument; every error points at it.
pub(crate) fn read(argument: &LitStr) -> syn::Result<SpecFile> {
    let file = spec_file::read(&argument.value(), &crate_root())
        .map_err(|error| syn::Error::new(argument.span(), error))?;
    // Reading the file as a constant is what makes an edit of it recompile the crate.
    let tracker = file.path.map(|path| {
        let path = absolute(&path);
        quote! { const _: &str = include_str!(#path); }
    });
    Ok(SpecFile {
        spec: file.spec,
        tracker: tracker.unwrap_or_default(),
    })
}

pub(crate) fn absolute(path: &Path) -> String {
    path.canonicalize()
        .unwrap_or_else(|_| path.to_path_buf())
        .display()
        .to_string()
}
