//! Whose names a checkpoint's tensors have.

/// A naming convention of EfficientNet's tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flavour {
    Timm,
    Torchvision,
    Lukemelas,
    Transformers,
    Keras,
}

/// Beginnings of names that only one convention has: `conv_stem` in timm's `EfficientNet`,
/// `features` in torchvision's, the underscore in `efficientnet_pytorch`'s, the embeddings in
/// transformers' `EfficientNetModel` and classifiers, the paths of Keras's variables.
const MARKS: [(&str, Flavour); 6] = [
    ("conv_stem.", Flavour::Timm),
    ("features.0.0.", Flavour::Torchvision),
    ("_conv_stem.", Flavour::Lukemelas),
    ("efficientnet.embeddings.", Flavour::Transformers),
    ("embeddings.convolution.", Flavour::Transformers),
    ("stem_conv/", Flavour::Keras),
];

impl Flavour {
    pub(super) fn detect<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        names.into_iter().find_map(|name| {
            MARKS
                .iter()
                .find(|(mark, _)| name.starts_with(mark))
                .map(|&(_, flavour)| flavour)
        })
    }

    /// The library whose names these are.
    pub(super) fn library(self) -> &'static str {
        match self {
            Flavour::Timm => "timm",
            Flavour::Torchvision => "torchvision",
            Flavour::Lukemelas => "efficientnet_pytorch (lukemelas)",
            Flavour::Transformers => "transformers (Hugging Face)",
            Flavour::Keras => "Keras",
        }
    }
}
