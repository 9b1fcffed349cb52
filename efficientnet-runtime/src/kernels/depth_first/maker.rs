//! The producer at work: rows of one panel's map.

use std::ops::Range;

use crate::kernels::activation::Activation;
use crate::kernels::convolution;
use crate::kernels::element::{Precision, with_element};
use crate::kernels::isa::Isa;
use crate::kernels::panel::{Panel, Panels};
use crate::kernels::place::Place;
use crate::kernels::product::{Tile, walk_panel};
use crate::kernels::simd::Simd;
use crate::kernels::target::Target;

/// Where a panel's rows go.
#[derive(Clone, Copy)]
pub(super) struct Made {
    /// First pixel of the first row, behind the pads on its left.
    pub(super) first: *mut f32,
    /// Pixels of a row.
    pub(super) width: usize,
    /// Floats from one row to the next.
    pub(super) row_len: usize,
}

/// The producer with its operands.
pub(super) enum Maker<'a> {
    Pointwise {
        in_channels: usize,
        activation: Activation,
        precision: Precision,
        packed: &'a [f32],
        input: &'a [f32],
    },
    Convolution(convolution::Operands<'a>),
    Stored {
        channels: usize,
        input: &'a [f32],
    },
}

impl Maker<'_> {
    pub(super) fn panels(&self, isa: Isa, channels: usize) -> Panels {
        match self {
            Maker::Pointwise {
                in_channels,
                precision,
                ..
            } => Panels::new(isa, *precision, channels, *in_channels),
            Maker::Convolution(operands) => operands.panels(),
            // Without weights; panels are as many channels as any others.
            Maker::Stored { .. } => Panels::new(isa, Precision::F32, channels, 0),
        }
    }

    /// Makes rows of one panel.
    ///
    /// # Safety
    /// The rows are the map's, and there is room for them; the processor has the instruction set.
    #[inline(always)]
    pub(super) unsafe fn make<S: Simd>(&self, panel: Panel, rows: Range<usize>, place: Made) {
        let Made {
            first,
            width,
            row_len,
        } = place;
        let pitch = panel.vectors * S::LANES;
        // SAFETY: the caller's.
        unsafe {
            match self {
                &Self::Pointwise {
                    in_channels,
                    activation,
                    precision,
                    packed,
                    input,
                } => with_element!(precision, I => {
                    let input = input.as_ptr().cast::<I>();
                    let input = input.add(rows.start * width * in_channels);
                    let target = Target {
                        output: Place::new(Precision::F32, first, 0),
                        activation: match precision {
                            Precision::Int8 => Activation::Code,
                            Precision::F32 | Precision::Bf16 => activation,
                        },
                        row: width,
                        row_left: width,
                        gap: row_len - width * pitch,
                        ..Target::dense::<S>(pitch)
                    };
                    let packed = (packed.as_ptr(), packed.len());
                    let tile = Tile::of_panel::<S>(panel, packed, (input, in_channels), target);
                    walk_panel::<S, I>(tile, panel, rows.len() * width);
                }),
                Self::Convolution(operands) => {
                    let target = Target {
                        output: Place::new(Precision::F32, first, 0),
                        activation: match operands.precision() {
                            Precision::Int8 => Activation::Code,
                            Precision::F32 | Precision::Bf16 => operands.activation(),
                        },
                        ..Target::dense::<S>(pitch)
                    };
                    convolution::panel_rows::<S>(operands, panel, rows, target, row_len);
                }
                &Self::Stored { input, channels } => {
                    let from =
                        Place::new(Precision::Int8, input.as_ptr().cast_mut(), panel.channel);
                    for (index, row) in rows.enumerate() {
                        for column in 0..width {
                            let pixel = (row * width + column) * channels;
                            let to = first.add(index * row_len + column * pitch);
                            widen_pixel::<S>(from.further(pixel), panel, to);
                        }
                    }
                }
            }
        }
    }
}

/// One panel's channels of a pixel of codes as floats, lanes that do not exist as zeros.
///
/// # Safety
/// The channels are at `from`, and there is room for whole vectors; the processor has the instruction set.
#[inline(always)]
unsafe fn widen_pixel<S: Simd>(from: Place, panel: Panel, to: *mut f32) {
    for first in (0..panel.channels).step_by(S::LANES) {
        let lanes = S::LANES.min(panel.channels - first);
        // SAFETY: the caller's.
        unsafe { S::store(to.add(first), from.further(first).load::<S>(lanes)) };
    }
}
