//! Why a number is what it is, in words.

use efficientnet::spec::{
    BlockKind, ExpandedChannels, Output, Rounded, ScaledChannels, ScaledRepeats, SqueezeWidth,
};

use crate::text::short;

/// Products that differ by less are equal but for double precision.
const TRIFLE: f64 = 1e-9;

/// How scaled channels became whole.
pub(super) fn channels(scaled: &ScaledChannels) -> String {
    match &scaled.rounded {
        Some(rounded) => rounding(rounded),
        None => "not scaled (scale_width: false)".to_owned(),
    }
}

fn rounding(rounded: &Rounded) -> String {
    let Rounded {
        exact,
        rounding,
        nearest,
        ..
    } = *rounded;
    if rounded.is_raised() {
        let percent = short(rounding.floor * 100.0);
        return format!("{nearest} is less than {percent} %: one multiple more");
    }
    let (up, half) = (nearest as f64 - exact, rounding.multiple as f64 / 2.0);
    let is = |number: f64| (up - number).abs() < TRIFLE * exact;
    match up {
        _ if is(0.0) => format!("a multiple of {}", rounding.multiple),
        _ if is(half) => "halfway: up".to_owned(),
        _ if up > half => "at least one multiple".to_owned(),
        _ if up > 0.0 => "up to the nearest".to_owned(),
        _ => "down to the nearest".to_owned(),
    }
}

/// How scaled repeats became whole.
pub(super) fn repeats(scaled: &ScaledRepeats) -> String {
    let Some(exact) = scaled.exact else {
        return "not scaled (scale_depth: false)".to_owned();
    };
    match scaled.repeats as f64 - exact {
        0.0 => "whole".to_owned(),
        up if up > 1.0 - TRIFLE * exact => {
            format!("a trifle above {} in double precision: up", short(exact))
        }
        _ => "up".to_owned(),
    }
}

/// `24 * 6 = 144`, or `24 * 3.67 = 88.08 -> 88`.
pub(super) fn expansion(expanded: &ExpandedChannels) -> String {
    let ExpandedChannels {
        base,
        ratio,
        rounded,
        channels,
    } = expanded;
    product(
        *base,
        *ratio,
        rounded.map(|rounded| rounded.exact),
        *channels,
    )
}

/// `24 * 0.25 = 6`, or `27 * 0.25 = 6.75 -> 6`.
pub(super) fn squeeze(squeeze: &SqueezeWidth) -> String {
    let ratio = squeeze.share / squeeze.base as f64;
    product(squeeze.base, ratio, Some(squeeze.share), squeeze.width)
}

fn product(base: usize, ratio: f64, exact: Option<f64>, result: usize) -> String {
    let product = format!("{base} * {}", short(ratio));
    match exact {
        Some(exact) if exact != result as f64 => {
            format!("{product} = {} -> {result}", short(exact))
        }
        _ => format!("{product} = {result}"),
    }
}

/// A roundings' exception: why 18 became 24.
pub(super) fn raised(rounded: &Rounded) -> String {
    let Rounded {
        exact,
        rounding,
        nearest,
        channels,
    } = rounded;
    let percent = short(rounding.floor * 100.0);
    let exact = short(*exact);
    format!("{exact} becomes {channels}, because {nearest} is less than {percent} % of it.")
}

/// Name of a kind of block in the papers.
pub(in crate::commands) fn kind(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Mbconv => "MBConv",
        BlockKind::FusedMbconv => "Fused-MBConv",
        BlockKind::Convolution => "Convolution",
    }
}

/// What a kind of block does, and whose it is.
pub(in crate::commands) fn kind_explained(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Mbconv => {
            "MBConv is the mobile inverted bottleneck (Sandler et al., \"MobileNetV2\", 2018; Tan et al., \
             \"MnasNet\", 2019): a 1x1 convolution expands the channels, a depthwise convolution filters \
             each of them, squeeze and excite, where there is one, weighs them, and a 1x1 convolution \
             projects them to the block's."
        }
        BlockKind::FusedMbconv => {
            "Fused-MBConv (Gupta and Akin, \"Accelerator-Aware Neural Network Design using AutoML\", 2020; \
             Tan and Le, \"EfficientNetV2\", 2021) has one dense convolution in place of MBConv's \
             expansion and depthwise."
        }
        BlockKind::Convolution => {
            "Convolution is one dense convolution with batch norm and activation: MobileNetV3's last before \
             the pooling, or EfficientNetV2's Fused-MBConv without expansion."
        }
    }
}

/// `stem`, `block 3` or `head`.
pub(super) fn stage(output: Output) -> String {
    match output {
        Output::Block(number) => format!("block {number}"),
        Output::Features => Output::Head.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use efficientnet::spec::{Options, Rounding, Spec, bundled};

    use super::*;

    #[test]
    fn every_way_to_a_multiple_has_its_words() {
        let rule = Rounding {
            multiple: 8,
            floor: 0.9,
        };
        let words = |exact| rounding(&rule.steps(exact));
        assert_eq!(words(80.0 * 1.1), "a multiple of 8");
        assert_eq!(words(44.0), "halfway: up");
        assert_eq!(words(35.2), "down to the nearest");
        assert_eq!(words(46.0), "up to the nearest");
        assert_eq!(words(2.0), "at least one multiple");
        assert_eq!(words(19.2), "16 is less than 90 %: one multiple more");
    }

    /// 25 * 2.2, a trifle above 55 in double precision.
    #[test]
    fn repeats_that_double_precision_makes_have_a_reason() {
        let words = |exact: f64, repeats| {
            self::repeats(&ScaledRepeats {
                baseline: 1,
                exact: Some(exact),
                repeats,
            })
        };
        assert_eq!(words(2.4, 3), "up");
        assert_eq!(words(2.0, 2), "whole");
        let trifle = words(25.0 * 2.2, 56);
        assert_eq!(trifle, "a trifle above 55 in double precision: up");
    }

    #[test]
    fn fractional_ratios_show_their_rounding() {
        let text = bundled("mobilenetv3_small").unwrap();
        let spec = Spec::parse(text, "mobilenetv3_small").unwrap();
        let name = "mobilenetv3_small_100";
        let architecture = spec.architecture(name, &Options::default()).unwrap();
        let block = &architecture.blocks[1];
        let words = |index| expansion(&block.expansion_of(index).unwrap());
        assert_eq!(
            [words(0), words(1)],
            ["16 * 4.5 = 72", "24 * 3.67 = 88.08 -> 88"]
        );
    }
}
