//! One kernel call's weights: the tensors that a checkpoint holds for it, and how they are packed.

#![cfg_attr(
    not(all(feature = "bf16", feature = "int8")),
    allow(dead_code, reason = "what features make alone")
)]

use super::fold::{BatchNorm, fold_input};
use super::integers::coding;
use crate::checkpoint::{CheckpointError, InputTransform, Selection};
use crate::kernels::{
    Coding, Convolution, Dense, Depthwise, Isa, Pointwise, Precision, SqueezeExcite,
};
use crate::workspace::{AlignedBuffer, zeros};

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
    numbers: Numbers<'a>,
}

/// What weights are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Numbers<'a> {
    F32,
    Bf16,
    Int8(Integers<'a>),
}

/// What integers are multiplied with, and what becomes of it. Activations have the names of the layers that give them,
/// `input`, or `global_pool`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Integers<'a> {
    /// The activation that the layer reads.
    pub(super) input: &'a str,
    pub(super) results: Results<'a>,
}

/// The results of a layer of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Results<'a> {
    /// Codes of the activation of the layer's name.
    Codes,
    /// Those, of the sum with a shortcut, an activation.
    Onto(&'a str),
    /// Codes of another activation: the mean over the pixels.
    Pooled(&'a str),
    /// Floats.
    Floats,
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
    Activation {
        name: &'a str,
    },
}

/// One product's weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Filter<'a> {
    pub(super) weight: &'a str,
    affine: Affine<'a>,
    /// Input channels of one filter: 1 for depthwise.
    pub(super) inputs: usize,
    pub(super) outputs: usize,
}

/// A product's weights as the kernels take them.
pub(super) struct Folded {
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// A tensor that a checkpoint has to hold: name and shape, in PyTorch's layout.
pub type NamedShape = (String, Vec<usize>);

impl<'a> Layer<'a> {
    const fn of(kind: Kind<'a>) -> Self {
        Self {
            kind,
            numbers: Numbers::F32,
        }
    }

    /// The same with weights in bfloat16, where the layer is a matrix: pointwise, dense, squeeze and excite.
    /// Biases, and filters of windows, stay f32.
    #[cfg(feature = "bf16")]
    #[must_use]
    pub const fn bf16(self) -> Self {
        match self.kind {
            Kind::Pointwise { .. } | Kind::SqueezeExcite { .. } | Kind::Dense { .. } => Self {
                numbers: Numbers::Bf16,
                ..self
            },
            Kind::Stem { .. }
            | Kind::Convolution { .. }
            | Kind::Depthwise { .. }
            | Kind::Activation { .. } => self,
        }
    }

    /// The same with integers of 8 bits from a quantised checkpoint, which has the batch norm folded in. They are
    /// multiplied with codes of the activation `input`, and give codes of the activation of the layer's name.
    #[cfg(feature = "int8")]
    #[must_use]
    pub const fn int8(self, input: &'a str) -> Self {
        self.integers(input, Results::Codes)
    }

    /// [`Self::int8`] with the codes of a shortcut added, of the activation of this name.
    #[cfg(feature = "int8")]
    #[must_use]
    pub const fn int8_onto(self, input: &'a str, shortcut: &'a str) -> Self {
        self.integers(input, Results::Onto(shortcut))
    }

    /// [`Self::int8`] whose codes are averaged over the pixels to codes of the activation `pooled`.
    #[cfg(feature = "int8")]
    #[must_use]
    pub const fn int8_pooled(self, input: &'a str, pooled: &'a str) -> Self {
        self.integers(input, Results::Pooled(pooled))
    }

    /// [`Self::int8`] that gives floats: the classifier.
    #[cfg(feature = "int8")]
    #[must_use]
    pub const fn int8_to_f32(self, input: &'a str) -> Self {
        self.integers(input, Results::Floats)
    }

    #[cfg(feature = "int8")]
    const fn integers(self, input: &'a str, results: Results<'a>) -> Self {
        Self {
            numbers: Numbers::Int8(Integers { input, results }),
            ..self
        }
    }

    /// What the codes of an activation stand for: of a call that quantises or dequantises.
    #[cfg(feature = "int8")]
    pub const fn activation(name: &'a str) -> Self {
        Self::of(Kind::Activation { name })
    }

    /// Precision of its weights.
    pub const fn precision(&self) -> Precision {
        match self.numbers {
            Numbers::F32 => Precision::F32,
            Numbers::Bf16 => Precision::Bf16,
            Numbers::Int8(_) => Precision::Int8,
        }
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
        if let Kind::Activation { name } = self.kind {
            return activation_tensors(name);
        }
        let filters = self.filters().into_iter();
        let tensors = filters.flat_map(|(filter, window)| match self.numbers {
            Numbers::F32 | Numbers::Bf16 => filter.tensors(&window),
            Numbers::Int8(integers) => filter.integer_tensors(&window, integers.results),
        });
        tensors.collect()
    }

    /// Length of the logits, if this is the classifier.
    pub(super) const fn classes(&self) -> Option<usize> {
        match self.kind {
            Kind::Dense { filter } => Some(filter.outputs),
            _ => None,
        }
    }

    /// Its products, up to two, with the windows of their filters.
    pub(super) fn filters(&self) -> Vec<(Filter<'a>, Vec<usize>)> {
        match self.kind {
            Kind::Stem { filter, kernel }
            | Kind::Convolution { filter, kernel }
            | Kind::Depthwise { filter, kernel } => vec![(filter, vec![kernel, kernel])],
            Kind::Pointwise { filter } => vec![(filter, vec![1, 1])],
            Kind::SqueezeExcite { reduce, expand } => {
                vec![(reduce, vec![1, 1]), (expand, vec![1, 1])]
            }
            Kind::Dense { filter } => vec![(filter, vec![])],
            Kind::Activation { .. } => Vec::new(),
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
            Kind::Activation { .. } => 0,
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
            Kind::Activation { .. } => 6,
        }
    }

    /// Number of floats that its packed weights take.
    pub(super) fn packed_len(&self, isa: Isa) -> usize {
        let precision = self.precision();
        match &self.kind {
            Kind::Stem { filter, kernel } | Kind::Convolution { filter, kernel } => {
                Convolution::packed_len(isa, precision, filter.inputs, filter.outputs, *kernel)
            }
            Kind::Pointwise { filter } => {
                Pointwise::packed_len(isa, precision, filter.inputs, filter.outputs)
            }
            Kind::Depthwise { filter, kernel } => {
                Depthwise::packed_len(isa, precision, filter.outputs, *kernel)
            }
            Kind::SqueezeExcite { reduce, .. } => {
                SqueezeExcite::packed_len(isa, precision, reduce.inputs, reduce.outputs)
            }
            Kind::Dense { filter } => {
                Dense::packed_len(isa, precision, filter.inputs, filter.outputs)
            }
            Kind::Activation { .. } => Coding::LEN,
        }
    }

    /// Reads, folds and packs its weights.
    pub(super) fn pack(&self, reader: &Reader<'_>) -> Result<AlignedBuffer, CheckpointError> {
        let (isa, precision) = (reader.isa, self.precision());
        if let Numbers::Int8(integers) = &self.numbers {
            return self.pack_integers(reader, integers);
        }
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
            Kind::Activation { name } => {
                let mut packed = zeros(Coding::LEN);
                packed.copy_from_slice(&coding(reader, name)?.pack());
                packed
            }
        })
    }

    /// [`Self::pack`] of an int8 layer.
    fn pack_integers(
        &self,
        reader: &Reader<'_>,
        integers: &Integers<'_>,
    ) -> Result<AlignedBuffer, CheckpointError> {
        let isa = reader.isa;
        let read = |filter: &Filter<'_>| filter.read_integers(reader, integers);
        Ok(match &self.kind {
            Kind::Stem { filter, kernel } | Kind::Convolution { filter, kernel } => {
                let (inputs, outputs, scaled) = (filter.inputs, filter.outputs, read(filter)?);
                Convolution::pack_int8(isa, inputs, outputs, *kernel, &scaled.view())
            }
            Kind::Pointwise { filter } | Kind::Dense { filter } => {
                let scaled = read(filter)?;
                Pointwise::pack_int8(isa, filter.inputs, filter.outputs, &scaled.view())
            }
            Kind::Depthwise { filter, kernel } => {
                let scaled = read(filter)?;
                let zero_point = scaled.view().zero_point;
                let tensor = format!("{}.output_zero_point", integers.input);
                let found = f32::from(zero_point);
                let selection = &reader.selection;
                selection.check(zero_point == 0, &tensor, found, "0 before a depthwise")?;
                Depthwise::pack_int8(isa, filter.outputs, *kernel, &scaled.view())
            }
            Kind::SqueezeExcite { .. } | Kind::Activation { .. } => {
                unreachable!("no plan has such layers of integers")
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

/// The tensors of an activation in a quantised checkpoint.
fn activation_tensors(name: &str) -> Vec<NamedShape> {
    vec![
        (format!("{name}.output_scale"), vec![1]),
        (format!("{name}.output_zero_point"), vec![1]),
    ]
}

impl Filter<'_> {
    /// Its weights' shape.
    fn shape(&self, window: &[usize]) -> Vec<usize> {
        let mut shape = vec![self.outputs, self.inputs];
        shape.extend(window);
        shape
    }

    /// The tensors of a quantised checkpoint.
    fn integer_tensors(&self, window: &[usize], results: Results<'_>) -> Vec<NamedShape> {
        let name = self.weight;
        let mut tensors = vec![
            (format!("{name}.weight"), self.shape(window)),
            (format!("{name}.weight_scale"), vec![self.outputs]),
            (format!("{name}.bias"), vec![self.outputs]),
        ];
        match results {
            Results::Floats => {}
            Results::Codes | Results::Onto(_) => tensors.extend(activation_tensors(name)),
            Results::Pooled(pooled) => {
                tensors.extend(activation_tensors(name));
                tensors.extend(activation_tensors(pooled));
            }
        }
        tensors
    }

    fn tensors(&self, window: &[usize]) -> Vec<NamedShape> {
        let mut tensors = vec![(format!("{}.weight", self.weight), self.shape(window))];
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

    pub(super) fn read(&self, reader: &Reader<'_>) -> Result<Folded, CheckpointError> {
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
