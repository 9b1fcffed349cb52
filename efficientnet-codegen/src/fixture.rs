//! A network that shows every pass at work and still fits on a page, for tests.

use efficientnet_spec::{
    Activation, Architecture, Block, Head, Padding, Shape, SqueezeExcite, Stem,
};

/// Two blocks, three sub-blocks, one of each kind, on an odd and rectangular input.
pub(crate) fn architecture() -> Architecture {
    let squeeze_excite = Some(SqueezeExcite {
        ratio: 0.25,
        activation: Activation::Silu,
        gate: Activation::Sigmoid,
    });
    let block = |expand_ratio, kernel, stride, in_channels, out_channels, repeats| Block {
        expand_ratio,
        kernel,
        stride,
        in_channels,
        out_channels,
        repeats,
        squeeze_excite: squeeze_excite.clone(),
    };
    Architecture {
        family: "tiny".to_owned(),
        variant: "t0".to_owned(),
        input: Shape::Map {
            height: 17,
            width: 20,
            channels: 3,
        },
        padding: Padding::Same,
        activation: Activation::Silu,
        stem: Stem {
            kernel: 3,
            stride: 2,
            channels: 16,
        },
        blocks: vec![block(1, 3, 1, 16, 8, 1), block(6, 5, 2, 8, 24, 2)],
        head: Head { channels: 32 },
        classes: 10,
        dropout: 0.2,
        drop_connect: 0.2,
    }
}
