//! What generated code says by types: activations, paddings, how threads share a call.

use crate::Activation;
use crate::kernels::{Pads, Split};

/// An activation as a type.
pub trait Act {
    /// The same as a value.
    const KIND: Activation;
}

macro_rules! activations {
    ($($name:ident = $kind:ident: $doc:literal;)*) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl Act for $name {
            const KIND: Activation = Activation::$kind;
        }
    )*};
}

activations! {
    Linear = Identity: "No activation.";
    Silu = Silu: "`x * sigmoid(x)`.";
    Relu = Relu: "`max(x, 0)`.";
    Relu6 = Relu6: "`min(max(x, 0), 6)`.";
    Sigmoid = Sigmoid: "`1 / (1 + exp(-x))`.";
    HardSwish = HardSwish: "`x * hard_sigmoid(x)`.";
    HardSigmoid = HardSigmoid: "`min(max(x + 3, 0), 6) / 6`.";
}

/// Along which axis threads share a call, as a type.
pub trait SplitAxis {
    /// The same as a value.
    const SPLIT: Split;
}

/// Threads share strips of rows, or of pixels.
#[derive(Clone, Copy, Debug)]
pub struct Rows;

/// Threads share panels of channels.
#[derive(Clone, Copy, Debug)]
pub struct Channels;

impl SplitAxis for Rows {
    const SPLIT: Split = Split::Rows;
}

impl SplitAxis for Channels {
    const SPLIT: Split = Split::Channels;
}

/// A rule for the zeros around a map, as a type.
pub trait PaddingRule {
    /// The same as a value.
    const RULE: Rule;
}

/// A rule for the zeros around a map.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// `kernel / 2` on every side.
    Symmetric,
    /// TensorFlow's SAME: as many as `ceil(size / stride)` outputs need, the odd one at the end.
    Same,
    /// As given.
    Explicit(Pads),
}

/// [`Rule::Symmetric`].
#[derive(Clone, Copy, Debug)]
pub struct Symmetric;

/// [`Rule::Same`].
#[derive(Clone, Copy, Debug)]
pub struct Same;

/// [`Rule::Explicit`]: zeros above, below, to the left and to the right.
#[derive(Clone, Copy, Debug)]
pub struct ExplicitPadding<const T: usize, const B: usize, const L: usize, const R: usize>;

impl PaddingRule for Symmetric {
    const RULE: Rule = Rule::Symmetric;
}

impl PaddingRule for Same {
    const RULE: Rule = Rule::Same;
}

impl<const T: usize, const B: usize, const L: usize, const R: usize> PaddingRule
    for ExplicitPadding<T, B, L, R>
{
    const RULE: Rule = Rule::Explicit(Pads {
        top: T,
        bottom: B,
        left: L,
        right: R,
    });
}

impl Rule {
    /// The zeros around a map of `height` x `width` under a window of `kernel` and `stride`.
    pub(super) const fn pads(
        self,
        height: usize,
        width: usize,
        kernel: usize,
        stride: usize,
    ) -> Pads {
        match self {
            Rule::Symmetric => {
                let each = kernel / 2;
                Pads {
                    top: each,
                    bottom: each,
                    left: each,
                    right: each,
                }
            }
            Rule::Same => {
                let (top, bottom) = same(height, kernel, stride);
                let (left, right) = same(width, kernel, stride);
                Pads {
                    top,
                    bottom,
                    left,
                    right,
                }
            }
            Rule::Explicit(pads) => pads,
        }
    }
}

/// Zeros before and after one axis, by TensorFlow's rule.
const fn same(size: usize, kernel: usize, stride: usize) -> (usize, usize) {
    let total = ((size.div_ceil(stride) - 1) * stride + kernel).saturating_sub(size);
    (total / 2, total - total / 2)
}
