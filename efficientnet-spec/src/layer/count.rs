//! Parameters and multiply-accumulates of one layer.

use super::LayerOp;
use crate::Shape;

impl LayerOp {
    /// Parameters as Keras counts them, buffers included: four a channel for batch normalization,
    /// mean, variance and a step counter for normalization.
    pub fn parameters(&self, operands: &[Shape]) -> u64 {
        let channels = operand_channels(operands);
        match self {
            LayerOp::Convolution(conv) => {
                let filters = conv.filters as u64;
                let bias = if conv.bias { filters } else { 0 };
                square(conv.kernel) * channels * filters + bias
            }
            LayerOp::Depthwise(conv) => square(conv.kernel) * channels,
            LayerOp::BatchNormalization => 4 * channels,
            LayerOp::Normalization => 2 * channels + 1,
            LayerOp::Dense { units } => (channels + 1) * *units as u64,
            LayerOp::Input
            | LayerOp::Rescaling
            | LayerOp::ZeroPadding(_)
            | LayerOp::Activation(_)
            | LayerOp::GlobalAveragePooling
            | LayerOp::Reshape
            | LayerOp::Flatten
            | LayerOp::Multiply
            | LayerOp::Add
            | LayerOp::Dropout { .. } => 0,
        }
    }

    /// Of the parameters, those that training changes by gradient: running statistics are not.
    pub fn trainable_parameters(&self, operands: &[Shape]) -> u64 {
        match self {
            LayerOp::BatchNormalization => 2 * operand_channels(operands),
            LayerOp::Normalization => 0,
            _ => self.parameters(operands),
        }
    }

    /// Multiply-accumulates of the products for one image; everything else counts nothing, as in
    /// the paper's FLOPs (section 5). The paper's own numbers (table 2) are rounded and up to 5 % lower
    /// in B4, B5 and B7; torchvision's are these.
    pub fn macs(&self, operands: &[Shape], output: Shape) -> u64 {
        let channels = operand_channels(operands);
        let outputs = output.elements() as u64;
        match self {
            LayerOp::Convolution(conv) => outputs * square(conv.kernel) * channels,
            LayerOp::Depthwise(conv) => outputs * square(conv.kernel),
            LayerOp::Dense { .. } => outputs * channels,
            LayerOp::Input
            | LayerOp::Rescaling
            | LayerOp::Normalization
            | LayerOp::ZeroPadding(_)
            | LayerOp::BatchNormalization
            | LayerOp::Activation(_)
            | LayerOp::GlobalAveragePooling
            | LayerOp::Reshape
            | LayerOp::Flatten
            | LayerOp::Multiply
            | LayerOp::Add
            | LayerOp::Dropout { .. } => 0,
        }
    }
}

/// Channels of the first operand; none for the input.
fn operand_channels(operands: &[Shape]) -> u64 {
    operands.first().map_or(0, |shape| shape.channels() as u64)
}

fn square(kernel: usize) -> u64 {
    let kernel = kernel as u64;
    kernel * kernel
}
