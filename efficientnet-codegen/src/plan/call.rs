//! One kernel call and the buffers it touches.

use std::ops::Range;

use efficientnet_spec::Place;

use super::{Kernel, Precision, scratch};
use crate::ir::{GateMode, Obstacle, Shape};

/// Identity of a buffer inside its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BufferId(pub(crate) usize);

impl BufferId {
    /// Position in [`Plan::buffers`](super::Plan::buffers).
    pub fn index(self) -> usize {
        self.0
    }
}

/// Where a buffer lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// The caller's input.
    Input,
    /// Not decided yet.
    Unplaced,
    /// In the arena, from this float on.
    Arena(usize),
}

/// A tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Buffer {
    /// Name of the layer whose result it is, with a suffix for sums.
    pub name: String,
    /// Number of values.
    pub len: usize,
    /// What they are.
    pub precision: Precision,
    /// Place.
    pub storage: Storage,
}

impl Buffer {
    /// Floats of memory that it takes.
    pub fn floats(&self) -> usize {
        self.precision.floats(self.len)
    }
}

/// A gate applied by a projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Where it is applied.
    pub mode: GateMode,
    /// The factors, one an input channel.
    pub values: BufferId,
}

/// One kernel call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Name of the layer that it began as (Keras's names).
    pub name: String,
    /// Where in the family's anatomy it stands.
    pub place: Place,
    /// Kernel, shapes, tiles.
    pub kernel: Kernel,
    /// What it works on.
    pub input: BufferId,
    /// What it writes.
    pub output: BufferId,
    /// Shape of the output.
    pub output_shape: Shape,
    /// Positions of its weights in the packed list: of most kernels one, of depth-first ones the
    /// producer's and the depthwise's.
    pub weights: Range<usize>,
    /// Why a depthwise does not make the map it reads, where another could.
    pub not_depth_first: Option<Obstacle>,
}

/// Buffers that a call touches, by what it does to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tensors {
    /// Read.
    pub reads: Vec<BufferId>,
    /// Written, and alive from here on.
    pub writes: Vec<BufferId>,
}

impl Call {
    /// Every buffer the call touches.
    pub fn tensors(&self) -> Tensors {
        let mut tensors = Tensors {
            reads: vec![self.input],
            writes: vec![self.output],
        };
        if let Kernel::Pointwise { gate, .. } = &self.kernel {
            tensors.reads.extend(gate.map(|gate| gate.values));
        }
        tensors.reads.extend(self.kernel.residual());
        tensors.writes.extend(self.kernel.sums());
        tensors
    }

    /// Rows (or pixels) of a strip, and of the output that strips cover.
    pub(crate) fn strip(&self) -> Option<(usize, usize)> {
        match self.kernel {
            Kernel::Pointwise { strip, .. } => Some((strip, self.output_shape.pixels())),
            Kernel::Stem { strip, .. }
            | Kernel::Convolution { strip, .. }
            | Kernel::Depthwise { strip, .. }
            | Kernel::DepthFirst { strip, .. } => Some((strip, self.output_shape.height)),
            _ => None,
        }
    }

    /// Strips of output rows, each of which has its own row of sums.
    pub(crate) fn strips(&self) -> usize {
        match self.kernel {
            Kernel::Depthwise { strip, .. } | Kernel::DepthFirst { strip, .. } => {
                self.output_shape.height.div_ceil(strip.max(1))
            }
            _ => 1,
        }
    }

    /// The number of values that its shapes give each buffer it touches.
    pub fn lengths(&self) -> Vec<(BufferId, usize)> {
        let mut lengths = vec![
            (self.input, self.kernel.input_len()),
            (self.output, self.output_shape.len()),
        ];
        if let Kernel::Pointwise { input, gate, .. } = &self.kernel {
            lengths.extend(gate.map(|gate| (gate.values, input.channels)));
        }
        let residual = self.kernel.residual();
        lengths.extend(residual.map(|residual| (residual, self.output_shape.len())));
        let sums = self.strips() * self.output_shape.channels;
        lengths.extend(self.kernel.sums().map(|id| (id, sums)));
        lengths
    }

    /// The precision that each buffer it touches has to have, where its output has this one.
    pub(crate) fn precisions(&self, output: Precision) -> Vec<(BufferId, Precision)> {
        let mut precisions = vec![
            (self.input, self.read_precision()),
            (self.output, self.given_precision(output)),
        ];
        if let Kernel::Pointwise { gate, .. } = &self.kernel {
            precisions.extend(gate.map(|gate| (gate.values, Precision::F32)));
        }
        let added = match self.kernel {
            Kernel::Convolution { residual, .. } => residual.map(|id| (id, Precision::F32)),
            Kernel::Pointwise {
                residual,
                weights: Precision::Int8,
                ..
            } => residual.map(|id| (id, Precision::Int8)),
            // Another product adds a shortcut of floats or of bfloat16.
            _ => None,
        };
        precisions.extend(added);
        precisions.extend(self.kernel.sums().map(|sums| (sums, Precision::F32)));
        precisions
    }

    /// The precision of what it works on.
    fn read_precision(&self) -> Precision {
        match self.kernel {
            Kernel::Stem { weights, .. }
            | Kernel::Pointwise { weights, .. }
            | Kernel::PooledPointwise { weights, .. }
            | Kernel::Depthwise { weights, .. }
            | Kernel::DepthFirst { weights, .. } => weights,
            // Weights of bfloat16 multiply a vector of floats.
            Kernel::Dense {
                weights: Precision::Int8,
                ..
            }
            | Kernel::Dequantize { .. } => Precision::Int8,
            Kernel::Widen { .. } => Precision::Bf16,
            Kernel::Convolution { .. }
            | Kernel::SqueezeExcite { .. }
            | Kernel::Mean { .. }
            | Kernel::Dense { .. }
            | Kernel::Quantize { .. } => Precision::F32,
        }
    }

    /// The precision of what it gives: codes of codes but for the last product, and where a kernel can give either
    /// floats or bfloat16, this one.
    fn given_precision(&self, output: Precision) -> Precision {
        match self.kernel {
            Kernel::Quantize { .. }
            | Kernel::Stem {
                weights: Precision::Int8,
                ..
            }
            | Kernel::Pointwise {
                weights: Precision::Int8,
                ..
            }
            | Kernel::PooledPointwise {
                weights: Precision::Int8,
                ..
            }
            | Kernel::Depthwise {
                weights: Precision::Int8,
                ..
            }
            | Kernel::DepthFirst {
                weights: Precision::Int8,
                ..
            } => Precision::Int8,
            Kernel::Pointwise {
                weights: Precision::Bf16,
                ..
            }
            | Kernel::Depthwise { .. }
            | Kernel::DepthFirst { .. }
                if output == Precision::Bf16 =>
            {
                Precision::Bf16
            }
            _ => Precision::F32,
        }
    }

    /// Room that it needs beside its tensors, in floats a thread.
    pub fn scratch_len(&self) -> usize {
        scratch::len(self)
    }
}
