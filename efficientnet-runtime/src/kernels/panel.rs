//! Packed weights of products: panels of one to three vectors of output channels.
//!
//! Layout of a panel of `v` vectors over `k` inputs: the bias (`v` vectors), then for each input its
//! `v` vectors of weights; for each pair of inputs, where the weights are bfloat16, the even one's in the lower halves
//! of the lanes; for each four of them, the first in the lowest bytes, where they are integers of 8 bits. Those have
//! three rows of a header: what sums begin with (integers of 32 bits), factors, biases. Channels beyond the last are
//! zeros. Panels follow each other, and behind those of integers stands a line of floats: the factor of the second
//! step.

/// Number of the layouts that packed weights have, of panels and of every kernel: to be raised with
/// any change of them, so that a file packed before is refused.
pub(crate) const LAYOUT_VERSION: u32 = 1;

use super::element::{Bf16, Precision, Q8};
use super::isa::Isa;
use super::len::len;
use super::scaling::Scaled;
use crate::workspace::{AlignedBuffer, zeros};

/// Floats of a cache line.
const LINE: usize = 16;

/// Floats of the widest panel of any instruction set: three vectors of 16.
pub(super) const WIDEST_PANEL: usize = 48;

/// One panel's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Panel {
    /// First output channel.
    pub(crate) channel: usize,
    /// Output channels that exist, up to `vectors * lanes`.
    pub(crate) channels: usize,
    /// Vectors.
    pub(crate) vectors: usize,
    /// First float in the packed buffer.
    pub(crate) offset: usize,
}

/// How `channels` output channels are cut into panels: as few as can be, as even as can be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panels {
    lanes: usize,
    channels: usize,
    inputs: usize,
    precision: Precision,
    most: usize,
}

impl Panels {
    pub(crate) fn new(isa: Isa, precision: Precision, channels: usize, inputs: usize) -> Self {
        let (lanes, most) = isa.geometry();
        Self {
            lanes,
            channels,
            inputs,
            precision,
            most,
        }
    }

    /// Rows of weights: inputs, or pairs of them.
    fn steps(self) -> usize {
        self.inputs.div_ceil(self.precision.channels_per_step())
    }

    fn vectors(self) -> usize {
        self.channels.div_ceil(self.lanes)
    }

    pub(crate) fn count(self) -> usize {
        self.vectors().div_ceil(self.most)
    }

    /// Length of the packed buffer in floats.
    pub(crate) fn len(self) -> usize {
        let rows = self.steps().saturating_add(self.header_rows());
        len([self.vectors(), self.lanes, rows]).saturating_add(self.tail())
    }

    fn header_rows(self) -> usize {
        self.precision.header_rows()
    }

    /// Floats behind the panels.
    fn tail(self) -> usize {
        match self.precision.is_int8() {
            true => LINE,
            false => 0,
        }
    }

    /// The factor of the second step of packed integers.
    pub(crate) fn second(self, packed: &[f32]) -> f32 {
        match self.precision.is_int8() {
            true => packed[self.len() - LINE],
            false => 1.0,
        }
    }

    /// The panel of a number below [`Self::count`].
    pub(crate) fn get(self, index: usize) -> Panel {
        let (even, extra) = (self.vectors() / self.count(), self.vectors() % self.count());
        let first = index * even + index.min(extra);
        let vectors = even + usize::from(index < extra);
        let channel = first * self.lanes;
        Panel {
            channel,
            channels: (self.channels - channel).min(vectors * self.lanes),
            vectors,
            offset: channel * (self.steps() + self.header_rows()),
        }
    }

    /// Packs `weight(channel, input)` and a bias.
    pub(crate) fn pack(self, bias: &[f32], weight: impl Fn(usize, usize) -> f32) -> AlignedBuffer {
        let mut packed = zeros(self.len());
        for panel in (0..self.count()).map(|index| self.get(index)) {
            let width = panel.vectors * self.lanes;
            for lane in 0..panel.channels {
                packed[panel.offset + lane] = bias[panel.channel + lane];
                for step in 0..self.steps() {
                    let at = panel.offset + (step + 1) * width + lane;
                    packed[at] = self.step(step, |input| weight(panel.channel + lane, input));
                }
            }
        }
        packed
    }

    /// Packs `weight(channel, input)`, integers of 8 bits, and what makes values of their sums.
    pub(crate) fn pack_integers(
        self,
        scaled: &Scaled<'_>,
        weight: impl Fn(usize, usize) -> i8,
    ) -> AlignedBuffer {
        let mut packed = zeros(self.len());
        for panel in (0..self.count()).map(|index| self.get(index)) {
            let width = panel.vectors * self.lanes;
            for lane in 0..panel.channels {
                let channel = panel.channel + lane;
                let of = |input| match input < self.inputs {
                    true => weight(channel, input),
                    false => 0,
                };
                let first = scaled.first((0..self.inputs).map(of));
                let header = [
                    f32::from_bits(first.cast_unsigned()),
                    scaled.factors[channel],
                    scaled.biases[channel],
                ];
                let steps = (0..self.steps()).map(|step| {
                    let codes = std::array::from_fn(|at| of(4 * step + at).cast_unsigned());
                    Q8::pack(codes)
                });
                for (row, value) in header.into_iter().chain(steps).enumerate() {
                    packed[panel.offset + row * width + lane] = value;
                }
            }
        }
        let tail = packed.len() - LINE;
        packed[tail] = scaled.second;
        packed
    }

    /// The weights of one step as a float's memory.
    fn step(self, step: usize, weight: impl Fn(usize) -> f32) -> f32 {
        match self.precision {
            Precision::F32 => weight(step),
            Precision::Int8 => unreachable!("integers are packed by `pack_integers`"),
            Precision::Bf16 => {
                let of = |input| match input < self.inputs {
                    true => Bf16::from_f32(weight(input)),
                    false => Bf16::from_f32(0.0),
                };
                Bf16::pair(of(2 * step), of(2 * step + 1))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Isa, Panels, Precision};

    #[test]
    fn panels_tile_the_channels() {
        for isa in Isa::available() {
            for channels in 1..200 {
                let panels = Panels::new(isa, Precision::F32, channels, 5);
                let mut channel = 0;
                for panel in (0..panels.count()).map(|index| panels.get(index)) {
                    assert_eq!(panel.channel, channel);
                    assert_eq!(panel.offset, channel * 6);
                    assert!((1..=3).contains(&panel.vectors) && panel.channels > 0);
                    channel += panel.channels;
                }
                assert_eq!(channel, channels);
            }
        }
    }
}
