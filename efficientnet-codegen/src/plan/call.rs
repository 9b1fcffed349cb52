//! One kernel call and the buffers it touches.

use efficientnet_spec::{Activation, Place};

use crate::ir::{Filter, GateMode, Shape, Window};

/// Widest weight panel of any instruction set: three vectors of 16 floats. A panel has a row of biases
/// before its rows of weights.
const PANEL: usize = 48;

/// Room that a gate needs, in floats, whatever the instruction set.
pub(crate) fn gate_scratch_len(mode: GateMode, in_channels: usize, strip: usize) -> usize {
    match mode {
        GateMode::Weights => (in_channels + 1) * PANEL,
        GateMode::Input => strip * in_channels,
    }
}

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

/// A tensor or a scratch area.
#[derive(Clone, Debug, PartialEq)]
pub struct Buffer {
    /// Name of the layer whose result it is, with a suffix for sums and scratch.
    pub name: String,
    /// Length in floats.
    pub len: usize,
    /// Place.
    pub storage: Storage,
}

/// A gate applied by a projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Where it is applied.
    pub mode: GateMode,
    /// The factors, one an input channel.
    pub values: BufferId,
    /// Room for the scaled weights or input.
    pub scratch: BufferId,
}

/// Shape attributes and further operands of one kernel.
#[derive(Clone, Debug, PartialEq)]
pub enum Kernel {
    /// Dense convolution, direct.
    Convolution {
        /// Input map.
        input: Shape,
        /// Filters.
        out_channels: usize,
        /// Kernel, stride, zeros.
        window: Window,
        /// Weights.
        filter: Filter,
        /// Epilogue.
        activation: Option<Activation>,
    },
    /// Matrix product over all pixels.
    Pointwise {
        /// Input map.
        input: Shape,
        /// Filters.
        out_channels: usize,
        /// Weights.
        filter: Filter,
        /// Epilogue.
        activation: Option<Activation>,
        /// Squeeze-excite gate.
        gate: Option<Gate>,
        /// Shortcut, added last.
        residual: Option<BufferId>,
        /// Tile: pixels per pass over the weight panels.
        strip: usize,
    },
    /// One filter a channel.
    Depthwise {
        /// Input map.
        input: Shape,
        /// Kernel, stride, zeros.
        window: Window,
        /// Weights.
        filter: Filter,
        /// Epilogue.
        activation: Option<Activation>,
        /// Where the sums over the output's pixels go.
        sums: Option<BufferId>,
    },
    /// Sums (or means) to gate.
    SqueezeExcite {
        /// Length of sums and gate.
        channels: usize,
        /// Length in between.
        squeezed: usize,
        /// Divisor of the sums.
        pixels: usize,
        /// First product.
        reduce: Filter,
        /// Its epilogue.
        activation: Option<Activation>,
        /// Second product.
        expand: Filter,
        /// Its epilogue.
        gate: Option<Activation>,
        /// Room for the squeezed vector.
        scratch: BufferId,
    },
    /// Mean over the pixels.
    Mean {
        /// Input map.
        input: Shape,
    },
    /// Vector times matrix, with bias.
    Dense {
        /// Input length.
        in_channels: usize,
        /// Output length.
        out_channels: usize,
        /// Weights.
        filter: Filter,
    },
}

impl Kernel {
    /// The name of the runtime's kernel.
    pub fn name(&self) -> &'static str {
        match self {
            Kernel::Convolution { .. } => "convolution",
            Kernel::Pointwise { .. } => "pointwise",
            Kernel::Depthwise { .. } => "depthwise",
            Kernel::SqueezeExcite { .. } => "squeeze_excite",
            Kernel::Mean { .. } => "mean",
            Kernel::Dense { .. } => "dense",
        }
    }

    /// Whether it reads packed weights.
    pub fn has_weights(&self) -> bool {
        !matches!(self, Kernel::Mean { .. })
    }
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
    /// Position of its weights in the packed list.
    pub weights: Option<usize>,
}

/// Buffers that a call touches, by what it does to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tensors {
    /// Read.
    pub reads: Vec<BufferId>,
    /// Written, and alive from here on.
    pub writes: Vec<BufferId>,
    /// Used during the call only.
    pub scratch: Vec<BufferId>,
}

impl Call {
    /// Every buffer the call touches.
    pub fn tensors(&self) -> Tensors {
        let mut tensors = Tensors {
            reads: vec![self.input],
            writes: vec![self.output],
            scratch: vec![],
        };
        match &self.kernel {
            Kernel::Pointwise { gate, residual, .. } => {
                if let Some(gate) = gate {
                    tensors.reads.push(gate.values);
                    tensors.scratch.push(gate.scratch);
                }
                tensors.reads.extend(residual);
            }
            Kernel::Depthwise { sums, .. } => tensors.writes.extend(sums),
            Kernel::SqueezeExcite { scratch, .. } => tensors.scratch.push(*scratch),
            Kernel::Convolution { .. } | Kernel::Mean { .. } | Kernel::Dense { .. } => {}
        }
        tensors
    }

    /// The length in floats that its shapes give each buffer it touches.
    pub fn lengths(&self) -> Vec<(BufferId, usize)> {
        let output = (self.output, self.output_shape.len());
        let mut lengths = match &self.kernel {
            Kernel::Convolution { input, .. }
            | Kernel::Pointwise { input, .. }
            | Kernel::Depthwise { input, .. }
            | Kernel::Mean { input } => vec![(self.input, input.len()), output],
            Kernel::SqueezeExcite { channels, .. } => vec![(self.input, *channels), output],
            Kernel::Dense { in_channels, .. } => vec![(self.input, *in_channels), output],
        };
        match &self.kernel {
            Kernel::Pointwise {
                input,
                gate,
                residual,
                strip,
                ..
            } => {
                if let Some(gate) = gate {
                    let scratch = gate_scratch_len(gate.mode, input.channels, *strip);
                    lengths.extend([(gate.values, input.channels), (gate.scratch, scratch)]);
                }
                lengths.extend(residual.map(|residual| (residual, self.output_shape.len())));
            }
            Kernel::Depthwise { input, sums, .. } => {
                lengths.extend(sums.map(|sums| (sums, input.channels)));
            }
            Kernel::SqueezeExcite {
                squeezed, scratch, ..
            } => lengths.push((*scratch, *squeezed)),
            Kernel::Convolution { .. } | Kernel::Mean { .. } | Kernel::Dense { .. } => {}
        }
        lengths
    }
}
