//! Which networks are refused, and the words for it.

use efficientnet_spec::{
    Activation, Architecture, BUNDLED, BlockKind, Options, Output, Spec, SqueezeExcite, SqueezeOf,
    bundled,
};

use crate::plan::Precision;
use crate::{CompileError, compile, fixture};

/// The message for a network that has logits in f32, or `None` where it has them in int8, too.
fn refusal(architecture: &Architecture) -> Option<String> {
    let logits = |precision| compile(architecture, &[Output::Logits], precision);
    logits(Precision::F32).expect("the network is valid");
    match logits(Precision::Int8) {
        Ok(_) => None,
        Err(error @ CompileError::NotQuantizable { .. }) => Some(error.to_string()),
        Err(other) => panic!("{other}"),
    }
}

fn refusal_of(family: &str, variant: &str) -> Option<String> {
    let spec = Spec::parse(bundled(family).expect("bundled"), family).expect("valid");
    let architecture = spec.architecture(variant, &Options::default());
    refusal(&architecture.expect("the variant exists"))
}

/// The layer at fault and what it is, of the quantizable network with a change.
fn fault(change: impl FnOnce(&mut Architecture)) -> String {
    let mut architecture = fixture::quantizable();
    change(&mut architecture);
    let message = refusal(&architecture).unwrap_or_default();
    message.split(';').next().unwrap_or_default().to_owned()
}

#[test]
fn the_message_names_layer_finding_and_way_out() {
    assert_eq!(
        refusal_of("efficientnet", "b0").as_deref(),
        Some(
            "layer `stem_activation` cannot be int8: found activation silu; take precision `f32` or `bf16`, or a \
             network of pointwise and depthwise convolutions whose activations are relu or relu6, without squeeze \
             and excite, such as `lite0`"
        )
    );
}

/// Every bundled variant that passes.
#[test]
fn bundled_networks_of_plain_convolutions_pass() {
    let mut passed = Vec::new();
    for (name, text) in BUNDLED {
        let spec = Spec::parse(text, name).expect("valid");
        let variants = spec.variants.iter().map(|v| v.name.to_string());
        passed.extend(variants.filter(|variant| refusal_of(name, variant).is_none()));
    }
    passed.sort();
    assert_eq!(
        passed,
        [
            "lite0",
            "lite1",
            "lite2",
            "lite3",
            "lite4",
            "mobilenetv2_100"
        ]
    );
}

/// The stem is no inner convolution, whatever its window.
#[test]
fn the_stem_is_recognised_by_what_it_reads() {
    for (kernel, stride) in [(1, 1), (1, 2), (3, 1), (5, 2)] {
        let message = fault(|architecture| {
            (architecture.stem.kernel, architecture.stem.stride) = (kernel, stride);
        });
        assert_eq!(message, "", "{kernel}x{kernel}/{stride}");
    }
}

#[test]
fn squeeze_and_excite() {
    let squeeze_excite = SqueezeExcite {
        ratio: 0.25,
        of: SqueezeOf::Input,
        rounding: None,
        activation: Activation::Relu,
        gate: Activation::HardSigmoid,
    };
    assert_eq!(
        fault(|network| network.blocks[1].squeeze_excite = Some(squeeze_excite)),
        "layer `block2a_se_squeeze` cannot be int8: found squeeze and excite"
    );
}

#[test]
fn other_activations() {
    assert_eq!(
        fault(|network| network.blocks[1].activation = Activation::HardSwish),
        "layer `block2a_expand_activation` cannot be int8: found activation hard_swish"
    );
    assert_eq!(
        fault(|network| network.blocks[0].activation = Activation::Relu),
        ""
    );
}

#[test]
fn dense_convolutions_of_inner_maps() {
    for (family, variant, expected) in [
        (
            "efficientnetv2_s",
            "v2_s",
            "layer `stem_activation` cannot be int8: found activation silu; ",
        ),
        (
            "edgetpu",
            "es",
            "layer `block1a_expand_conv` cannot be int8: found a dense convolution of an inner map; ",
        ),
    ] {
        let message = refusal_of(family, variant).expect("it is refused");
        assert!(message.starts_with(expected), "{message}");
    }
    // A product of every second pixel is one, too; a product of all pixels is none.
    for (kernel, stride, refused) in [(3, 1, true), (1, 2, true), (1, 1, false)] {
        let message = fault(|network| {
            let block = &mut network.blocks[1];
            (block.kind, block.kernel, block.stride) = (BlockKind::FusedMbconv, kernel, stride);
        });
        let expected =
            "layer `block2a_expand_conv` cannot be int8: found a dense convolution of an inner map";
        assert_eq!(message, if refused { expected } else { "" });
    }
}

#[test]
fn activations_before_shortcuts() {
    for (shortcut, expected) in [
        (
            true,
            "layer `block2b_add` cannot be int8: found a shortcut behind an activation",
        ),
        (false, ""),
    ] {
        let message = fault(|network| {
            let block = &mut network.blocks[1];
            (block.kind, block.kernel, block.stride) = (BlockKind::Convolution, 1, 1);
            (block.expansion.ratios, block.shortcut) = (vec![1.0], shortcut);
        });
        assert_eq!(message, expected);
    }
}

#[test]
fn products_behind_the_pooling() {
    assert_eq!(
        fault(|network| network.head.after_pooling = true),
        "layer `top_conv` cannot be int8: found a product between the pooling and the classifier"
    );
}
