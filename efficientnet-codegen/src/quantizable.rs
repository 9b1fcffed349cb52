//! Which networks can be int8: those whose every product gives codes by a scale and a clamp.

use efficientnet_spec::{Activation, Convolution, LayerGraph, LayerId, LayerOp, Module};

use crate::compile::CompileError;

/// Checks that codes can hold every map of a network, whatever its outputs.
///
/// # Errors
/// The first layer at fault.
pub(crate) fn check(layers: &LayerGraph) -> Result<(), CompileError> {
    for (id, layer) in layers.layers() {
        if let Some(found) = obstacle(layers, id) {
            return Err(CompileError::NotQuantizable {
                layer: layer.name.clone(),
                found,
            });
        }
    }
    Ok(())
}

/// What a layer is that codes cannot be.
fn obstacle(layers: &LayerGraph, id: LayerId) -> Option<String> {
    let layer = layers.layer(id);
    let found = match (&layer.op, source(layers, id)) {
        _ if layer.place.module == Some(Module::Three) => "squeeze and excite",
        (LayerOp::Activation(Activation::Relu | Activation::Relu6), _) => return None,
        (LayerOp::Activation(activation), _) => return Some(format!("activation {activation}")),
        // The stem, whatever its window.
        (LayerOp::Convolution(_), Some(LayerOp::Input)) => return None,
        (LayerOp::Convolution(_), Some(LayerOp::GlobalAveragePooling)) => {
            "a product between the pooling and the classifier"
        }
        (LayerOp::Convolution(conv), _) if !is_pointwise(conv) => {
            "a dense convolution of an inner map"
        }
        // A result is clamped once, behind its shortcut.
        (LayerOp::Add, Some(LayerOp::Activation(_))) => "a shortcut behind an activation",
        _ => return None,
    };
    Some(found.to_owned())
}

/// What gives a layer its first operand, behind all that computes nothing.
fn source(layers: &LayerGraph, id: LayerId) -> Option<&LayerOp> {
    let &input = layers.inputs(id).first()?;
    match &layers.layer(input).op {
        LayerOp::Rescaling
        | LayerOp::Normalization
        | LayerOp::ZeroPadding(_)
        | LayerOp::Reshape
        | LayerOp::Flatten
        | LayerOp::Dropout { .. } => source(layers, input),
        op => Some(op),
    }
}

/// Whether a convolution is a matrix product over all pixels.
fn is_pointwise(conv: &Convolution) -> bool {
    conv.kernel == 1 && conv.stride == 1 && conv.pads.is_none()
}

#[cfg(test)]
mod tests;
