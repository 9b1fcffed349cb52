//! Squeeze and excite: pooled sums to a gate (Hu et al., "Squeeze-and-Excitation Networks", 2018).
//!
//! Both products are small: a few tens of kilobytes of weights, read once. Each is a [`Dense`].

use super::activation::Activation;
use super::dense::Dense;
use super::element::Precision;
use super::isa::Isa;
use super::len::len;
use super::panel::Panels;
use super::threads::Workers;
use crate::workspace::{AlignedBuffer, zeros};

/// Static shape of squeeze and excite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqueezeExcite {
    /// Length of the sums and of the gate.
    pub channels: usize,
    /// Length between the two products.
    pub squeezed: usize,
    /// Pixels that were summed.
    pub pixels: usize,
    /// Rows of sums, one for each strip of pixels.
    pub strips: usize,
    /// Epilogue of the first product.
    pub activation: Activation,
    /// Epilogue of the second.
    pub gate: Activation,
    /// Precision of the weights; sums and gate are f32.
    pub weights: Precision,
}

impl SqueezeExcite {
    /// Packs the weights of both products (`[squeezed][channels]` and `[channels][squeezed]`), rounded to
    /// `precision`, with their biases.
    ///
    /// # Panics
    /// If the lengths are others.
    pub fn pack(
        isa: Isa,
        precision: Precision,
        (channels, squeezed): (usize, usize),
        (reduce, reduce_bias): (&[f32], &[f32]),
        (expand, expand_bias): (&[f32], &[f32]),
    ) -> AlignedBuffer {
        let first = Dense::pack(isa, precision, channels, squeezed, reduce, reduce_bias);
        let second = Dense::pack(isa, precision, squeezed, channels, expand, expand_bias);
        let mut packed = zeros(first.len() + second.len());
        packed[..first.len()].copy_from_slice(&first);
        packed[first.len()..].copy_from_slice(&second);
        packed
    }

    /// Length of packed weights in floats.
    pub(crate) fn packed_len(
        isa: Isa,
        precision: Precision,
        channels: usize,
        squeezed: usize,
    ) -> usize {
        Dense::packed_len(isa, precision, channels, squeezed)
            + Dense::packed_len(isa, precision, squeezed, channels)
    }

    /// Room that is needed, in floats; the same for every instruction set.
    pub const fn scratch_len(&self) -> usize {
        self.channels.saturating_add(self.squeezed)
    }

    /// Computes the gate `output` (`[channels]`) from `sums` (`[strips][channels]`), which are added in their
    /// order.
    ///
    /// # Panics
    /// If a slice does not have the shape's length, or `packed` is another layer's.
    pub fn run(
        &self,
        isa: Isa,
        workers: Workers<'_>,
        packed: &[f32],
        sums: &[f32],
        output: &mut [f32],
    ) {
        let Self {
            channels,
            squeezed,
            pixels,
            strips,
            activation,
            gate,
            weights,
        } = *self;
        assert_eq!(sums.len(), len([strips, channels]), "length of the sums");
        let first = Panels::new(isa, weights, squeezed, channels).len();
        assert!(packed.len() > first, "length of the packed weights");
        let (reduce, expand) = packed.split_at(first);
        let scratch_len = self.scratch_len();
        assert!(
            workers.scratch.len() >= scratch_len,
            "room for {scratch_len} floats"
        );
        let (means, hidden) = workers.scratch[..scratch_len].split_at_mut(channels);
        means.fill(0.0);
        for strip in sums.chunks_exact(channels) {
            for (mean, sum) in means.iter_mut().zip(strip) {
                *mean += sum;
            }
        }
        let scale = 1.0 / pixels as f32;
        means.iter_mut().for_each(|mean| *mean *= scale);
        let first = Dense {
            in_channels: channels,
            out_channels: squeezed,
            activation,
            weights,
        };
        // Too short to share.
        first.run(isa, Workers::alone(&mut []), reduce, means, hidden);
        let second = Dense {
            in_channels: squeezed,
            out_channels: channels,
            activation: gate,
            weights,
        };
        let workers = Workers {
            threads: workers.threads,
            scratch: &mut [],
        };
        second.run(isa, workers, expand, hidden, output);
    }
}
