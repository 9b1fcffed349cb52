//! The plan's weights in the runtime's words.

use efficientnet_codegen::ir;
use efficientnet_codegen::plan::{Codes, Precision, Quantization, WeightLayer};
use efficientnet_runtime::Padding;
use efficientnet_runtime::weights::{Affine, Layer};

/// What one call's weights are packed from.
pub(super) fn layer(layer: &WeightLayer) -> Layer<'_> {
    let packed = match layer {
        WeightLayer::Stem {
            filter,
            inputs,
            outputs,
            kernel,
            ..
        } => Layer::stem(&filter.weight, affine(filter), *inputs, *outputs, *kernel),
        WeightLayer::Convolution {
            filter,
            inputs,
            outputs,
            kernel,
        } => Layer::convolution(&filter.weight, affine(filter), *inputs, *outputs, *kernel),
        WeightLayer::Pointwise {
            filter,
            inputs,
            outputs,
            ..
        } => Layer::pointwise(&filter.weight, affine(filter), *inputs, *outputs),
        WeightLayer::Depthwise {
            filter,
            channels,
            kernel,
            ..
        } => Layer::depthwise(&filter.weight, affine(filter), *channels, *kernel),
        WeightLayer::SqueezeExcite {
            reduce,
            expand,
            channels,
            squeezed,
            ..
        } => Layer::squeeze_excite(&reduce.weight, &expand.weight, *channels, *squeezed),
        WeightLayer::Dense {
            filter,
            inputs,
            outputs,
            ..
        } => Layer::dense(&filter.weight, *inputs, *outputs),
        WeightLayer::Activation { name } => return Layer::activation(name),
    };
    match (layer.quantization(), layer.precision()) {
        (Some(Quantization { input, result }), _) => match result {
            Codes::Own => packed.int8(input),
            Codes::Onto(shortcut) => packed.int8_onto(input, shortcut),
            Codes::Pooled(pooled) => packed.int8_pooled(input, pooled),
            Codes::Floats => packed.int8_to_f32(input),
        },
        (None, Precision::Bf16) => packed.bf16(),
        (None, Precision::F32 | Precision::Int8) => packed,
    }
}

fn affine(filter: &ir::Filter) -> Affine<'_> {
    match &filter.affine {
        ir::Affine::None => Affine::None,
        ir::Affine::Bias => Affine::Bias,
        ir::Affine::Norm(norm) => Affine::Norm(norm),
    }
}

/// A plan's padding in the runtime's words.
pub fn padding(padding: efficientnet_spec::Padding) -> Padding {
    match padding {
        efficientnet_spec::Padding::Symmetric => Padding::Symmetric,
        efficientnet_spec::Padding::Same => Padding::Same,
    }
}
