//! The plan: an ordered list of kernel calls with tiles and addresses, everything static.

mod call;
mod cost;
mod intervals;
mod kernel;
mod precision;
mod quantization;
mod schedule;
mod scratch;
mod text;
mod verify;
mod weight_layer;

pub use call::{Buffer, BufferId, Call, Gate, Storage, Tensors};
pub(crate) use intervals::{intervals, overlap};
pub(crate) use kernel::grouped;
pub use kernel::{Kernel, Split};
pub use precision::Precision;
pub use quantization::{Codes, INPUT, POOLED, Quantization};
pub use schedule::{PlanError, schedule};
pub(crate) use scratch::DepthFirst;
pub use verify::PlanFault;
pub use weight_layer::WeightLayer;

use std::fmt;

use efficientnet_spec::{Output, Padding};

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
    pub padding: Padding,
    /// What it was made for: single tensors and weights may be more precise.
    pub precision: Precision,
    /// Shape of the input, which lies outside the arena.
    pub input: Shape,
    /// Trainable parameters of what is computed, as the paper and torchvision count them (no
    /// batch-norm statistics).
    pub parameters: u64,
    /// Multiply-accumulates of one inference.
    pub macs: u64,
    /// Every tensor.
    pub buffers: Vec<Buffer>,
    /// The calls in order.
    pub calls: Vec<Call>,
    /// The results, in the order in which they were asked for.
    pub outputs: Vec<PlanOutput>,
    /// Layers of the network that no output needs: a checkpoint may hold their tensors or not.
    pub unused: Vec<WeightLayer>,
    /// Length of the arena in floats.
    pub arena: usize,
    /// Room that kernels need beside their tensors, in floats a thread.
    pub scratch: usize,
}

/// One result of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanOutput {
    /// Its name.
    pub name: Output,
    /// The buffer that holds it when all calls are done.
    pub buffer: BufferId,
    /// Its shape.
    pub shape: Shape,
}

/// Such as `block3 28x28x40` or `logits 1000`.
impl fmt::Display for PlanOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.shape.extents())
    }
}

impl Plan {
    /// The buffer of an id.
    pub fn buffer(&self, id: BufferId) -> &Buffer {
        &self.buffers[id.0]
    }

    /// Bytes that one forward works in with one thread: the arena, and room for its kernels.
    pub fn workspace_bytes(&self) -> usize {
        (self.arena + self.scratch.next_multiple_of(ALIGNMENT)) * size_of::<f32>()
    }

    /// Adds a buffer of so many floats without an address.
    pub fn add_buffer(&mut self, name: String, len: usize) -> BufferId {
        self.buffers.push(Buffer {
            name,
            len,
            precision: Precision::F32,
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
}
