//! A pointwise convolution of which only the mean over the pixels is wanted: the head and the pooling behind
//! it.
//!
//! One panel of channels at a time, some pixels at a time, so that what is averaged never leaves L1.

use super::activation::Activation;
use super::element::{Operand, Precision, with_element};
use super::isa::{Isa, Kernel};
use super::len::len;
use super::panel::{Panel, Panels, WIDEST_PANEL};
use super::place::Place;
use super::pointwise::Pointwise;
use super::product::{Tile, walk_panel};
use super::simd::Simd;
use super::target::Target;
use super::threads::{Disjoint, Share, Workers};

/// Static shape of a pointwise convolution with global average pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PooledPointwise {
    /// Pixels: height times width.
    pub rows: usize,
    /// Input channels.
    pub in_channels: usize,
    /// Output channels.
    pub out_channels: usize,
    /// Epilogue, before the mean.
    pub activation: Activation,
    /// Precision of the input and the weights. Means of codes are codes, other means f32.
    pub input: Precision,
}

/// Pixels of one panel that are computed before they are added up: 24 KiB.
const STRIP: usize = 128;

impl PooledPointwise {
    /// Precision of the means.
    pub const fn output(&self) -> Precision {
        match self.input {
            Precision::F32 | Precision::Bf16 => Precision::F32,
            Precision::Int8 => Precision::Int8,
        }
    }

    const fn strip(&self) -> usize {
        if self.rows < STRIP { self.rows } else { STRIP }
    }

    /// Room that a thread needs, in floats; the same for every instruction set.
    pub const fn scratch_len(&self) -> usize {
        len([self.strip(), WIDEST_PANEL])
    }

    /// Computes `output` (`[out_channels]`), the means, from `input` (`[rows][in_channels]`). Weights are packed as
    /// for a [`Pointwise`]; threads share the panels.
    ///
    /// # Panics
    /// If a slice does not have the shape's length, or `packed` is another layer's.
    pub fn run(
        &self,
        isa: Isa,
        workers: Workers<'_>,
        packed: &[f32],
        input: &[f32],
        output: &mut [f32],
    ) {
        let expected = Pointwise::packed_len(isa, self.input, self.in_channels, self.out_channels);
        assert_eq!(packed.len(), expected, "length of the packed weights");
        assert_eq!(
            input.len(),
            self.input.floats(len([self.rows, self.in_channels])),
            "length of the input"
        );
        let expected = self.output().floats(self.out_channels);
        assert_eq!(output.len(), expected, "length of the output");
        let output = Disjoint::new(output);
        workers.run(self.scratch_len(), |share, scratch| {
            isa.run(Part {
                shape: self,
                panels: Panels::new(isa, self.input, self.out_channels, self.in_channels),
                packed,
                input,
                output,
                share,
                scratch,
            });
        });
    }
}

/// One thread's part of a call, its slices as long as the shape says.
struct Part<'a> {
    shape: &'a PooledPointwise,
    panels: Panels,
    packed: &'a [f32],
    input: &'a [f32],
    output: Disjoint,
    share: Share,
    scratch: &'a mut [f32],
}

impl Kernel for Part<'_> {
    #[inline(always)]
    fn run<S: Simd>(mut self) {
        for panel in self.share.of(self.panels.count()) {
            let panel = self.panels.get(panel);
            // SAFETY: `PooledPointwise::run` has checked every length, `Workers::run` the scratch, and
            // `Isa::run` the instruction set; shares are disjoint.
            unsafe { with_element!(self.shape.input, I => self.panel::<S, I>(panel)) };
        }
    }
}

impl Part<'_> {
    /// Computes the means of one panel.
    ///
    /// # Safety
    /// The slices have the shape's lengths; the panel is the caller's alone; the processor has the
    /// instruction set.
    #[inline(always)]
    unsafe fn panel<S: Simd, I: Operand>(&mut self, panel: Panel) {
        let PooledPointwise {
            rows,
            in_channels,
            activation,
            ..
        } = *self.shape;
        let pitch = panel.vectors * S::LANES;
        let packed = (self.packed.as_ptr(), self.packed.len());
        let target = Target {
            output: Place::new(Precision::F32, self.scratch.as_mut_ptr(), 0),
            activation: match self.shape.input {
                Precision::Int8 => Activation::Code,
                Precision::F32 | Precision::Bf16 => activation,
            },
            ..Target::dense::<S>(pitch)
        };
        let strip = self.shape.strip();
        // SAFETY: the caller's; the scratch has room for a strip of the widest panel.
        unsafe {
            let mut sums = [S::splat(0.0); 3];
            for first in (0..rows).step_by(strip.max(1)) {
                let count = strip.min(rows - first);
                let input = self.input.as_ptr().cast::<I>().add(first * in_channels);
                let tile = Tile::of_panel::<S>(panel, packed, (input, in_channels), target);
                walk_panel::<S, I>(tile, panel, count);
                for (vector, sum) in sums.iter_mut().enumerate().take(panel.vectors) {
                    for pixel in 0..count {
                        let from = self.scratch.as_ptr().add(pixel * pitch + vector * S::LANES);
                        *sum = S::add(*sum, S::load(from));
                    }
                }
            }
            let scale = S::splat(self.panels.second(self.packed) / rows as f32);
            for (vector, &sum) in sums.iter().enumerate().take(panel.vectors) {
                let lanes = (panel.channels - vector * S::LANES).min(S::LANES);
                let channel = panel.channel + vector * S::LANES;
                let to = self.output.place(self.shape.output(), channel);
                to.store::<S>(lanes, S::mul(sum, scale));
            }
        }
    }
}
