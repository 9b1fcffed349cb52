//! Room that kernels need beside their tensors, whatever the instruction set. The runtime computes the same
//! lengths by the same formulas, and a test of the root crate compares both.

use super::{Call, Kernel, Precision};
use crate::ir::{GateMode, Producer, Shape, Window};

/// Widest weight panel of any instruction set: three vectors of 16 floats. A panel has a row of biases
/// before its rows of weights.
pub(crate) const PANEL: usize = 48;

/// Floats of the widest vector.
const VECTOR: usize = 16;

/// Columns that a depthwise kernel may compute beyond the last one, so that its widest tile always fits.
const SPARE_COLUMNS: usize = 6;

/// Pixels whose products a pooled pointwise kernel holds before it adds them up.
const POOLED_PIXELS: usize = 128;

/// Floats that each thread needs for a call.
pub(super) fn len(call: &Call) -> usize {
    match &call.kernel {
        Kernel::Pointwise {
            input,
            out_channels,
            gate: Some(gate),
            strip,
            weights,
            ..
        } => match gate.mode {
            GateMode::Weights => {
                let steps = weights.floats(input.channels) + 1;
                steps.saturating_mul(out_channels.next_multiple_of(VECTOR))
            }
            GateMode::Input => {
                let pixels = (*strip).min(input.pixels());
                weights.floats(pixels.saturating_mul(input.channels))
            }
        },
        Kernel::PooledPointwise { input, .. } => input.pixels().min(POOLED_PIXELS) * PANEL,
        Kernel::SqueezeExcite {
            channels, squeezed, ..
        } => channels.saturating_add(*squeezed),
        kernel @ (Kernel::DepthFirst { strip, .. } | Kernel::Depthwise { strip, .. }) => {
            let shape = DepthFirst::of(kernel, call.output_shape);
            shape.map_or(0, |shape| shape.scratch_len(*strip))
        }
        Kernel::Pointwise { gate: None, .. }
        | Kernel::Stem { .. }
        | Kernel::Convolution { .. }
        | Kernel::Mean { .. }
        | Kernel::Dense { .. }
        | Kernel::Widen { .. }
        | Kernel::Quantize { .. }
        | Kernel::Dequantize { .. } => 0,
    }
}

/// The shapes of a depth-first kernel, or of a depthwise one that makes floats of a map of codes in the same way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DepthFirst<'a> {
    /// What makes the expanded map; `None` where its codes are read.
    pub(crate) producer: Option<&'a Producer>,
    pub(crate) input: Shape,
    /// What the input counts as.
    pub(crate) precision: Precision,
    pub(crate) expanded: Shape,
    pub(crate) window: Window,
    pub(crate) output: Shape,
}

/// A map of bfloat16 counts as one of floats: with the same strips, sums over pixels are added in the same order.
fn of_strips(input: Precision) -> Precision {
    match input {
        Precision::Int8 => Precision::Int8,
        Precision::F32 | Precision::Bf16 => Precision::F32,
    }
}

impl<'a> DepthFirst<'a> {
    /// Of a kernel that makes the map its windows slide over.
    pub(crate) fn of(kernel: &'a Kernel, output: Shape) -> Option<Self> {
        match kernel {
            Kernel::DepthFirst {
                input,
                producer,
                expanded,
                window,
                weights,
                ..
            } => Some(Self {
                producer: Some(producer),
                input: *input,
                precision: of_strips(*weights),
                expanded: *expanded,
                window: *window,
                output,
            }),
            Kernel::Depthwise {
                input,
                window,
                weights: Precision::Int8,
                ..
            } => Some(Self {
                producer: None,
                input: *input,
                precision: Precision::Int8,
                expanded: *input,
                window: *window,
                output,
            }),
            _ => None,
        }
    }

    /// Columns of a panel's expanded strip, the zeros and spare ones included.
    fn columns(&self) -> usize {
        let windows = (self.output.width + SPARE_COLUMNS).saturating_mul(self.window.stride);
        windows.saturating_add(self.window.kernel)
    }

    /// Rows of the expanded map under a strip's windows.
    fn rows(&self, strip: usize) -> usize {
        let outputs = strip.min(self.output.height);
        self.window.rows(outputs, self.expanded.height)
    }

    /// Floats of one panel's expanded strip.
    pub(crate) fn panel_len(&self, strip: usize) -> usize {
        let pixels = self.rows(strip).saturating_mul(self.columns());
        pixels.saturating_mul(PANEL)
    }

    /// Floats that a strip has in use from panel to panel: a panel's expanded strip, and the input that it is
    /// made of.
    pub(crate) fn strip_len(&self, strip: usize) -> usize {
        let rows = self.rows(strip);
        let rows = self
            .producer
            .map_or(rows, |producer| producer.input_rows(rows, self.input));
        let row = self.input.width.saturating_mul(self.input.channels);
        let read = self.precision.floats(rows.saturating_mul(row));
        self.panel_len(strip).saturating_add(read)
    }

    /// Floats that each thread needs: a panel's expanded strip, and what the next strip reads of this one.
    fn scratch_len(&self, strip: usize) -> usize {
        let rows = match strip < self.output.height {
            true => self.window.kernel.saturating_sub(self.window.stride),
            false => 0,
        };
        let channels = self.expanded.channels.next_multiple_of(VECTOR);
        let carry = rows.saturating_mul(self.columns()).saturating_mul(channels);
        self.panel_len(strip).saturating_add(carry)
    }
}
