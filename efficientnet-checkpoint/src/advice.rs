//! What a mismatch suggests to do.

use crate::Checkpoint;
use crate::check::{Mismatch, Misshapen};
use crate::flavour::Flavour;

/// What a mismatch suggests, in words for whoever chose the model, by whatever means.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Advice {
    /// There is nothing in the file.
    #[error("the file holds no tensors at all")]
    Empty,
    /// The names are another library's.
    #[error(
        "its tensors have the names of {library}; expected timm's, such as `conv_stem.weight`: \
         rename them"
    )]
    OtherNames {
        /// The library.
        library: &'static str,
    },
    /// Only the classifier differs, in its number of classes.
    #[error(
        "expected {expected} classes, found {found}: change the model's number or take another \
         checkpoint"
    )]
    Classes {
        /// The model's classes.
        expected: usize,
        /// The checkpoint's classes.
        found: usize,
    },
    /// Only the stem differs, in the channels that it reads.
    #[error(
        "expected {expected} as number of input channels, found {found}: change the model's number \
         or take another checkpoint"
    )]
    InChannels {
        /// The model's channels.
        expected: usize,
        /// The checkpoint's channels.
        found: usize,
    },
    /// Names and shapes fit, element types do not.
    #[error("save its weights as float32, float16 or bfloat16")]
    Dtypes,
    /// Nothing better to say.
    #[error("is it a checkpoint of another variant?")]
    OtherVariant,
}

impl Advice {
    pub(super) fn find(mismatch: &Mismatch, checkpoint: &Checkpoint) -> Self {
        if checkpoint.tensors.is_empty() {
            return Advice::Empty;
        }
        match Flavour::detect(checkpoint.names()) {
            Some(Flavour::Timm) | None => {}
            Some(flavour) => {
                let library = flavour.library();
                return Advice::OtherNames { library };
            }
        }
        let named_alike = mismatch.missing.is_empty() && mismatch.unexpected.is_empty();
        if named_alike && let Some(advice) = Self::of_shapes(&mismatch.misshapen) {
            return advice;
        }
        let only_dtypes = mismatch.missing.is_empty() && mismatch.misshapen.is_empty();
        if only_dtypes && !mismatch.wrong_dtype.is_empty() {
            return Advice::Dtypes;
        }
        Advice::OtherVariant
    }

    /// Where only the classifier or only the stem differs, a number of the model is to change.
    fn of_shapes(misshapen: &[Misshapen]) -> Option<Self> {
        let first = misshapen.first()?;
        let classifier = |tensor: &Misshapen| {
            let same_features = tensor.expected.get(1..) == tensor.found.get(1..);
            tensor.name.starts_with("classifier.") && same_features
        };
        if misshapen.iter().all(classifier) {
            let (&expected, &found) = first.expected.first().zip(first.found.first())?;
            return Some(Advice::Classes { expected, found });
        }
        match (misshapen, &first.expected[..], &first.found[..]) {
            ([_], &[_, expected, _, _], &[_, found, _, _]) if first.name == "conv_stem.weight" => {
                Some(Advice::InChannels { expected, found })
            }
            _ => None,
        }
    }
}
