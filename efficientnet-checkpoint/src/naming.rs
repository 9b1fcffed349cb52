//! How a file names and lays out the tensors of a network, one file a library.

mod keras;
mod lukemelas;
pub(crate) mod timm;
mod torch;
mod torchvision;
mod transformers;

use crate::Flavour;
use crate::network::{Parameter, Role, Site};

/// The names of one flavour, as one file spells them.
pub(crate) enum Naming {
    Timm,
    Torchvision,
    Lukemelas,
    Transformers { prefix: &'static str },
    Keras(keras::Spelling),
}

impl Naming {
    /// The spelling of a file's names, which are of the flavour.
    pub(crate) fn of(flavour: Flavour, names: &[&str]) -> Self {
        match flavour {
            Flavour::Timm => Naming::Timm,
            Flavour::Torchvision => Naming::Torchvision,
            Flavour::Lukemelas => Naming::Lukemelas,
            Flavour::Transformers => {
                let prefixed = |name: &&str| name.starts_with(transformers::PREFIX);
                let prefix = match names.iter().any(prefixed) {
                    true => transformers::PREFIX,
                    false => "",
                };
                Naming::Transformers { prefix }
            }
            Flavour::Keras => Naming::Keras(keras::Spelling::of(names)),
        }
    }

    /// The file's name of a tensor.
    pub(crate) fn tensor(&self, site: &Site) -> String {
        let layer = match self {
            Naming::Timm => timm::layer(site),
            Naming::Torchvision => torchvision::layer(site),
            Naming::Lukemelas => lukemelas::layer(site),
            Naming::Transformers { prefix } => transformers::layer(prefix, site),
            Naming::Keras(spelling) => return spelling.tensor(site),
        };
        format!("{layer}.{}", torch::variable(site.parameter))
    }

    /// Where PyTorch's dimensions are in the file's tensor; `None` where they are the same.
    pub(crate) fn axes(&self, role: Role, parameter: Parameter) -> Option<&'static [usize]> {
        match self {
            Naming::Keras(_) => keras::axes(role, parameter),
            _ => None,
        }
    }

    /// Whether a network of the flavour may have a tensor of this name beside those that it computes
    /// with here.
    pub(crate) fn is_beside(&self, name: &str) -> bool {
        match self {
            Naming::Keras(_) => keras::is_beside(name),
            _ => name.rsplit('.').next() == Some(torch::COUNTER),
        }
    }

    /// Which of the variables of a network's own normalization a name is: `mean`, `variance` or
    /// `count`.
    pub(crate) fn normalization(&self, name: &str) -> Option<&'static str> {
        match self {
            Naming::Keras(_) => keras::normalization(name),
            _ => None,
        }
    }
}

/// Beginnings of names that only one convention has. Of timm's, `blocks` and not `bn1` or `classifier`,
/// which others have, too.
const MARKS: [(Flavour, &[&str]); 4] = [
    (Flavour::Timm, &["conv_stem.", "blocks.", "conv_head."]),
    (Flavour::Torchvision, &["features."]),
    (
        Flavour::Lukemelas,
        &["_conv_stem.", "_blocks.", "_conv_head.", "_fc."],
    ),
    (
        Flavour::Transformers,
        &[
            transformers::PREFIX,
            "embeddings.convolution.",
            "encoder.blocks.",
            "encoder.top_",
        ],
    ),
];

/// The flavour whose names these are by most of the marks.
pub(crate) fn detect(names: &[&str]) -> Option<Flavour> {
    let count = |is: &dyn Fn(&str) -> bool| names.iter().filter(|name| is(name)).count();
    let marked = |marks: &[&str]| count(&|name| marks.iter().any(|mark| name.starts_with(mark)));
    let keras = count(&keras::is_variable);
    let counts = MARKS.map(|(flavour, marks)| (marked(marks), flavour));
    let most = counts
        .into_iter()
        .chain([(keras, Flavour::Keras)])
        .max_by_key(|&(count, _)| count)?;
    (most.0 > 0).then_some(most.1)
}

#[cfg(test)]
mod tests;
