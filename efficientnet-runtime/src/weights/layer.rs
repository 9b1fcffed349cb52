//! One kernel call's weights: the tensors that a checkpoint holds for it, and how they are packed.

use super::filter::{Affine, Filter, Folded, NamedShape, Reader};
use super::fold::fold_input;
use super::integers::{Integers, Results, activation_tensors, coding};
use crate::checkpoint::CheckpointError;
use crate::kernels::{
    Coding, Convolution, Dense, Depthwise, Isa, Pointwise, Precision, SqueezeExcite,
};
use crate::workspace::{AlignedBuffer, zeros};

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

impl<'a> Layer<'a> {
    const fn of(kind: Kind<'a>) -> Self {
        Self {
            kind,
            numbers: Numbers::F32,
        }
    }

    /// The same with weights in bfloat16, where the layer is a matrix: pointwise, dense, squeeze and excite.
    /// Biases, and filters of windows, stay f32.
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
    #[must_use]
    pub const fn int8(self, input: &'a str) -> Self {
        self.integers(input, Results::Codes)
    }

    /// [`Self::int8`] with the codes of a shortcut added, of the activation of this name.
    #[must_use]
    pub const fn int8_onto(self, input: &'a str, shortcut: &'a str) -> Self {
        self.integers(input, Results::Onto(shortcut))
    }

    /// [`Self::int8`] whose codes are averaged over the pixels to codes of the activation `pooled`.
    #[must_use]
    pub const fn int8_pooled(self, input: &'a str, pooled: &'a str) -> Self {
        self.integers(input, Results::Pooled(pooled))
    }

    /// [`Self::int8`] that gives floats: the classifier.
    #[must_use]
    pub const fn int8_to_f32(self, input: &'a str) -> Self {
        self.integers(input, Results::Floats)
    }

    const fn integers(self, input: &'a str, results: Results<'a>) -> Self {
        Self {
            numbers: Numbers::Int8(Integers { input, results }),
            ..self
        }
    }

    /// What the codes of an activation stand for: of a call that quantises or dequantises.
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

impl Filter<'_> {
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
}
