//! Keras's names (keras/src/applications/efficientnet.py), by layers' names or by their classes.

use crate::network::{Kind, Parameter, Role, Site};

/// How a file spells the paths of variables.
pub(crate) enum Spelling {
    /// By layers' names: the path of the stem's convolution, such as
    /// `model_weights/stem_conv/stem_conv/` or `stem_conv/`.
    Names {
        path: String,
        /// What follows a variable's name: `:0` or nothing.
        suffix: &'static str,
        /// The variable of depthwise convolutions, which Keras 2 calls otherwise.
        depthwise: &'static str,
    },
    /// By classes and numbers among the layers of a class (keras/src/saving/saving_lib.py): what is in
    /// front of them, such as `layers/`.
    Classes { root: String },
}

/// The layer whose path shows the spelling.
const STEM: &str = "stem_conv";

/// A depthwise convolution's kernel in Keras 2.
const DEPTHWISE_KERNEL: &str = "depthwise_kernel";

/// What Keras 2 adds to the names of variables.
const SUFFIX: &str = ":0";

/// Names of variables, in the order in which files without names of variables number them.
const PRODUCT: [&str; 2] = ["kernel", "bias"];
const NORM: [&str; 4] = ["gamma", "beta", "moving_mean", "moving_variance"];
const NORMALIZATION: [&str; 3] = ["mean", "variance", "count"];

/// The group of a layer's numbered variables.
const NUMBERED: &str = "vars";

/// The first variable of a network's first convolution.
const FIRST_CLASS: &str = "conv2d/vars/0";

/// The layer that normalises the input, without its number.
const NORMALIZATION_LAYER: &str = "normalization";

/// States of random numbers in layers of dropout, as a group or a variable.
const SEEDS: [&str; 2] = ["seed_generator", "seed_generator_state"];

/// Where PyTorch's dimensions are among Keras's.
const CONVOLUTION: &[usize] = &[3, 2, 0, 1];
const DEPTHWISE: &[usize] = &[2, 3, 0, 1];
const DENSE: &[usize] = &[1, 0];

impl Spelling {
    pub(super) fn of<'a>(names: &[&'a str]) -> Self {
        let stem = |name: &'a str| {
            let (path, variable) = split(name)?;
            let shows = path.split('/').any(|group| group == STEM);
            (shows && variable == PRODUCT[0]).then_some((path, name))
        };
        let by_class = |name: &'a str| {
            let root = name.strip_suffix(FIRST_CLASS)?;
            (root.is_empty() || root.ends_with('/')).then_some(root)
        };
        if let Some(root) = names.iter().copied().find_map(by_class) {
            return Spelling::Classes {
                root: root.to_owned(),
            };
        }
        let (path, name) = names.iter().copied().find_map(stem).unwrap_or((STEM, STEM));
        let mut variables = names.iter().filter_map(|name| Some(split(name)?.1));
        Spelling::Names {
            path: path.to_owned(),
            suffix: if name.ends_with(SUFFIX) { SUFFIX } else { "" },
            depthwise: if variables.any(|variable| variable == DEPTHWISE_KERNEL) {
                DEPTHWISE_KERNEL
            } else {
                PRODUCT[0]
            },
        }
    }

    pub(super) fn tensor(&self, site: &Site) -> String {
        match self {
            Spelling::Names {
                path,
                suffix,
                depthwise,
            } => {
                let layer = layer(site);
                let groups: Vec<_> = path
                    .split('/')
                    .map(|group| if group == STEM { &layer } else { group })
                    .collect();
                let variable = match (site.role, site.parameter) {
                    (Role::Depthwise, Parameter::Weight) => depthwise,
                    (_, parameter) => variable(parameter),
                };
                format!("{}/{variable}{suffix}", groups.join("/"))
            }
            Spelling::Classes { root } => {
                let class = match site.role.kind() {
                    Kind::Convolution => "conv2d",
                    Kind::Depthwise => "depthwise_conv2d",
                    Kind::BatchNorm => "batch_normalization",
                    Kind::Dense => "dense",
                };
                let number = match site.ordinal {
                    0 => String::new(),
                    ordinal => format!("_{ordinal}"),
                };
                format!(
                    "{root}{class}{number}/{NUMBERED}/{}",
                    position(site.parameter)
                )
            }
        }
    }
}

/// The path of a variable's layer, and the variable's name without a suffix.
fn split(name: &str) -> Option<(&str, &str)> {
    let (path, variable) = name.rsplit_once('/')?;
    Some((path, variable.strip_suffix(SUFFIX).unwrap_or(variable)))
}

fn layer(site: &Site) -> String {
    let at = &site.sub_block;
    let letter = u32::try_from(at.index)
        .ok()
        .and_then(|index| char::from_u32(u32::from('a').checked_add(index)?))
        .unwrap_or(char::REPLACEMENT_CHARACTER);
    let inside = |name| format!("block{}{letter}_{name}", at.stage + 1);
    match site.role {
        Role::Stem => STEM.to_owned(),
        Role::StemNorm => "stem_bn".to_owned(),
        Role::Expand => inside("expand_conv"),
        Role::ExpandNorm => inside("expand_bn"),
        Role::Depthwise => inside("dwconv"),
        Role::DepthwiseNorm => inside("bn"),
        Role::Reduce => inside("se_reduce"),
        Role::Gate => inside("se_expand"),
        Role::Project => inside("project_conv"),
        Role::ProjectNorm => inside("project_bn"),
        Role::Head => "top_conv".to_owned(),
        Role::HeadNorm => "top_bn".to_owned(),
        Role::Classifier => "predictions".to_owned(),
    }
}

/// Number of a parameter among its layer's variables.
fn position(parameter: Parameter) -> usize {
    match parameter {
        Parameter::Weight | Parameter::Gamma => 0,
        Parameter::Bias | Parameter::Beta => 1,
        Parameter::Mean => 2,
        Parameter::Variance => 3,
    }
}

fn variable(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::Weight | Parameter::Bias => PRODUCT[position(parameter)],
        _ => NORM[position(parameter)],
    }
}

/// Where PyTorch's dimensions are in a tensor of Keras's layout; `None` where they are the same.
pub(super) fn axes(role: Role, parameter: Parameter) -> Option<&'static [usize]> {
    match (parameter, role.kind()) {
        (Parameter::Weight, Kind::Convolution) => Some(CONVOLUTION),
        (Parameter::Weight, Kind::Depthwise) => Some(DEPTHWISE),
        (Parameter::Weight, Kind::Dense) => Some(DENSE),
        _ => None,
    }
}

/// Whether a name is a path of Keras's variables.
pub(super) fn is_variable(name: &str) -> bool {
    split(name).is_some_and(|(path, variable)| {
        let named = [&PRODUCT[..], &NORM, &NORMALIZATION, &[DEPTHWISE_KERNEL]];
        path.ends_with(NUMBERED) || named.iter().any(|names| names.contains(&variable))
    })
}

/// Whether a tensor belongs to a Keras network, but to none of its products and batch norms.
pub(super) fn is_beside(name: &str) -> bool {
    normalization(name).is_some() || name.split('/').any(|group| SEEDS.contains(&group))
}

/// Which of the input's normalization's variables a name is: `mean`, `variance` or `count`.
pub(super) fn normalization(name: &str) -> Option<&'static str> {
    let (path, variable) = split(name)?;
    let number = match path
        .strip_suffix(NUMBERED)
        .and_then(|path| path.strip_suffix('/'))
    {
        Some(_) => variable.parse().ok(),
        None => NORMALIZATION.iter().position(|name| *name == variable),
    };
    let is_layer = |group: &str| match group.strip_prefix(NORMALIZATION_LAYER) {
        None => false,
        Some("") => true,
        Some(rest) => rest
            .strip_prefix('_')
            .is_some_and(|digits| digits.parse::<usize>().is_ok()),
    };
    path.split('/')
        .any(is_layer)
        .then_some(*NORMALIZATION.get(number?)?)
}
