//! Arguments of the macros, each with the tokens that an error about it points at.

use efficientnet_spec::{Options, Padding, Resolution};
use proc_macro2::{Span, TokenStream};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprArray, ExprLit, Ident, Lit, LitStr, Token};

use crate::errors::{Errors, did_you_mean, expected};

/// The arguments that exist, as messages list them.
const KNOWN: [&str; 6] = [
    "spec",
    "variant",
    "classes",
    "resolution",
    "in_channels",
    "padding",
];

/// Arguments of `model`.
pub(crate) struct Arguments {
    /// Path or bundled name.
    pub(crate) spec: LitStr,
    /// Name of the variant.
    pub(crate) variant: LitStr,
    /// What the user overrides.
    pub(crate) options: Options,
    given: Given,
}

impl Arguments {
    /// Reads all arguments.
    ///
    /// # Errors
    /// Every mistake there is, together.
    pub(crate) fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let arguments = Punctuated::<Argument, Token![,]>::parse_terminated.parse2(tokens)?;
        let mut errors = Errors::default();
        let given = Given::check(arguments, &mut errors);
        let spec = given.required("spec", "efficientnet", &mut errors);
        let variant = given.required("variant", "b0", &mut errors);
        let options = Options {
            classes: given.read("classes", whole_number, &mut errors),
            resolution: given.read("resolution", resolution, &mut errors),
            in_channels: given.read("in_channels", whole_number, &mut errors),
            padding: given
                .read("padding", padding, &mut errors)
                .unwrap_or_default(),
        };
        let arguments = spec.zip(variant).map(|(spec, variant)| Self {
            spec,
            variant,
            options,
            given,
        });
        errors.finish(arguments)
    }

    /// An error at the value of an argument, or at the variant where the argument is not given.
    pub(crate) fn error_at(&self, name: &str, message: String) -> syn::Error {
        match self.given.value(name) {
            Some(value) => syn::Error::new_spanned(value, message),
            None => syn::Error::new_spanned(&self.variant, message),
        }
    }
}

/// `name = value`.
struct Argument {
    name: Ident,
    value: Expr,
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let wanted = "expected an argument `name = value`, such as `spec = \"efficientnet\"`";
        let name = input
            .parse::<Ident>()
            .map_err(|error| syn::Error::new(error.span(), wanted))?;
        let assigned = input.parse::<Option<Token![=]>>()?;
        if assigned.is_none() || input.is_empty() || input.peek(Token![,]) {
            let message = format!("argument `{name}` has no value; {wanted}");
            return Err(syn::Error::new(name.span(), message));
        }
        let value = input.parse()?;
        if !input.is_empty() && !input.peek(Token![,]) {
            let message = format!("expected `,` or the end of the arguments after `{name}`");
            return Err(input.error(message));
        }
        Ok(Self { name, value })
    }
}

/// Arguments of known names, each once, their values not read yet.
struct Given(Vec<(String, Expr)>);

impl Given {
    fn check(arguments: impl IntoIterator<Item = Argument>, errors: &mut Errors) -> Self {
        let mut given = Self(Vec::new());
        for Argument { name, value } in arguments {
            let key = name.to_string();
            if !KNOWN.contains(&key.as_str()) {
                let known = KNOWN.map(|known| format!("`{known}`")).join(", ");
                let near = did_you_mean(&key, &KNOWN);
                let message = format!("unknown argument `{key}`, expected one of {known}{near}");
                errors.push(syn::Error::new(name.span(), message));
            } else if given.value(&key).is_some() {
                let message = format!("argument `{key}` is given twice; remove one of them");
                errors.push(syn::Error::new(name.span(), message));
            } else {
                given.0.push((key, value));
            }
        }
        given
    }

    fn value(&self, name: &str) -> Option<&Expr> {
        let (_, value) = self.0.iter().find(|(key, _)| key == name)?;
        Some(value)
    }

    fn read<T>(
        &self,
        name: &str,
        read: fn(&str, &Expr) -> syn::Result<T>,
        errors: &mut Errors,
    ) -> Option<T> {
        errors.take(read(name, self.value(name)?))
    }

    fn required(&self, name: &str, example: &str, errors: &mut Errors) -> Option<LitStr> {
        if self.value(name).is_none() {
            let message = format!("argument `{name}` is missing; add `{name} = \"{example}\"`");
            errors.push(syn::Error::new(Span::call_site(), message));
        }
        self.read(name, string, errors)
    }
}

fn string(name: &str, value: &Expr) -> syn::Result<LitStr> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Ok(text.clone()),
        other => Err(expected(name, "a string literal", other)),
    }
}

fn whole_number(name: &str, value: &Expr) -> syn::Result<usize> {
    let number = match value {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse().ok().filter(|&number| number > 0),
        _ => None,
    };
    number.ok_or_else(|| expected(name, "a whole number of 1 or more", value))
}

fn resolution(name: &str, value: &Expr) -> syn::Result<Resolution> {
    let takes = "pixels, as `224` or `[height, width]`";
    let side = |value: &Expr| whole_number(name, value).map_err(|_| expected(name, takes, value));
    let Expr::Array(ExprArray { elems, .. }) = value else {
        let (height, width) = (side(value)?, side(value)?);
        return Ok(Resolution { height, width });
    };
    match elems.iter().collect::<Vec<_>>()[..] {
        [height, width] => Ok(Resolution {
            height: side(height)?,
            width: side(width)?,
        }),
        _ => Err(expected(name, takes, value)),
    }
}

fn padding(name: &str, value: &Expr) -> syn::Result<Padding> {
    let text = string(name, value)?.value();
    match text.as_str() {
        "symmetric" => Ok(Padding::Symmetric),
        "same" => Ok(Padding::Same),
        other => {
            let near = did_you_mean(other, &["symmetric", "same"]);
            let takes = "`\"symmetric\"` (torchvision, timm) or `\"same\"` (TensorFlow, Keras)";
            let message = format!("`{name}` expects {takes}, found `{other}`{near}");
            Err(syn::Error::new_spanned(value, message))
        }
    }
}
