//! Arguments of the macros, each with the span that an error about it points at.

use efficientnet_spec::{Options, Padding, Resolution};
use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Expr, ExprArray, ExprLit, Ident, Lit, LitStr, Token};

/// Arguments of `model`.
pub(crate) struct Arguments {
    /// Path or bundled name.
    pub(crate) spec: LitStr,
    /// Name of the variant.
    pub(crate) variant: LitStr,
    /// What the user overrides.
    pub(crate) options: Options,
    /// Where an error about the resolution points.
    pub(crate) resolution_span: Option<Span>,
}

/// The arguments that exist, as messages list them.
const KNOWN: [&str; 6] = [
    "spec",
    "variant",
    "classes",
    "resolution",
    "in_channels",
    "padding",
];

/// Values as they come, before it is known which are missing.
#[derive(Default)]
struct Given {
    spec: Option<LitStr>,
    variant: Option<LitStr>,
    options: Options,
    resolution_span: Option<Span>,
    seen: Vec<String>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut given = Given::default();
        let mut errors: Option<syn::Error> = None;
        while !input.is_empty() {
            let name: Ident = input.parse()?;
            input.parse::<Token![=]>()?;
            let value: Expr = input.parse()?;
            if let Err(error) = given.set(&name, &value) {
                match &mut errors {
                    Some(errors) => errors.combine(error),
                    None => errors = Some(error),
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        match errors {
            Some(errors) => Err(errors),
            None => given.finish(),
        }
    }
}

impl Given {
    fn set(&mut self, name: &Ident, value: &Expr) -> syn::Result<()> {
        let key = name.to_string();
        if self.seen.contains(&key) {
            return Err(syn::Error::new(
                name.span(),
                format!("argument `{key}` is given twice"),
            ));
        }
        match key.as_str() {
            "spec" => self.spec = Some(string(&key, value)?),
            "variant" => self.variant = Some(string(&key, value)?),
            "classes" => self.options.classes = Some(positive(&key, value)?),
            "in_channels" => self.options.in_channels = Some(positive(&key, value)?),
            "padding" => self.options.padding = padding(value)?,
            "resolution" => {
                self.options.resolution = Some(resolution(value)?);
                self.resolution_span = Some(value.span());
            }
            _ => {
                let known = KNOWN.map(|known| format!("`{known}`")).join(", ");
                let message = format!("unknown argument `{key}`, expected one of {known}");
                return Err(syn::Error::new(name.span(), message));
            }
        }
        self.seen.push(key);
        Ok(())
    }

    fn finish(self) -> syn::Result<Arguments> {
        let missing = |name: &str, example: &str| {
            let message =
                format!("argument `{name}` is missing, expected `{name} = \"{example}\"`");
            syn::Error::new(Span::call_site(), message)
        };
        Ok(Arguments {
            spec: self.spec.ok_or_else(|| missing("spec", "efficientnet"))?,
            variant: self.variant.ok_or_else(|| missing("variant", "b0"))?,
            options: self.options,
            resolution_span: self.resolution_span,
        })
    }
}

fn string(name: &str, value: &Expr) -> syn::Result<LitStr> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Ok(text.clone()),
        other => Err(syn::Error::new(
            other.span(),
            format!("`{name}` expects a string literal"),
        )),
    }
}

fn positive(name: &str, value: &Expr) -> syn::Result<usize> {
    let message = format!("`{name}` expects a positive integer literal");
    let Expr::Lit(ExprLit {
        lit: Lit::Int(number),
        ..
    }) = value
    else {
        return Err(syn::Error::new(value.span(), message));
    };
    match number.base10_parse::<usize>() {
        Ok(number) if number > 0 => Ok(number),
        Ok(_) | Err(_) => Err(syn::Error::new(value.span(), message)),
    }
}

fn resolution(value: &Expr) -> syn::Result<Resolution> {
    let Expr::Array(ExprArray { elems, .. }) = value else {
        let size = positive("resolution", value).map_err(|error| {
            syn::Error::new(
                error.span(),
                "`resolution` expects `224` or `[height, width]`",
            )
        })?;
        return Ok(Resolution {
            height: size,
            width: size,
        });
    };
    match elems.iter().collect::<Vec<_>>()[..] {
        [height, width] => Ok(Resolution {
            height: positive("resolution", height)?,
            width: positive("resolution", width)?,
        }),
        _ => {
            let message = format!(
                "`resolution` expects `[height, width]`, found {} values",
                elems.len()
            );
            Err(syn::Error::new(value.span(), message))
        }
    }
}

fn padding(value: &Expr) -> syn::Result<Padding> {
    let text = string("padding", value)?;
    match text.value().as_str() {
        "symmetric" => Ok(Padding::Symmetric),
        "same" => Ok(Padding::Same),
        other => {
            let message = format!("unknown padding `{other}`, expected `symmetric` or `same`");
            Err(syn::Error::new(text.span(), message))
        }
    }
}
