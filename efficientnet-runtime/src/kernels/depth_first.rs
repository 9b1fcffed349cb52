//! Depth-first depthwise convolution: the map that it reads is made strip by strip, one panel of channels
//! at a time, and never stored as a whole.
//!
//! For every strip of output rows and every panel, the producer (an expanding pointwise convolution, or the
//! stem) writes the rows that the strip's windows need into a small map with a margin, whose pads are
//! zeros, so that no window is cut off at the left or right. It stays in L1 or L2 until the depthwise kernel has read
//! it. Rows that the next strip needs, too, are kept in a ring, so that each is made once; only a thread
//! that begins in the middle of the map makes those above its first strip anew.
//!
//! Each value is computed as by the two kernels one after the other, bit for bit.

mod maker;

use std::ops::Range;

use super::activation::Activation;
use super::convolution::{self, Convolution};
use super::depthwise::{Depthwise, Results, strip_of_vector};
use super::element::Precision;
use super::isa::{Isa, Kernel};
use super::len::len;
use super::lines::{Columns, Rows, Source, WIDEST, columns_with_margin};
use super::panel::{Panel, Panels, WIDEST_PANEL};
use super::pointwise::Pointwise;
use super::simd::Simd;
use super::threads::{Share, Split, Workers};
use super::window::Pads;
use maker::{Made, Maker};

/// What makes the map that the depthwise kernel reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Producer {
    /// A pointwise convolution over a map of the same size.
    Pointwise {
        /// Input channels.
        in_channels: usize,
        /// Epilogue.
        activation: Activation,
        /// Precision of the input and the weights; the map that is made is f32: codes as floats, where it is made
        /// of codes.
        input: Precision,
    },
    /// A dense convolution: the stem.
    Convolution {
        /// Input rows.
        height: usize,
        /// Input columns.
        width: usize,
        /// Input channels.
        in_channels: usize,
        /// Kernel size.
        kernel: usize,
        /// Stride.
        stride: usize,
        /// Zeros around the input.
        pads: Pads,
        /// Epilogue.
        activation: Activation,
        /// Precision of the input and the weights, as above.
        input: Precision,
    },
    /// Nothing: it is stored, as codes, which become floats.
    Stored,
}

/// Static shape of a producer and the depthwise convolution behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepthFirst {
    /// What makes the map.
    pub producer: Producer,
    /// What reads it: height, width and channels are the map's.
    pub depthwise: Depthwise,
}

impl DepthFirst {
    /// Columns of the map with its margin, at most: up to the last tap of the last tile.
    const fn most_columns(&self) -> usize {
        let Depthwise { kernel, stride, .. } = self.depthwise;
        len([
            self.depthwise.out_width().saturating_add(WIDEST - 2),
            stride,
        ])
        .saturating_add(kernel)
    }

    /// Rows of the map that one strip needs at most.
    const fn rows(&self) -> usize {
        let Depthwise {
            kernel,
            stride,
            height,
            strip,
            ..
        } = self.depthwise;
        let out_height = self.depthwise.out_height();
        let strip = if strip < out_height {
            strip
        } else {
            out_height
        };
        let rows = len([strip.saturating_sub(1), stride]).saturating_add(kernel);
        if rows < height { rows } else { height }
    }

    /// Rows that the next strip needs, too.
    const fn kept_rows(&self) -> usize {
        let Depthwise { kernel, stride, .. } = self.depthwise;
        if self.depthwise.strips() > 1 {
            kernel.saturating_sub(stride)
        } else {
            0
        }
    }

    /// Floats of the producer's input.
    pub const fn input_len(&self) -> usize {
        let Depthwise { height, width, .. } = self.depthwise;
        match self.producer {
            Producer::Pointwise {
                in_channels, input, ..
            } => input.floats(len([height, width, in_channels])),
            Producer::Convolution {
                height,
                width,
                in_channels,
                input,
                ..
            } => input.floats(len([height, width, input.stored_channels(in_channels)])),
            Producer::Stored => self.depthwise.input_len(),
        }
    }

    /// Room that a thread needs, in floats; the same for every instruction set.
    pub const fn scratch_len(&self) -> usize {
        self.made_len().saturating_add(len([
            self.kept_rows(),
            self.most_columns(),
            self.depthwise.channels.next_multiple_of(16),
        ]))
    }

    /// Room for the rows of one panel.
    const fn made_len(&self) -> usize {
        len([self.rows(), self.most_columns(), WIDEST_PANEL])
    }

    /// The dense convolution that makes the map.
    fn convolution(&self) -> Option<Convolution> {
        let Producer::Convolution {
            height,
            width,
            in_channels,
            kernel,
            stride,
            pads,
            activation,
            input,
        } = self.producer
        else {
            return None;
        };
        Some(Convolution {
            height,
            width,
            in_channels,
            out_channels: self.depthwise.channels,
            kernel,
            stride,
            pads,
            activation,
            // The depthwise has the tiles.
            strip: 1,
            split: Split::Rows,
            precision: input,
        })
    }

    /// Computes `output` (NHWC) from the producer's `input` (NHWC), and in `sums` (`[strips][channels]`) the
    /// sum of each strip's output over its pixels. `packed` holds the producer's weights and the depthwise
    /// kernel's, as each packs them by itself.
    ///
    /// # Panics
    /// If a slice does not have the shape's length, or `packed` is of other layers; if a map is empty
    /// or smaller than the window, or a strip has no rows.
    pub fn run(
        &self,
        isa: Isa,
        workers: Workers<'_>,
        packed: [&[f32]; 2],
        input: &[f32],
        output: &mut [f32],
        sums: Option<&mut [f32]>,
    ) {
        let Depthwise {
            height,
            width,
            channels,
            ..
        } = self.depthwise;
        assert!(height > 0 && width > 0, "a map has pixels");
        let maker = match (self.convolution(), self.producer) {
            (Some(shape), _) => {
                let size = (shape.out_height(), shape.out_width());
                assert_eq!(size, (height, width), "size of the map");
                Maker::Convolution(convolution::Operands::new(shape, isa, packed[0], input))
            }
            (
                None,
                Producer::Pointwise {
                    in_channels,
                    activation,
                    input: precision,
                },
            ) => {
                let expected = Pointwise::packed_len(isa, precision, in_channels, channels);
                assert_eq!(packed[0].len(), expected, "length of the packed weights");
                assert_eq!(input.len(), self.input_len(), "length of the input");
                Maker::Pointwise {
                    in_channels,
                    activation,
                    precision,
                    packed: packed[0],
                    input,
                }
            }
            (None, Producer::Stored) => {
                assert_eq!(input.len(), self.input_len(), "length of the input");
                Maker::Stored { channels, input }
            }
            (None, Producer::Convolution { .. }) => {
                unreachable!("`convolution` is of this producer")
            }
        };
        let call = Call {
            shape: *self,
            panels: maker.panels(isa, channels),
            maker,
            packed: packed[1],
            results: self.depthwise.check_results(isa, packed[1], output, sums),
        };
        workers.run(self.scratch_len(), |share, scratch| {
            isa.run(Part {
                call: &call,
                share,
                scratch,
            });
        });
    }
}

/// One call, its slices as long as the shape says.
struct Call<'a> {
    shape: DepthFirst,
    panels: Panels,
    maker: Maker<'a>,
    /// The depthwise kernel's weights.
    packed: &'a [f32],
    results: Results,
}

/// One thread's part of a call.
struct Part<'a> {
    call: &'a Call<'a>,
    share: Share,
    scratch: &'a mut [f32],
}

impl Kernel for Part<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let Self {
            call,
            share,
            scratch,
        } = self;
        let depthwise = &call.shape.depthwise;
        let (strips, panels) =
            share.of_grid(depthwise.split, depthwise.strips(), call.panels.count());
        let (made, kept) = scratch.split_at_mut(call.shape.made_len());
        let mut room = Room {
            made: made.as_mut_ptr(),
            kept: kept.as_mut_ptr(),
            row_columns: columns_with_margin(depthwise),
            columns: Columns::with_margin(depthwise),
            kept_rows: call.shape.kept_rows(),
            margin_of: 0,
        };
        // Rows above this one have been made by this thread, as far as they are needed still.
        let mut made_to = None;
        for strip in strips {
            let needed = needed_rows(depthwise, strip);
            let new = made_to.unwrap_or(needed.start).max(needed.start)..needed.end;
            for panel in panels.clone().map(|index| call.panels.get(index)) {
                // SAFETY: `DepthFirst::run` has checked every length, `Workers::run` the scratch, and
                // `Isa::run` the instruction set; shares are disjoint; rows above `new` have been kept.
                unsafe { strip_of_panel::<S>(call, &mut room, panel, strip, new.clone()) };
            }
            made_to = Some(needed.end.max(new.start));
        }
    }
}

/// The rows of the map that a strip's windows touch.
fn needed_rows(depthwise: &Depthwise, strip: usize) -> Range<usize> {
    let rows = depthwise.strip_rows(strip);
    let first = (rows.start * depthwise.stride).saturating_sub(depthwise.pads.top);
    let last =
        ((rows.end - 1) * depthwise.stride + depthwise.kernel).saturating_sub(depthwise.pads.top);
    first.min(depthwise.height)..last.min(depthwise.height)
}

/// A thread's scratch.
struct Room {
    /// The rows of one panel that are new.
    made: *mut f32,
    /// Of each panel the rows that a later strip needs, in a ring.
    kept: *mut f32,
    /// Columns of a row with its margin.
    row_columns: usize,
    columns: Columns,
    kept_rows: usize,
    /// Floats from one column to the next for which the margins are zeros.
    margin_of: usize,
}

impl Room {
    /// Zeros on both sides of all rows, which what is made leaves as they are.
    ///
    /// # Safety
    /// The room is as large as the shape says, for columns of `pitch` floats.
    unsafe fn clear_margins(&mut self, shape: &DepthFirst, pitch: usize) {
        if self.margin_of == pitch {
            return;
        }
        self.margin_of = pitch;
        let Depthwise { width, pads, .. } = shape.depthwise;
        let right = pads.left + width;
        for row in 0..shape.rows() {
            // SAFETY: the caller's.
            unsafe {
                let row = self.made.add(row * self.row_columns * pitch);
                row.write_bytes(0, pads.left * pitch);
                row.add(right * pitch)
                    .write_bytes(0, (self.row_columns - right) * pitch);
            }
        }
    }
}

/// Makes the `new` rows of one panel, computes a strip's output from them and from those kept, and keeps
/// what the next strip needs.
///
/// # Safety
/// The call's slices have the shape's lengths, the room as many floats as the shape says; rows above `new`
/// that the strip needs are kept; strip and panel are the caller's alone; the processor has the instruction
/// set.
#[inline(always)]
unsafe fn strip_of_panel<S: Simd>(
    call: &Call<'_>,
    room: &mut Room,
    panel: Panel,
    strip: usize,
    new: Range<usize>,
) {
    let depthwise = &call.shape.depthwise;
    let pitch = panel.vectors * S::LANES;
    let row_len = room.row_columns * pitch;
    let kept = room
        .kept
        .wrapping_add(room.kept_rows * room.row_columns * panel.channel);
    // SAFETY: the caller's.
    unsafe {
        make::<S>(call, room, panel, new.clone());
        for vector in 0..panel.vectors {
            let source = Source {
                rows: Rows {
                    from: new.start,
                    base: room.made.wrapping_add(vector * S::LANES),
                    kept: kept.wrapping_add(vector * S::LANES),
                    kept_rows: room.kept_rows.max(1),
                    len: row_len,
                },
                pitch,
                columns: room.columns,
            };
            let vector = panel.channel / S::LANES + vector;
            strip_of_vector::<S>(depthwise, call.packed, &source, call.results, strip, vector);
        }
        for row in new.end.saturating_sub(room.kept_rows).max(new.start)..new.end {
            let from = room.made.wrapping_add((row - new.start) * row_len);
            let to = kept.wrapping_add(row % room.kept_rows * row_len);
            std::ptr::copy_nonoverlapping(from, to, row_len);
        }
    }
}

/// Makes rows of one panel, with zeros for the pads on their left and right.
///
/// # Safety
/// As for [`strip_of_panel`].
#[inline(always)]
unsafe fn make<S: Simd>(call: &Call<'_>, room: &mut Room, panel: Panel, rows: Range<usize>) {
    let Depthwise { width, pads, .. } = call.shape.depthwise;
    let pitch = panel.vectors * S::LANES;
    if rows.is_empty() {
        return;
    }
    // SAFETY: the room has as many rows of as many columns; the rows are the map's.
    unsafe {
        room.clear_margins(&call.shape, pitch);
        let place = Made {
            first: room.made.add(pads.left * pitch),
            width,
            row_len: room.row_columns * pitch,
        };
        call.maker.make::<S>(panel, rows, place);
    }
}
