//! PyTorch's names of a layer's tensors, which all of its libraries share.

use crate::network::{Kind, Parameter};

/// PyTorch's counter of training steps in a batch norm, which inference does not need.
pub(crate) const COUNTER: &str = "num_batches_tracked";

const NORM: [(&str, Parameter); 4] = [
    ("weight", Parameter::Gamma),
    ("bias", Parameter::Beta),
    ("running_mean", Parameter::Mean),
    ("running_var", Parameter::Variance),
];

const PRODUCT: [(&str, Parameter); 2] = [("weight", Parameter::Weight), ("bias", Parameter::Bias)];

pub(super) fn parameter(kind: Kind, variable: &str) -> Option<Parameter> {
    let parameters: &[_] = match kind {
        Kind::BatchNorm => &NORM,
        Kind::Convolution | Kind::Depthwise | Kind::Dense => &PRODUCT,
    };
    let found = parameters.iter().find(|(name, _)| *name == variable);
    found.map(|&(_, parameter)| parameter)
}

pub(super) fn variable(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::Weight | Parameter::Gamma => "weight",
        Parameter::Bias | Parameter::Beta => "bias",
        Parameter::Mean => "running_mean",
        Parameter::Variance => "running_var",
    }
}
