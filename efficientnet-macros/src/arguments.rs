//! Arguments of the macros, each with the tokens that an error about it points at.

use efficientnet_codegen::plan::Precision;
use efficientnet_spec::{Options, Padding, Resolution};
use proc_macro2::{Span, TokenStream};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprArray, ExprLit, Ident, Lit, LitStr, Token};

use crate::errors::{Errors, did_you_mean, expected};

/// Which macro's arguments they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Macro {
    /// One variant, under the name of the item.
    Model,
    /// Many variants, under names of their own.
    Family,
}

impl Macro {
    /// The arguments that exist, as messages list them.
    fn known(self) -> &'static [&'static str] {
        match self {
            Macro::Model => &[
                "spec",
                "variant",
                "classes",
                "resolution",
                "in_channels",
                "padding",
                "outputs",
                "precision",
                "bn_eps",
                "weights",
            ],
            Macro::Family => &[
                "spec",
                "variants",
                "classes",
                "resolution",
                "in_channels",
                "padding",
                "outputs",
                "precision",
                "bn_eps",
            ],
        }
    }
}

/// Arguments of a macro.
pub(crate) struct Arguments {
    /// Path or bundled name.
    pub(crate) spec: LitStr,
    /// Names of the variants: `model`'s one; of `family`, all of the spec if `None`.
    pub(crate) variants: Option<Vec<LitStr>>,
    /// What the user overrides.
    pub(crate) options: Options,
    /// Names of the outputs, at least one, where the user names them.
    pub(crate) outputs: Option<Vec<LitStr>>,
    /// Precision of maps and matrices.
    pub(crate) precision: Precision,
    /// Batch-norm epsilon, where the checkpoint's flavour is not to decide.
    pub(crate) batch_norm_epsilon: Option<f64>,
    /// Path of the checkpoint to embed.
    pub(crate) weights: Option<LitStr>,
    given: Given,
}

impl Arguments {
    /// Reads all arguments of a macro.
    ///
    /// # Errors
    /// Every mistake there is, together.
    pub(crate) fn parse(of: Macro, tokens: TokenStream) -> syn::Result<Self> {
        let arguments = Punctuated::<Argument, Token![,]>::parse_terminated.parse2(tokens)?;
        let mut errors = Errors::default();
        let given = Given::check(of.known(), arguments, &mut errors);
        let spec = given.required("spec", "efficientnet", &mut errors);
        let variants = match of {
            Macro::Model => given
                .required("variant", "b0", &mut errors)
                .map(|variant| vec![variant]),
            Macro::Family => given.read("variants", names, &mut errors),
        };
        let options = Options {
            classes: given.read("classes", whole_number, &mut errors),
            resolution: given.read("resolution", resolution, &mut errors),
            in_channels: given.read("in_channels", whole_number, &mut errors),
            padding: given
                .read("padding", padding, &mut errors)
                .unwrap_or_default(),
        };
        let outputs = given.read("outputs", names, &mut errors);
        let precision = given.read("precision", precision, &mut errors);
        let batch_norm_epsilon = given.read("bn_eps", positive_number, &mut errors);
        let weights = given.read("weights", string, &mut errors);
        let arguments = spec.map(|spec| Self {
            spec,
            variants,
            options,
            outputs,
            precision: precision.unwrap_or_default(),
            batch_norm_epsilon,
            weights,
            given,
        });
        errors.finish(arguments)
    }

    /// An error at the value of an argument, or at the variant where the argument is not given.
    pub(crate) fn error_at(&self, name: &str, variant: &LitStr, message: String) -> syn::Error {
        match self.given.value(name) {
            Some(value) => syn::Error::new_spanned(value, message),
            None => syn::Error::new_spanned(variant, message),
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
        let mut value: Expr = input.parse()?;
        // What a fragment of `macro_rules!` stands for comes in an invisible group.
        while let Expr::Group(group) = value {
            value = *group.expr;
        }
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
    fn check(
        known: &[&str],
        arguments: impl IntoIterator<Item = Argument>,
        errors: &mut Errors,
    ) -> Self {
        let mut given = Self(Vec::new());
        for Argument { name, value } in arguments {
            let key = name.to_string();
            if !known.contains(&key.as_str()) {
                let listed: Vec<_> = known.iter().map(|known| format!("`{known}`")).collect();
                let (listed, near) = (listed.join(", "), did_you_mean(&key, known));
                let message = format!("unknown argument `{key}`, expected one of {listed}{near}");
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

fn precision(name: &str, value: &Expr) -> syn::Result<Precision> {
    let text = string(name, value)?.value();
    let precision = Precision::from_name(&text);
    let feature = match precision {
        Some(Precision::Bf16) if !cfg!(feature = "bf16") => Some("bf16"),
        Some(Precision::Int8) if !cfg!(feature = "int8") => Some("int8"),
        _ => None,
    };
    if let Some(feature) = feature {
        let message = format!(
            "`precision` of {feature} needs the crate's feature: \
             efficientnet = {{ version = \"..\", features = [\"{feature}\"] }}"
        );
        return Err(syn::Error::new_spanned(value, message));
    }
    precision.ok_or_else(|| {
        let near = did_you_mean(&text, &Precision::NAMES.map(|(_, name)| name));
        let takes = "`\"f32\"`, `\"bf16\"` (bfloat16 maps and matrices, sums in f32) or `\"int8\"` (a quantised \
                     checkpoint)";
        let message = format!("`{name}` expects {takes}, found `{text}`{near}");
        syn::Error::new_spanned(value, message)
    })
}

fn positive_number(name: &str, value: &Expr) -> syn::Result<f64> {
    let number: Option<f64> = match value {
        Expr::Lit(ExprLit {
            lit: Lit::Float(number),
            ..
        }) => number.base10_parse().ok(),
        _ => None,
    };
    let number = number.filter(|number| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| expected(name, "a number above 0, such as `1e-3`", value))
}

/// A name, or several.
fn names(name: &str, value: &Expr) -> syn::Result<Vec<LitStr>> {
    let takes = match name {
        "variants" => "names of variants, as `[\"b0\", \"b1\"]`",
        _ => "the name of an output, or several as `[\"block2\", \"block3\"]`",
    };
    let one = |value: &Expr| string(name, value).map_err(|_| expected(name, takes, value));
    let Expr::Array(ExprArray { elems, .. }) = value else {
        return Ok(vec![one(value)?]);
    };
    if elems.is_empty() {
        return Err(expected(name, takes, value));
    }
    let mut errors = Errors::default();
    let names: Vec<Option<LitStr>> = elems.iter().map(|e| errors.take(one(e))).collect();
    errors.finish(names.into_iter().collect())
}
