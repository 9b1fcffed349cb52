//! Which networks can be int8.

use efficientnet_spec::{Activation, LayerGraph, LayerId, LayerOp, Module};

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
    let reads = |op: fn(&LayerOp) -> bool| {
        let inputs = layers.inputs(id);
        inputs.iter().any(|&input| op(&layers.layer(input).op))
    };
    if layer.place.module == Some(Module::Three) {
        return Some("squeeze and excite".to_owned());
    }
    match &layer.op {
        LayerOp::Activation(Activation::Relu | Activation::Relu6) => None,
        LayerOp::Activation(activation) => Some(format!("activation {activation}")),
        LayerOp::Convolution(_) if reads(|op| *op == LayerOp::Reshape) => {
            Some("a head behind the pooling".to_owned())
        }
        LayerOp::Convolution(conv)
            if conv.kernel > 1 && layer.tensor.as_deref() != Some("conv_stem") =>
        {
            Some("a dense convolution of an inner map".to_owned())
        }
        _ => None,
    }
}
