//! Finding and reading the spec that an argument names.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use efficientnet_spec::{BUNDLED, Spec, bundled};
use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

use crate::errors::did_you_mean;

/// A spec and the item that makes the compiler track its file.
pub(crate) struct SpecFile {
    pub(crate) spec: Spec,
    pub(crate) tracker: TokenStream,
}

/// Reads the spec of the argument; every error points at it.
pub(crate) fn read(argument: &LitStr) -> syn::Result<SpecFile> {
    let name = argument.value();
    let at = |message: String| syn::Error::new(argument.span(), message);
    let (text, file, tracker) = match bundled(&name) {
        Some(text) => (text.to_owned(), format!("{name}.yaml"), TokenStream::new()),
        None => {
            let path = crate_root().join(&name);
            let text = std::fs::read_to_string(&path)
                .map_err(|error| at(unreadable(&name, &path, &error)))?;
            let path = absolute(&path);
            // Reading the file as a constant is what makes an edit of it recompile the crate.
            let tracker = quote! { const _: &str = include_str!(#path); };
            (text, name, tracker)
        }
    };
    let spec = Spec::parse(&text, &file).map_err(|errors| at(errors.to_string()))?;
    Ok(SpecFile { spec, tracker })
}

fn unreadable(name: &str, path: &Path, error: &std::io::Error) -> String {
    let names = BUNDLED.map(|(name, _)| name);
    let problem = match error.kind() {
        _ if path.is_dir() => "is a directory".to_owned(),
        ErrorKind::NotFound => "does not exist".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    format!(
        "spec `{name}` {problem}; expected a YAML file, its path counted from the folder of the \
         crate's Cargo.toml, or a bundled spec: {}{}",
        names.map(|name| format!("`{name}`")).join(", "),
        did_you_mean(name, &names),
    )
}

/// Root of the crate being compiled.
pub(crate) fn crate_root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .unwrap_or_default()
}

pub(crate) fn absolute(path: &Path) -> String {
    path.canonicalize()
        .unwrap_or_else(|_| path.to_path_buf())
        .display()
        .to_string()
}
