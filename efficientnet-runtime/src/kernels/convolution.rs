//! Direct dense convolution: the stem, and fused blocks.
//!
//! Rows of output are walked in strips, whose input stays in L2 while one panel of filters after the other passes
//! over it. A row of the window times the input's channels is contiguous in NHWC, so one output is a product of
//! `kernel` such runs with the weights; weights are packed in panels like the pointwise kernel's, with
//! the inputs in the order row, column, channel. Behind the panels stands the border: what a pad is
//! worth in each input channel, where the input's normalisation is folded into the weights.

mod line;

use super::activation::Activation;
use super::element::{Precision, Q8};
use super::isa::{Isa, Kernel};
use super::len::len;
use super::panel::Panels;
use super::place::Place;
use super::scaling::Scaled;
use super::simd::Simd;
use super::target::Target;
use super::threads::{Disjoint, Share, Split, Workers};
use super::window::{Axis, Pads};
use crate::workspace::{AlignedBuffer, zeros};

pub(super) use line::panel_rows;

/// Static shape of a dense convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Input rows.
    pub height: usize,
    /// Input columns.
    pub width: usize,
    /// Input channels.
    pub in_channels: usize,
    /// Output channels.
    pub out_channels: usize,
    /// Kernel size.
    pub kernel: usize,
    /// Stride.
    pub stride: usize,
    /// Zeros around the input.
    pub pads: Pads,
    /// Epilogue, before the residual is added.
    pub activation: Activation,
    /// Output rows per pass over all panels.
    pub strip: usize,
    /// How threads share the call.
    pub split: Split,
    /// Precision of input, weights, and output; what is codes has its channels stored as
    /// [`Precision::stored_channels`].
    pub precision: Precision,
}

impl Convolution {
    /// Rows as the window sees them.
    const fn rows(&self) -> Axis {
        Axis::rows(self.height, self.kernel, self.stride, self.pads)
    }

    /// Columns as the window sees them.
    const fn columns(&self) -> Axis {
        Axis::columns(self.width, self.kernel, self.stride, self.pads)
    }

    /// Output rows.
    pub const fn out_height(&self) -> usize {
        self.rows().outputs()
    }

    /// Output columns.
    pub const fn out_width(&self) -> usize {
        self.columns().outputs()
    }

    /// Packs `weight` (`[out_channels][in_channels][kernel][kernel]`), `bias` (`[out_channels]`) and
    /// `border` (`[in_channels]`): the value of pads, zeros unless the input is shifted by the weights.
    ///
    /// # Panics
    /// If the lengths are others.
    pub fn pack(
        isa: Isa,
        in_channels: usize,
        out_channels: usize,
        kernel: usize,
        weight: &[f32],
        bias: &[f32],
        border: &[f32],
    ) -> AlignedBuffer {
        let taps = len([kernel, kernel]);
        let inputs = len([taps, in_channels]);
        assert_eq!(
            weight.len(),
            len([inputs, out_channels]),
            "length of the weights"
        );
        assert_eq!(bias.len(), out_channels, "length of the bias");
        assert_eq!(border.len(), in_channels, "length of the border");
        let panels = Panels::new(isa, Precision::F32, out_channels, inputs);
        let panels = panels.pack(bias, |channel, input| {
            let (tap, in_channel) = (input / in_channels, input % in_channels);
            weight[(channel * in_channels + in_channel) * taps + tap]
        });
        let mut packed = zeros(panels.len() + border.len());
        packed[..panels.len()].copy_from_slice(&panels);
        packed[panels.len()..].copy_from_slice(border);
        packed
    }

    /// [`Self::pack`] for weights that are integers; pads are the code of zero.
    ///
    /// # Panics
    /// If the lengths are others.
    pub fn pack_int8(
        isa: Isa,
        in_channels: usize,
        out_channels: usize,
        kernel: usize,
        scaled: &Scaled<'_>,
    ) -> AlignedBuffer {
        let taps = len([kernel, kernel]);
        let weights = len([taps, in_channels, out_channels]);
        assert_eq!(scaled.weight.len(), weights, "length of the weights");
        let stored = Precision::Int8.stored_channels(in_channels);
        let panels = Panels::new(isa, Precision::Int8, out_channels, len([taps, stored]));
        let panels = panels.pack_integers(scaled, |channel, input| {
            let (tap, in_channel) = (input / stored, input % stored);
            match in_channel < in_channels {
                true => scaled.weight[(channel * in_channels + in_channel) * taps + tap],
                false => 0,
            }
        });
        let mut packed = zeros(panels.len() + Precision::Int8.floats(stored));
        packed[..panels.len()].copy_from_slice(&panels);
        packed[panels.len()..].fill(Q8::pack([scaled.zero_point; 4]));
        packed
    }

    /// Length of packed weights in floats.
    pub(crate) fn packed_len(
        isa: Isa,
        precision: Precision,
        in_channels: usize,
        out_channels: usize,
        kernel: usize,
    ) -> usize {
        let stored = precision.stored_channels(in_channels);
        let inputs = len([kernel, kernel, stored]);
        Panels::new(isa, precision, out_channels, inputs).len() + precision.floats(stored)
    }

    /// Input channels as they are stored.
    const fn stored_channels(&self) -> usize {
        self.precision.stored_channels(self.in_channels)
    }

    /// Floats of the input.
    pub const fn input_len(&self) -> usize {
        let values = len([self.height, self.width, self.stored_channels()]);
        self.precision.floats(values)
    }

    /// Computes `output` (NHWC) from `input` (NHWC) and adds `residual`, a map like the output.
    ///
    /// # Panics
    /// If a slice does not have the shape's length, or `packed` is another layer's; if the map is empty
    /// or smaller than the window, or a strip has no rows.
    pub fn run(
        &self,
        isa: Isa,
        workers: Workers<'_>,
        packed: &[f32],
        input: &[f32],
        residual: Option<&[f32]>,
        output: &mut [f32],
    ) {
        let operands = Operands::new(*self, isa, packed, input);
        let outputs = len([self.out_height(), self.out_width(), self.out_channels]);
        assert!(self.strip > 0, "a strip has rows");
        let expected = self.precision.floats(outputs);
        assert_eq!(output.len(), expected, "length of the output");
        let added = residual.is_some() && self.precision != Precision::F32;
        assert!(!added, "only floats are added");
        if let Some(residual) = residual {
            assert_eq!(residual.len(), outputs, "length of the residual");
        }
        let output = Disjoint::new(output);
        workers.run(0, |share, _| {
            isa.run(Part {
                operands: &operands,
                residual,
                output,
                share,
            });
        });
    }
}

/// What a convolution reads, as long as its shape says.
pub(super) struct Operands<'a> {
    shape: Convolution,
    panels: Panels,
    packed: &'a [f32],
    /// What pads are worth in each input channel.
    border: &'a [f32],
    /// Whether that is anything but zeros.
    has_border: bool,
    input: &'a [f32],
}

impl<'a> Operands<'a> {
    /// Checks the lengths.
    pub(super) fn new(shape: Convolution, isa: Isa, packed: &'a [f32], input: &'a [f32]) -> Self {
        let Convolution {
            height,
            width,
            in_channels,
            out_channels,
            kernel,
            precision,
            ..
        } = shape;
        assert!(height > 0 && width > 0, "a map has pixels");
        let inputs = len([kernel, kernel, shape.stored_channels()]);
        let panels = Panels::new(isa, precision, out_channels, inputs);
        let expected = Convolution::packed_len(isa, precision, in_channels, out_channels, kernel);
        assert_eq!(packed.len(), expected, "length of the packed weights");
        assert_eq!(input.len(), shape.input_len(), "length of the input");
        let (packed, border) = packed.split_at(panels.len());
        Self {
            shape,
            panels,
            packed,
            border,
            has_border: border.iter().any(|&value| value != 0.0),
            input,
        }
    }

    pub(super) fn panels(&self) -> Panels {
        self.panels
    }

    pub(super) fn activation(&self) -> Activation {
        self.shape.activation
    }

    pub(super) fn precision(&self) -> Precision {
        self.shape.precision
    }
}

/// One thread's part of a call.
struct Part<'a> {
    operands: &'a Operands<'a>,
    residual: Option<&'a [f32]>,
    output: Disjoint,
    share: Share,
}

impl Kernel for Part<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let Operands { shape, panels, .. } = self.operands;
        let (height, strip) = (shape.out_height(), shape.strip);
        let grid = (height.div_ceil(strip), panels.count());
        let (strips, numbers) = self.share.of_grid(shape.split, grid.0, grid.1);
        let row_len = shape.out_width() * shape.out_channels;
        for first in strips.map(|index| index * strip) {
            let rows = first..(first + strip).min(height);
            for panel in numbers.clone().map(|index| panels.get(index)) {
                let start = first * row_len + panel.channel;
                let shortcut = self.residual.map(|map| map.as_ptr().cast_mut());
                let target = Target {
                    output: self.output.place(shape.precision, start),
                    shortcut: shortcut.map(|map| Place::new(Precision::F32, map, start)),
                    activation: match shape.precision {
                        Precision::Int8 => Activation::Identity,
                        Precision::F32 | Precision::Bf16 => shape.activation,
                    },
                    lanes: panel.channels - (panel.vectors - 1) * S::LANES,
                    ..Target::dense::<S>(shape.out_channels)
                };
                // SAFETY: `Operands::new` and `Convolution::run` have checked every length, and `Isa::run` the
                // instruction set; shares are disjoint.
                unsafe {
                    panel_rows::<S>(self.operands, panel, rows.clone(), target, row_len);
                }
            }
        }
    }
}
