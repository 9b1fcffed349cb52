//! The plan's weights in the runtime's words.

use efficientnet_codegen::ir;
use efficientnet_codegen::plan::{Kernel, Plan};
use efficientnet_runtime::Padding;
use efficientnet_runtime::weights::{Affine, Layer};

/// What each call's weights are packed from, in the order in which calls index them.
pub(super) fn layers(plan: &Plan) -> Vec<Layer<'_>> {
    plan.calls
        .iter()
        .filter_map(|call| layer(&call.kernel))
        .collect()
}

fn layer(kernel: &Kernel) -> Option<Layer<'_>> {
    match kernel {
        Kernel::Convolution {
            input,
            out_channels,
            window,
            filter,
            ..
        } => {
            let affine = affine(filter);
            let channels = input.channels;
            Some(Layer::convolution(
                &filter.weight,
                affine,
                channels,
                *out_channels,
                window.kernel,
            ))
        }
        Kernel::Pointwise {
            input,
            out_channels,
            filter,
            ..
        } => Some(Layer::pointwise(
            &filter.weight,
            affine(filter),
            input.channels,
            *out_channels,
        )),
        Kernel::Depthwise {
            input,
            window,
            filter,
            ..
        } => Some(Layer::depthwise(
            &filter.weight,
            affine(filter),
            input.channels,
            window.kernel,
        )),
        Kernel::SqueezeExcite {
            channels,
            squeezed,
            reduce,
            expand,
            ..
        } => Some(Layer::squeeze_excite(
            &reduce.weight,
            &expand.weight,
            *channels,
            *squeezed,
        )),
        Kernel::Dense {
            in_channels,
            out_channels,
            filter,
        } => Some(Layer::dense(&filter.weight, *in_channels, *out_channels)),
        Kernel::Mean { .. } => None,
    }
}

fn affine(filter: &ir::Filter) -> Affine<'_> {
    match &filter.affine {
        ir::Affine::None => Affine::None,
        ir::Affine::Bias => Affine::Bias,
        ir::Affine::Norm(norm) => Affine::Norm(norm),
    }
}

/// The plan's padding.
pub(super) fn padding(padding: efficientnet_spec::Padding) -> Padding {
    match padding {
        efficientnet_spec::Padding::Symmetric => Padding::Symmetric,
        efficientnet_spec::Padding::Same => Padding::Same,
    }
}
