//! One kernel call's weights: the tensors that a checkpoint holds for it, and how they are packed.

use super::fold::{BatchNorm, fold_input};
use crate::checkpoint::{CheckpointError, InputTransform, Selection};
use crate::kernels::{Convolution, Dense, Depthwise, Isa, Pointwise, Precision, SqueezeExcite};
use crate::workspace::AlignedBuffer;

/// What follows a product, per output channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affine<'a> {
    /// Nothing.
    None,
    /// The layer's own bias, `<weight>.bias`.
    Bias,
    /// A batch norm, by the prefix of its tensors; folded when packed.
    Norm(&'a str),
}

/// What one kernel call's weights are packed from. Names are timm's, without the last part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer<'a> {
    kind: Kind<'a>,
    precision: Precision,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind<'a> {
    Stem {
        filter: Filter<'a>,
        kernel: usize,
    },
    Convolution {
        filter: Filter<'a>,
        kernel: usize,
    },
    Pointwise {
        filter: Filter<'a>,
    },
    Depthwise {
        filter: Filter<'a>,
        kernel: usize,
    },
    SqueezeExcite {
        reduce: Filter<'a>,
        expand: Filter<'a>,
    },
    Dense {
        filter: Filter<'a>,
    },
}

/// One product's weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Filter<'a> {
    weight: &'a str,
    affine: Affine<'a>,
    /// Input channels of one filter: 1 for depthwise.
    inputs: usize,
    outputs: usize,
}

/// A product's weights as the kernels take them.
struct Folded {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

/// A tensor that a checkpoint has to hold: name and shape, in PyTorch's layout.
pub type NamedShape = (String, Vec<usize>);

impl<'a> Layer<'a> {
    const fn of(kind: Kind<'a>) -> Self {
        Self {
            kind,
            precision: Precision::F32,
        }
    }

    /// The same with weights in bfloat16, where the layer is a matrix: pointwise, dense, squeeze and excite.
    /// Biases, and filters of windows, stay f32.
    #[cfg(feature = "bf16")]
    #[must_use]
    pub const fn bf16(self) -> Self {
        match self.kind {
            Kind::Pointwise { .. } | Kind::SqueezeExcite { .. } | Kind::Dense { .. } => Self {
                precision: Precision::Bf16,
                ..self
            },
            Kind::Stem { .. } | Kind::Convolution { .. } | Kind::Depthwise { .. } => self,
        }
    }

    /// Precision of its weights.
    pub const fn precision(&self) -> Precision {
        self.precision
    }

    /// A dense convolution of the network's input.
    pub const fn stem(
        weight: &'a str,
        affine: Affine<'a>,
        inputs: usize,
        outputs: usize,
        kernel: usize,
    ) -> Self {
        Self::of(Kind::Stem {
            filter: Filter {
                weight,
                affine,
                inputs,
                outputs,
            },
            kernel,
        })
    }

    /// A dense convolution of an inner map.
    pub const fn convolution(
        weight: &'a str,
        affine: Affine<'a>,
        inputs: usize,
        outputs: usize,
        kernel: usize,
    ) -> Self {
        Self::of(Kind::Convolution {
            filter: Filter {
                weight,
                affine,
                inputs,
                outputs,
            },
            kernel,
        })
    }

    /// A pointwise convolution.
    pub const fn pointwise(
        weight: &'a str,
        affine: Affine<'a>,
        inputs: usize,
        outputs: usize,
    ) -> Self {
        Self::of(Kind::Pointwise {
            filter: Filter {
                weight,
                affine,
                inputs,
                outputs,
            },
        })
    }

    /// A depthwise convolution.
    pub const fn depthwise(
        weight: &'a str,
        affine: Affine<'a>,
        channels: usize,
        kernel: usize,
    ) -> Self {
        let filter = Filter {
            weight,
            affine,
            inputs: 1,
            outputs: channels,
        };
        Self::of(Kind::Depthwise { filter, kernel })
    }

    /// Squeeze and excite: two pointwise convolutions with bias.
    pub const fn squeeze_excite(
        reduce: &'a str,
        expand: &'a str,
        channels: usize,
        squeezed: usize,
    ) -> Self {
        let affine = Affine::Bias;
        Self::of(Kind::SqueezeExcite {
            reduce: Filter {
                weight: reduce,
                affine,
                inputs: channels,
                outputs: squeezed,
            },
            expand: Filter {
                weight: expand,
                affine,
                inputs: squeezed,
                outputs: channels,
            },
        })
    }

    /// A fully connected layer with bias.
    pub const fn dense(weight: &'a str, inputs: usize, outputs: usize) -> Self {
        Self::of(Kind::Dense {
            filter: Filter {
                weight,
                affine: Affine::Bias,
                inputs,
                outputs,
            },
        })
    }

    /// The tensors that a checkpoint has to hold for it.
    pub fn tensors(&self) -> Vec<NamedShape> {
        match self.kind {
            Kind::Stem { filter, kernel }
            | Kind::Convolution { filter, kernel }
            | Kind::Depthwise { filter, kernel } => filter.tensors(&[kernel, kernel]),
            Kind::Pointwise { filter } => filter.tensors(&[1, 1]),
            Kind::SqueezeExcite { reduce, expand } => [reduce, expand]
                .iter()
                .flat_map(|filter| filter.tensors(&[1, 1]))
                .collect(),
            Kind::Dense { filter } => filter.tensors(&[]),
        }
    }

    /// Length of the logits, if this is the classifier.
    pub(super) const fn classes(&self) -> Option<usize> {
        match self.kind {
            Kind::Dense { filter } => Some(filter.outputs),
            _ => None,
        }
    }

    /// Channels that it reads.
    pub(super) const fn in_channels(&self) -> usize {
        match self.kind {
            Kind::Stem { filter, .. }
            | Kind::Convolution { filter, .. }
            | Kind::Pointwise { filter }
            | Kind::Dense { filter }
            | Kind::SqueezeExcite { reduce: filter, .. } => filter.inputs,
            Kind::Depthwise { filter, .. } => filter.outputs,
        }
    }

    /// A number for each kind of layer, by which packed files tell them apart.
    pub(super) const fn kind(&self) -> u8 {
        match self.kind {
            Kind::Stem { .. } => 0,
            Kind::Pointwise { .. } => 1,
            Kind::Depthwise { .. } => 2,
            Kind::SqueezeExcite { .. } => 3,
            Kind::Dense { .. } => 4,
            Kind::Convolution { .. } => 5,
        }
    }

    /// Number of floats that its packed weights take.
    pub(super) fn packed_len(&self, isa: Isa) -> usize {
        match &self.kind {
            Kind::Stem { filter, kernel } | Kind::Convolution { filter, kernel } => {
                Convolution::packed_len(isa, filter.inputs, filter.outputs, *kernel)
            }
            Kind::Pointwise { filter } => {
                Pointwise::packed_len(isa, self.precision, filter.inputs, filter.outputs)
            }
            Kind::Depthwise { filter, kernel } => {
                Depthwise::packed_len(isa, filter.outputs, *kernel)
            }
            Kind::SqueezeExcite { reduce, .. } => {
                SqueezeExcite::packed_len(isa, self.precision, reduce.inputs, reduce.outputs)
            }
            Kind::Dense { filter } => {
                Dense::packed_len(isa, self.precision, filter.inputs, filter.outputs)
            }
        }
    }

    /// Reads, folds and packs its weights.
    pub(super) fn pack(&self, reader: &Reader<'_>) -> Result<AlignedBuffer, CheckpointError> {
        let (isa, precision) = (reader.isa, self.precision);
        Ok(match &self.kind {
            Kind::Stem { filter, kernel } => {
                let mut folded = filter.read(reader)?;
                let border = match &reader.input {
                    Some(input) => fold_input(input, &mut folded.weight, &mut folded.bias),
                    None => vec![0.0; filter.inputs],
                };
                filter.pack_convolution(isa, *kernel, &folded, &border)
            }
            Kind::Convolution { filter, kernel } => {
                let border = vec![0.0; filter.inputs];
                filter.pack_convolution(isa, *kernel, &filter.read(reader)?, &border)
            }
            Kind::Pointwise { filter } => {
                let Folded { weight, bias } = filter.read(reader)?;
                let (inputs, outputs) = (filter.inputs, filter.outputs);
                Pointwise::pack(isa, precision, inputs, outputs, &weight, &bias)
            }
            Kind::Depthwise { filter, kernel } => {
                let Folded { weight, bias } = filter.read(reader)?;
                Depthwise::pack(isa, filter.outputs, *kernel, &weight, &bias)
            }
            Kind::SqueezeExcite { reduce, expand } => {
                let (first, second) = (reduce.read(reader)?, expand.read(reader)?);
                SqueezeExcite::pack(
                    isa,
                    precision,
                    (reduce.inputs, reduce.outputs),
                    (&first.weight, &first.bias),
                    (&second.weight, &second.bias),
                )
            }
            Kind::Dense { filter } => {
                let Folded { weight, bias } = filter.read(reader)?;
                let (inputs, outputs) = (filter.inputs, filter.outputs);
                Dense::pack(isa, precision, inputs, outputs, &weight, &bias)
            }
        })
    }
}

/// Where weights come from, and what is folded into them.
pub(super) struct Reader<'a> {
    pub(super) isa: Isa,
    pub(super) selection: Selection<'a>,
    /// Batch-norm epsilon.
    pub(super) epsilon: f64,
    /// What the network does with its input, if anything.
    pub(super) input: Option<InputTransform>,
}

/// Last parts of a batch norm's tensors, as PyTorch names them.
const BATCH_NORM: [&str; 4] = ["weight", "bias", "running_mean", "running_var"];

impl Filter<'_> {
    fn tensors(&self, window: &[usize]) -> Vec<NamedShape> {
        let mut shape = vec![self.outputs, self.inputs];
        shape.extend(window);
        let mut tensors = vec![(format!("{}.weight", self.weight), shape)];
        match self.affine {
            Affine::None => {}
            Affine::Bias => tensors.push((format!("{}.bias", self.weight), vec![self.outputs])),
            Affine::Norm(norm) => tensors
                .extend(BATCH_NORM.map(|part| (format!("{norm}.{part}"), vec![self.outputs]))),
        }
        tensors
    }

    fn pack_convolution(
        &self,
        isa: Isa,
        kernel: usize,
        Folded { weight, bias }: &Folded,
        border: &[f32],
    ) -> AlignedBuffer {
        let (inputs, outputs) = (self.inputs, self.outputs);
        Convolution::pack(isa, inputs, outputs, kernel, weight, bias, border)
    }

    fn read(&self, reader: &Reader<'_>) -> Result<Folded, CheckpointError> {
        let selection = &reader.selection;
        let mut weight = selection.read(&format!("{}.weight", self.weight))?;
        let bias = match self.affine {
            Affine::None => vec![0.0; self.outputs],
            Affine::Bias => selection.read(&format!("{}.bias", self.weight))?,
            Affine::Norm(norm) => {
                let [gamma, beta, mean, variance] =
                    BATCH_NORM.map(|part| selection.read(&format!("{norm}.{part}")));
                let norm = BatchNorm {
                    gamma: gamma?,
                    beta: beta?,
                    mean: mean?,
                    variance: variance?,
                };
                norm.fold(&mut weight, reader.epsilon)
            }
        };
        Ok(Folded { weight, bias })
    }
}
