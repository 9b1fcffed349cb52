//! What a mismatch suggests to do.

use crate::check::{Mismatch, Misshapen};
use crate::comparison::Comparison;
use crate::network::Role;

/// What a mismatch suggests, in words for whoever chose the model, by whatever means.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Advice {
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
    /// Only what reads the input differs, in its channels.
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
    /// Only the classifier is not there, or by another name.
    #[error("it has no classifier of that name: take outputs before it, or another checkpoint")]
    NoClassifier,
    /// A network of another depth.
    #[error(
        "expected {expected} sub-blocks, found {found}: is it a checkpoint of another variant?"
    )]
    SubBlocks {
        /// The model's sub-blocks.
        expected: usize,
        /// The checkpoint's.
        found: usize,
    },
    /// A network of the same depth and another width.
    #[error(
        "expected {expected} features in front of the classifier, found {found}: is it a checkpoint \
         of another variant?"
    )]
    Features {
        /// The model's features.
        expected: usize,
        /// The checkpoint's.
        found: usize,
    },
    /// The checkpoint is quantised, the model is not.
    #[error(
        "the checkpoint is quantised: take `precision = \"int8\"`, of the command `--precision int8`"
    )]
    Quantized,
    /// The model is quantised, the checkpoint is not.
    #[error(
        "the checkpoint is not quantised: quantise it first: efficientnet quantize VARIANT --weights F \
         --calibrate DIR -o G"
    )]
    NotQuantized,
    /// Nothing better to say.
    #[error("is it a checkpoint of another variant?")]
    OtherVariant,
}

impl Advice {
    pub(super) fn find(mismatch: &Mismatch, of: &Comparison<'_>) -> Self {
        match (of.checkpoint.is_quantized(), of.is_quantized()) {
            (true, false) => return Advice::Quantized,
            (false, true) => return Advice::NotQuantized,
            (true, true) | (false, false) => {}
        }
        let named_alike = mismatch.missing.is_empty() && mismatch.unexpected.is_empty();
        if named_alike && let Some(advice) = Self::of_shapes(mismatch, of) {
            return advice;
        }
        let only_dtypes = mismatch.missing.is_empty() && mismatch.misshapen.is_empty();
        if only_dtypes && !mismatch.wrong_dtype.is_empty() {
            return Advice::Dtypes;
        }
        let mut missing = mismatch.missing.iter().map(|tensor| of.role(&tensor.name));
        let some = mismatch.misshapen.is_empty() && !mismatch.missing.is_empty();
        if some && missing.all(|role| role == Some(Role::Classifier)) {
            return Advice::NoClassifier;
        }
        let (expected, found) = (of.network.sub_blocks(), of.sub_blocks());
        if expected != found {
            return Advice::SubBlocks { expected, found };
        }
        match of.differing(Role::Classifier, 1) {
            Some((expected, found)) => Advice::Features { expected, found },
            None => Advice::OtherVariant,
        }
    }

    /// Where only the classifier or only what reads the input differs, a number of the model is to
    /// change.
    fn of_shapes(mismatch: &Mismatch, of: &Comparison<'_>) -> Option<Self> {
        let all = |is: &dyn Fn(&Misshapen) -> bool| mismatch.misshapen.iter().all(is);
        let is_role = |name: &str, role| of.role(name) == Some(role);
        if all(&|tensor| is_role(&tensor.name, Role::Classifier)) {
            let same_features = of.differing(Role::Classifier, 1).is_none();
            let (expected, found) = of
                .differing(Role::Classifier, 0)
                .filter(|_| same_features)?;
            return Some(Advice::Classes { expected, found });
        }
        let reads_input = |tensor: &Misshapen| {
            is_role(&tensor.name, Role::Stem) || of.naming.normalization(&tensor.name).is_some()
        };
        let same_filters = [0, 2, 3].map(|dimension| of.differing(Role::Stem, dimension));
        if all(&reads_input) && same_filters == [None; 3] {
            let (expected, found) = of.differing(Role::Stem, 1)?;
            return Some(Advice::InChannels { expected, found });
        }
        None
    }
}
