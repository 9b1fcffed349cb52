//! How numbers of channels become whole, step by step: the steps are what explains a network, their
//! results are what it is built of.

use super::{Block, BlockKind, ExpandOf, SqueezeExcite, SqueezeOf};

/// Rounding of channels to multiples (`round_filters` of the reference implementation, `make_divisible`
/// of timm).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rounding {
    /// What channels are multiples of; at least 1.
    pub multiple: usize,
    /// Least share of the exact number that rounding leaves.
    pub floor: f64,
}

/// The steps of one rounding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rounded {
    /// What is rounded.
    pub exact: f64,
    /// The rule.
    pub rounding: Rounding,
    /// The nearest multiple, half up and at least one.
    pub nearest: usize,
    /// The result: `nearest`, or one multiple more where that is less than `floor * exact`.
    pub channels: usize,
}

impl Rounding {
    /// The nearest multiple, half up and at least one, then one more where that took too much.
    pub fn channels(self, exact: f64) -> usize {
        self.steps(exact).channels
    }

    /// [`Self::channels`], step by step.
    pub fn steps(self, exact: f64) -> Rounded {
        let multiple = self.multiple.max(1);
        let half_up = (exact + (multiple as f64) / 2.0) as usize;
        let nearest = (half_up / multiple * multiple).max(multiple);
        let channels = match (nearest as f64) < self.floor * exact {
            true => nearest.saturating_add(multiple),
            false => nearest,
        };
        Rounded {
            exact,
            rounding: self,
            nearest,
            channels,
        }
    }
}

impl Rounded {
    /// Whether the floor acts: the nearest multiple is too small a share of the exact number.
    pub fn is_raised(&self) -> bool {
        self.channels != self.nearest
    }
}

/// How wide a sub-block is between expansion and projection, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExpandedChannels {
    /// The channels that the ratio is over.
    pub base: usize,
    /// The ratio.
    pub ratio: f64,
    /// How the product was rounded, where the ratio is no whole number.
    pub rounded: Option<Rounded>,
    /// The result.
    pub channels: usize,
}

impl Block {
    /// Channels that the sub-block of an index expands its input to; `None` where it has no expansion: where
    /// the ratio over its input is 1, unless the expansion is fused with the convolution.
    pub fn expanded(&self, index: usize) -> Option<usize> {
        self.expansion_of(index).map(|expanded| expanded.channels)
    }

    /// [`Self::expanded`], step by step.
    pub fn expansion_of(&self, index: usize) -> Option<ExpandedChannels> {
        let (of, ratio) = (self.expansion.of, self.expansion.ratio(index));
        match self.kind {
            BlockKind::Mbconv if ratio == 1.0 && of == ExpandOf::Input => None,
            BlockKind::Mbconv | BlockKind::FusedMbconv => Some(self.expand(index, ratio)),
            BlockKind::Convolution => None,
        }
    }

    fn expand(&self, index: usize, ratio: f64) -> ExpandedChannels {
        let base = match self.expansion.of {
            ExpandOf::Input => self.input_of(index),
            ExpandOf::Output => self.out_channels,
        };
        let whole = ratio.fract() == 0.0;
        let rounded = (!whole).then(|| self.expansion.rounding.steps(base as f64 * ratio));
        ExpandedChannels {
            base,
            ratio,
            rounded,
            channels: match rounded {
                Some(rounded) => rounded.channels,
                // Saturates at an infinite ratio, which the verifier refuses.
                None => base.saturating_mul(ratio as usize),
            },
        }
    }
}

/// How wide a squeeze and excite is between its products, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SqueezeWidth {
    /// The channels that the ratio is over.
    pub base: usize,
    /// The ratio's share of them.
    pub share: f64,
    /// How the share was rounded to a multiple; rounded down where there is none.
    pub rounded: Option<Rounded>,
    /// The result, at least 1.
    pub width: usize,
}

impl SqueezeExcite {
    /// Squeeze width of a sub-block by its input and expanded channels, at least 1. Without rounding it is
    /// the share rounded down (Keras; timm and torchvision agree wherever the share is whole, as in B0..B8).
    pub fn width(&self, input: usize, expanded: usize) -> usize {
        self.width_of(input, expanded).width
    }

    /// [`Self::width`], step by step.
    pub fn width_of(&self, input: usize, expanded: usize) -> SqueezeWidth {
        let base = match self.of {
            SqueezeOf::Input => input,
            SqueezeOf::Expanded => expanded,
        };
        // Exact: channels are far below 2^53.
        let share = base as f64 * self.ratio;
        let rounded = self.rounding.map(|rounding| rounding.steps(share));
        SqueezeWidth {
            base,
            share,
            rounded,
            width: match rounded {
                Some(rounded) => rounded.channels,
                None => (share as usize).max(1),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(exact: f64, floor: f64) -> (usize, usize) {
        let rounded = Rounding { multiple: 8, floor }.steps(exact);
        assert_eq!(rounded.is_raised(), rounded.nearest != rounded.channels);
        (rounded.nearest, rounded.channels)
    }

    /// 44 is halfway between 40 and 48; 90 % of 17.6 are 15.84, of 19.2 they are 17.28.
    #[test]
    fn half_goes_up_and_the_floor_raises_what_lost_too_much() {
        assert_eq!(steps(44.0, 0.9), (48, 48));
        assert_eq!(steps(17.6, 0.9), (16, 16));
        assert_eq!(steps(19.2, 0.9), (16, 24));
        assert_eq!(steps(19.2, 0.0), (16, 16));
        assert_eq!(steps(1.0, 0.9), (8, 8));
    }

    #[test]
    fn a_share_is_rounded_down_and_at_least_one() {
        let squeeze = |rounding| SqueezeExcite {
            ratio: 0.25,
            of: SqueezeOf::Input,
            rounding,
            activation: crate::Activation::Silu,
            gate: crate::Activation::Sigmoid,
        };
        let width = squeeze(None).width_of(27, 0);
        assert_eq!((width.share, width.rounded, width.width), (6.75, None, 6));
        assert_eq!(squeeze(None).width(3, 0), 1);
        let (multiple, floor) = (8, 0.9);
        let width = squeeze(Some(Rounding { multiple, floor })).width_of(72, 0);
        assert_eq!((width.share, width.width), (18.0, 24));
        assert!(width.rounded.is_some_and(|rounded| rounded.is_raised()));
    }
}
