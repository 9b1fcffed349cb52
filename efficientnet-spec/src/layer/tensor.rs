//! The tensors of one layer, as a PyTorch checkpoint holds them.

use super::{Layer, LayerOp};
use crate::Shape;

/// Name and shape of a checkpoint's tensor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tensor {
    /// Name in timm's naming, such as `blocks.1.0.conv_pw.weight`.
    pub name: String,
    /// Extents in PyTorch's layout: output channels, input channels, rows, columns.
    pub shape: Vec<usize>,
}

impl Layer {
    /// The tensors, in timm's order; none for layers without (Keras's normalization included).
    pub fn tensors(&self, operands: &[Shape]) -> Vec<Tensor> {
        let channels = operands.first().map_or(0, |shape| shape.channels());
        let named = |suffix: &str, shape: Vec<usize>| {
            let name = self
                .tensor
                .as_ref()
                .map(|prefix| format!("{prefix}.{suffix}"))?;
            Some(Tensor { name, shape })
        };
        let tensors = match &self.op {
            LayerOp::Convolution(conv) => {
                let weight = vec![conv.filters, channels, conv.kernel, conv.kernel];
                let bias = conv
                    .bias
                    .then(|| named("bias", vec![conv.filters]))
                    .flatten();
                vec![named("weight", weight), bias]
            }
            LayerOp::Depthwise(conv) => {
                vec![named("weight", vec![channels, 1, conv.kernel, conv.kernel])]
            }
            LayerOp::BatchNormalization => ["weight", "bias", "running_mean", "running_var"]
                .map(|suffix| named(suffix, vec![channels]))
                .into(),
            LayerOp::Dense { units } => {
                vec![
                    named("weight", vec![*units, channels]),
                    named("bias", vec![*units]),
                ]
            }
            LayerOp::Input
            | LayerOp::Rescaling
            | LayerOp::Normalization
            | LayerOp::ZeroPadding(_)
            | LayerOp::Activation(_)
            | LayerOp::GlobalAveragePooling
            | LayerOp::Reshape
            | LayerOp::Flatten
            | LayerOp::Multiply
            | LayerOp::Add
            | LayerOp::Dropout { .. } => Vec::new(),
        };
        tensors.into_iter().flatten().collect()
    }
}
