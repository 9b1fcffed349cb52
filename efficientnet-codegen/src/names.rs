//! Names of generated things, from the names of variants.

use proc_macro2::Ident;

/// Names that the generated code uses for other things in the model's place.
const TAKEN: [&str; 38] = [
    "Model",
    "OutputShape",
    "Map",
    "Vector",
    "Weights",
    "Layer",
    "LoadError",
    "Packed",
    "Workspace",
    "Arena",
    "Activation",
    "Affine",
    "Norm",
    "Gate",
    "Shortcut",
    "Sums",
    "Threads",
    "Bf16",
    "Q8",
    "Element",
    "Precision",
    "SplitAxis",
    "Rows",
    "Channels",
    "Padding",
    "Rule",
    "Act",
    "PaddingRule",
    "ExplicitPadding",
    "Linear",
    "Silu",
    "Relu",
    "Relu6",
    "Sigmoid",
    "HardSwish",
    "HardSigmoid",
    "Symmetric",
    "Same",
];

/// Why a model cannot be called so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// A variant's name that no type can have.
    #[error("variant `{variant}` makes no name of a type")]
    NoType {
        /// The variant.
        variant: String,
    },
    /// A variant's name that no module, and so no file of one, can have.
    #[error("variant `{variant}` makes no name of a module, it is a keyword of Rust")]
    NoModule {
        /// The variant.
        variant: String,
    },
    /// A name that the generated code needs.
    #[error("a model cannot be called `{name}`, which the generated code uses itself")]
    Taken {
        /// The name.
        name: String,
    },
}

/// The type of a variant: `b0` to `B0`, `lite-0` and `lite_0` to `Lite0`.
///
/// # Errors
/// If that is no name of a type, or a name that the generated code needs.
pub fn type_name(variant: &str) -> Result<Ident, NameError> {
    let name: Ident = syn::parse_str(&camel_case(variant)).map_err(|_| NameError::NoType {
        variant: variant.to_owned(),
    })?;
    check_type_name(&name)?;
    Ok(name)
}

/// Checks that a model can be called so.
///
/// # Errors
/// If the generated code needs the name for something else.
pub fn check_type_name(name: &Ident) -> Result<(), NameError> {
    match TAKEN.iter().any(|taken| name == taken) {
        true => Err(NameError::Taken {
            name: name.to_string(),
        }),
        false => Ok(()),
    }
}

/// The module of a variant, which is also its file's name: `lite-0` to `lite_0`.
///
/// # Errors
/// If that is a keyword.
#[cfg(feature = "text")]
pub(crate) fn module_name(variant: &str) -> Result<String, NameError> {
    let name = variant.replace('-', "_");
    match syn::parse_str::<Ident>(&name) {
        Ok(_) => Ok(name),
        Err(_) => Err(NameError::NoModule {
            variant: variant.to_owned(),
        }),
    }
}

fn camel_case(name: &str) -> String {
    name.split(['-', '_', '.'])
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next();
            first
                .into_iter()
                .flat_map(char::to_uppercase)
                .chain(letters)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_in_camel_case_and_modules_in_snake_case() {
        for (variant, name, module) in [
            ("b0", "B0", "b0"),
            ("lite-0", "Lite0", "lite_0"),
            ("lite_0", "Lite0", "lite_0"),
            ("l2", "L2", "l2"),
        ] {
            assert_eq!(type_name(variant).unwrap(), name);
            assert_eq!(module_name(variant).unwrap(), module);
        }
    }

    #[test]
    fn names_that_no_model_can_have() {
        let message = |variant| type_name(variant).unwrap_err().to_string();
        assert_eq!(message("self"), "variant `self` makes no name of a type");
        assert!(message("map").starts_with("a model cannot be called `Map`, "));
        for keyword in ["fn", "mod", "crate", "async"] {
            let message = module_name(keyword).unwrap_err().to_string();
            assert!(message.contains("keyword"), "{message}");
        }
    }
}
