//! Finding and reading the spec that an argument names.

use std::path::{Path, PathBuf};

use efficientnet_spec::{Spec, bundled};
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
    let name = argument.value();
    let at = |message: String| syn::Error::new(argument.span(), message);
    if let Some(text) = bundled(&name) {
        let spec = Spec::parse(text, &format!("{name}.yaml")).map_err(|e| at(e.to_string()))?;
        return Ok(SpecFile {
            spec,
            tracker: TokenStream::new(),
        });
    }
    let path = crate_root().join(&name);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        at(format!(
            "cannot read spec `{}`: {error}; expected a YAML file (the path counts from the crate's \
             root) or a bundled spec: {}",
            path.display(),
            efficientnet_spec::BUNDLED.map(|(name, _)| format!("`{name}`")).join(", "),
        ))
    })?;
    let spec = Spec::parse(&text, &name).map_err(|errors| at(errors.to_string()))?;
    let path = absolute(&path);
    // Reading the file as a constant is what makes an edit of it recompile the crate.
    let tracker = quote! { const _: &str = include_str!(#path); };
    Ok(SpecFile { spec, tracker })
}

/// Root of the crate being compiled.
fn crate_root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .unwrap_or_default()
}

fn absolute(path: &Path) -> String {
    path.canonicalize()
        .unwrap_or_else(|_| path.to_path_buf())
        .display()
        .to_string()
}
