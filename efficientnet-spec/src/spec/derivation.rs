//! From the baseline's numbers to a variant's, step by step.

use super::{BlockSpec, Spec, Variant};
use crate::{Rounded, Rounding};

/// Channels of one stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaledChannels {
    /// The baseline's.
    pub baseline: usize,
    /// Baseline times width and its rounding; `None` where the spec does not scale them.
    pub rounded: Option<Rounded>,
    /// The variant's.
    pub channels: usize,
}

/// Repeats of one block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaledRepeats {
    /// The baseline's.
    pub baseline: usize,
    /// Baseline times depth, which is rounded up; `None` where the spec does not scale them.
    pub exact: Option<f64>,
    /// The variant's.
    pub repeats: usize,
}

/// What a variant's architecture has of the coefficients, and how it came by it.
#[derive(Clone, Debug, PartialEq)]
pub struct Derivation {
    /// Channels of the stem.
    pub stem: ScaledChannels,
    /// Output channels and repeats of each block.
    pub blocks: Vec<(ScaledChannels, ScaledRepeats)>,
    /// Channels of the head.
    pub head: ScaledChannels,
}

impl Spec {
    /// Channels and repeats of a variant, with every step: [`Spec::scale`] builds with the results.
    pub fn derivation(&self, variant: &Variant) -> Derivation {
        let channels = |baseline, scale| self.scaled_channels(baseline, variant, scale);
        let block = |block: &BlockSpec| {
            let repeats = scaled_repeats(block, variant);
            (channels(block.channels.get(), true), repeats)
        };
        Derivation {
            stem: channels(self.stem.channels.get(), self.stem.scale_width),
            blocks: self.blocks.iter().map(block).collect(),
            head: channels(self.head.channels.get(), self.head.scale_width),
        }
    }

    pub(super) fn rounding(&self) -> Rounding {
        Rounding {
            multiple: self.scaling.channel_multiple.get(),
            floor: self.scaling.channel_floor.get(),
        }
    }

    fn scaled_channels(&self, baseline: usize, variant: &Variant, scale: bool) -> ScaledChannels {
        let exact = scale.then(|| baseline as f64 * variant.width.get());
        let rounded = exact.map(|exact| self.rounding().steps(exact));
        ScaledChannels {
            baseline,
            rounded,
            channels: rounded.map_or(baseline, |rounded| rounded.channels),
        }
    }
}

/// Scaled repeats, rounded up (`round_repeats` of the reference implementation). The product is the
/// reference's, in double precision: 25 * 2.2, a trifle above 55 there, makes 56 sub-blocks here too,
/// because checkpoints have that many.
fn scaled_repeats(block: &BlockSpec, variant: &Variant) -> ScaledRepeats {
    let baseline = block.repeats.get();
    let exact = block
        .scale_depth
        .then(|| baseline as f64 * variant.depth.get());
    ScaledRepeats {
        baseline,
        exact,
        repeats: exact.map_or(baseline, |exact| exact.ceil() as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, bundled};

    /// Block 3 of the paper's table in B0 and B2.
    #[test]
    fn block_3_has_its_channels_and_repeats_for_reasons() {
        let spec = Spec::parse(bundled("efficientnet").unwrap(), "efficientnet").unwrap();
        let block = |variant| spec.derivation(spec.variant(variant).unwrap()).blocks[2];
        let (channels, repeats) = block("b0");
        assert_eq!((channels.channels, repeats.repeats), (40, 2));
        let (channels, repeats) = block("b2");
        let rounded = channels.rounded.unwrap();
        assert_eq!(
            (rounded.exact, rounded.nearest, rounded.channels),
            (44.0, 48, 48)
        );
        assert_eq!((repeats.exact, repeats.repeats), (Some(2.4), 3));
    }

    #[test]
    fn what_lite_does_not_scale_has_no_steps() {
        let spec = Spec::parse(bundled("lite").unwrap(), "lite").unwrap();
        let variant = spec.variant("lite4").unwrap();
        let Derivation { stem, blocks, head } = spec.derivation(variant);
        assert_eq!((stem.rounded, stem.channels), (None, 32));
        assert_eq!((head.rounded, head.channels), (None, 1280));
        assert_eq!((blocks[0].1.exact, blocks[0].1.repeats), (None, 1));
        let architecture = spec.scale(variant, &Options::default()).unwrap();
        for ((channels, repeats), block) in blocks.iter().zip(&architecture.blocks) {
            assert_eq!(channels.channels, block.out_channels);
            assert_eq!(repeats.repeats, block.repeats);
        }
    }
}
