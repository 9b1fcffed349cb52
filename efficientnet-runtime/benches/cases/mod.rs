//! Kernel calls of EfficientNet-B0 at 224 x 224 with the tiles of its plan, under the names of their layers,
//! and a few that only other plans have. The shapes stay as they are when plans change, so that figures of
//! two versions are of the same calls.

// Each bench uses its own part of this.
#![allow(dead_code)]

mod operands;

use efficientnet_runtime::kernels::{
    Activation, Convolution, Dense, Depthwise, GateMode, Pads, Pointwise, PooledPointwise,
    Precision, Split, SqueezeExcite,
};

pub(crate) use operands::Call;

/// All cases with their names, in the order of the network.
pub(crate) const CASES: [(&str, Shape); 36] = [
    ("block1a_dwconv", stem_depthwise(224, 32, 14)),
    ("block2a_dwconv", expand_depthwise(112, 16, 96, (3, 2), 7)),
    ("block2b_dwconv", expand_depthwise(56, 24, 144, (3, 1), 14)),
    ("block3a_dwconv", expand_depthwise(56, 24, 144, (5, 2), 7)),
    ("block3b_dwconv", expand_depthwise(28, 40, 240, (5, 1), 28)),
    ("block4a_dwconv", expand_depthwise(28, 40, 240, (3, 2), 14)),
    ("block4b_dwconv", expand_depthwise(14, 80, 480, (3, 1), 14)),
    ("block5a_dwconv", expand_depthwise(14, 80, 480, (5, 1), 14)),
    ("block5b_dwconv", expand_depthwise(14, 112, 672, (5, 1), 14)),
    ("block6a_dwconv", expand_depthwise(14, 112, 672, (5, 2), 7)),
    ("block6b_dwconv", expand_depthwise(7, 192, 1152, (5, 1), 7)),
    ("block7a_dwconv", expand_depthwise(7, 192, 1152, (3, 1), 7)),
    ("block1a_project", project(12544, 32, 16, 2112, WEIGHTS)),
    ("block2a_project", project(3136, 96, 24, 792, WEIGHTS)),
    ("block2b_project", project(3136, 144, 24, 528, WEIGHTS)),
    ("block3a_project", project(784, 144, 40, 408, WEIGHTS)),
    ("block3b_project", project(784, 240, 40, 408, WEIGHTS)),
    ("block4a_project", project(196, 240, 80, 104, WEIGHTS)),
    ("block4b_project", project(196, 480, 80, 104, WEIGHTS)),
    ("block5a_project", project(196, 480, 112, 104, INPUT)),
    ("block5b_project", project(196, 672, 112, 104, INPUT)),
    ("block6a_project", project(49, 672, 192, 49, INPUT)),
    ("block6b_project", project(49, 1152, 192, 49, INPUT)),
    ("block7a_project", project(49, 1152, 320, 49, INPUT)),
    ("block1a_se", squeeze_excite(32, 8, 12544, 8)),
    ("block4b_se", squeeze_excite(480, 20, 196, 1)),
    ("block6b_se", squeeze_excite(1152, 48, 49, 1)),
    ("avg_pool", pooled(49, 320, 1280)),
    ("predictions", dense(1280, 1000)),
    // Where feature maps are taken, or a layer is not worth fusing.
    ("stem_alone", stem(224, 32)),
    ("expand_alone_2b", expand(3136, 24, 144, 792)),
    ("expand_alone_5b", expand(196, 112, 672, 104)),
    ("expand_alone_6b", expand(49, 192, 1152, 49)),
    ("depthwise_alone_2b", depthwise(56, 144, (3, 1), 14)),
    ("depthwise_alone_3a", depthwise(56, 144, (5, 2), 7)),
    ("depthwise_alone_5b", depthwise(14, 672, (5, 1), 14)),
];

const WEIGHTS: Option<GateMode> = Some(GateMode::Weights);
const INPUT: Option<GateMode> = Some(GateMode::Input);

/// A kernel with its static shape.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Convolution(Convolution),
    Pointwise(Pointwise, Option<GateMode>),
    PooledPointwise(PooledPointwise),
    Depthwise(Depthwise),
    /// Depth-first: the map that the stem makes is never stored as a whole.
    StemDepthwise(Convolution, Depthwise),
    /// Depth-first behind an expansion.
    ExpandDepthwise(Pointwise, Depthwise),
    SqueezeExcite(SqueezeExcite),
    Dense(Dense),
}

const fn same(kernel: usize) -> Pads {
    let each = kernel / 2;
    Pads {
        top: each,
        bottom: each,
        left: each,
        right: each,
    }
}

const fn convolution(size: usize, out_channels: usize) -> Convolution {
    Convolution {
        height: size,
        width: size,
        in_channels: 3,
        out_channels,
        kernel: 3,
        stride: 2,
        pads: same(3),
        activation: Activation::Silu,
        strip: 28,
        split: Split::Rows,
        precision: Precision::F32,
    }
}

const fn stem(size: usize, out_channels: usize) -> Shape {
    Shape::Convolution(convolution(size, out_channels))
}

const fn windowed(
    size: usize,
    channels: usize,
    (kernel, stride): (usize, usize),
    strip: usize,
) -> Depthwise {
    Depthwise {
        height: size,
        width: size,
        channels,
        kernel,
        stride,
        pads: same(kernel),
        activation: Activation::Silu,
        strip,
        split: Split::Rows,
        output: Precision::F32,
    }
}

const fn depthwise(size: usize, channels: usize, window: (usize, usize), strip: usize) -> Shape {
    Shape::Depthwise(windowed(size, channels, window, strip))
}

const fn expand_depthwise(
    size: usize,
    in_channels: usize,
    channels: usize,
    window: (usize, usize),
    strip: usize,
) -> Shape {
    let expansion = pointwise(
        size * size,
        in_channels,
        channels,
        size * size,
        Activation::Silu,
    );
    Shape::ExpandDepthwise(expansion, windowed(size, channels, window, strip))
}

const fn stem_depthwise(size: usize, channels: usize, strip: usize) -> Shape {
    let stem = convolution(size, channels);
    Shape::StemDepthwise(stem, windowed(stem.out_height(), channels, (3, 1), strip))
}

const fn pointwise(
    rows: usize,
    in_channels: usize,
    out_channels: usize,
    strip: usize,
    activation: Activation,
) -> Pointwise {
    Pointwise {
        rows,
        in_channels,
        out_channels,
        activation,
        strip,
        split: Split::Rows,
        input: Precision::F32,
        output: Precision::F32,
        residual: Precision::F32,
    }
}

const fn expand(rows: usize, in_channels: usize, out_channels: usize, strip: usize) -> Shape {
    let silu = Activation::Silu;
    Shape::Pointwise(
        pointwise(rows, in_channels, out_channels, strip, silu),
        None,
    )
}

const fn project(
    rows: usize,
    in_channels: usize,
    out_channels: usize,
    strip: usize,
    gate: Option<GateMode>,
) -> Shape {
    let linear = Activation::Identity;
    Shape::Pointwise(
        pointwise(rows, in_channels, out_channels, strip, linear),
        gate,
    )
}

const fn pooled(rows: usize, in_channels: usize, out_channels: usize) -> Shape {
    Shape::PooledPointwise(PooledPointwise {
        rows,
        in_channels,
        out_channels,
        activation: Activation::Silu,
        input: Precision::F32,
    })
}

const fn squeeze_excite(channels: usize, squeezed: usize, pixels: usize, strips: usize) -> Shape {
    Shape::SqueezeExcite(SqueezeExcite {
        channels,
        squeezed,
        pixels,
        strips,
        activation: Activation::Silu,
        gate: Activation::Sigmoid,
        weights: Precision::F32,
    })
}

const fn dense(in_channels: usize, out_channels: usize) -> Shape {
    Shape::Dense(Dense {
        in_channels,
        out_channels,
        activation: Activation::Identity,
        weights: Precision::F32,
    })
}
