//! The classifier: a vector times a matrix, plus bias.
//!
//! A pointwise convolution of one pixel, whose weights are read once: its panels stream through
//! memory in order.

use super::activation::Activation;
use super::isa::Isa;
use super::pointwise::Pointwise;
use crate::workspace::AlignedBuffer;

/// Static shape of a fully connected layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dense {
    /// Input length.
    pub in_channels: usize,
    /// Output length.
    pub out_channels: usize,
    /// Epilogue.
    pub activation: Activation,
}

impl Dense {
    /// Packs `weight` (`[out_channels][in_channels]`) and `bias` (`[out_channels]`).
    ///
    /// # Panics
    /// If the lengths are others.
    pub fn pack(
        isa: Isa,
        in_channels: usize,
        out_channels: usize,
        weight: &[f32],
        bias: &[f32],
    ) -> AlignedBuffer {
        Pointwise::pack(isa, in_channels, out_channels, weight, bias)
    }

    /// Computes `output` (`[out_channels]`) from `input` (`[in_channels]`).
    ///
    /// # Panics
    /// If a slice does not have the shape's length, or `packed` is another layer's.
    pub fn run(&self, isa: Isa, packed: &[f32], input: &[f32], output: &mut [f32]) {
        let Self {
            in_channels,
            out_channels,
            activation,
        } = *self;
        let shape = Pointwise {
            rows: 1,
            in_channels,
            out_channels,
            activation,
            strip: 1,
        };
        shape.run(isa, packed, input, None, None, output);
    }
}
