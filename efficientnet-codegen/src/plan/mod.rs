//! The plan: an ordered list of kernel calls with tiles and addresses, everything static.

mod call;
mod intervals;
mod schedule;
mod text;
mod verify;

pub(crate) use call::gate_scratch_len;
pub use call::{Buffer, BufferId, Call, Gate, Kernel, Storage, Tensors};
pub(crate) use intervals::{intervals, overlap};
pub use schedule::{PlanError, schedule};
pub use verify::PlanFault;

use crate::ir::Shape;

/// Floats per cache line: every buffer begins on one.
pub const ALIGNMENT: usize = 16;

/// The plan of one variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Name of the family.
    pub family: String,
    /// Name of the variant.
    pub variant: String,
    /// Padding of the strided convolutions, which a checkpoint's flavour has to match.
    pub padding: efficientnet_spec::Padding,
    /// Shape of the input, which lies outside the arena.
    pub input: Shape,
    /// Trainable parameters, as the paper and torchvision count them (no batch-norm statistics).
    pub parameters: u64,
    /// Multiply-accumulates of one inference.
    pub macs: u64,
    /// Every tensor and scratch buffer.
    pub buffers: Vec<Buffer>,
    /// The calls in order.
    pub calls: Vec<Call>,
    /// The buffer that holds the result.
    pub output: BufferId,
    /// Length of the arena in floats.
    pub arena: usize,
}

impl Plan {
    /// The buffer of an id.
    pub fn buffer(&self, id: BufferId) -> &Buffer {
        &self.buffers[id.0]
    }

    /// Adds a buffer without an address.
    pub fn add_buffer(&mut self, name: String, len: usize) -> BufferId {
        self.buffers.push(Buffer {
            name,
            len,
            storage: Storage::Unplaced,
        });
        BufferId(self.buffers.len() - 1)
    }

    /// Address of a buffer in floats from the arena's start; 0 for the input, which has none.
    pub fn offset(&self, id: BufferId) -> usize {
        match self.buffer(id).storage {
            Storage::Arena(offset) => offset,
            Storage::Input | Storage::Unplaced => 0,
        }
    }

    /// Number of classes (or whatever the output's length means).
    pub fn outputs(&self) -> usize {
        self.buffer(self.output).len
    }
}
