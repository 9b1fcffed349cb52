//! One product's weights in a checkpoint: names, shapes, and the batch norm that is folded in.

use super::fold::BatchNorm;
use crate::checkpoint::{CheckpointError, InputTransform, Selection};
use crate::kernels::Isa;

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

/// One product's weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Filter<'a> {
    pub(super) weight: &'a str,
    pub(super) affine: Affine<'a>,
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
    /// Its weights' shape.
    pub(super) fn shape(&self, window: &[usize]) -> Vec<usize> {
        let mut shape = vec![self.outputs, self.inputs];
        shape.extend(window);
        shape
    }

    /// The tensors of a checkpoint of floats.
    pub(super) fn tensors(&self, window: &[usize]) -> Vec<NamedShape> {
        let mut tensors = vec![(format!("{}.weight", self.weight), self.shape(window))];
        match self.affine {
            Affine::None => {}
            Affine::Bias => tensors.push((format!("{}.bias", self.weight), vec![self.outputs])),
            Affine::Norm(norm) => tensors
                .extend(BATCH_NORM.map(|part| (format!("{norm}.{part}"), vec![self.outputs]))),
        }
        tensors
    }

    /// Reads them and folds the batch norm in.
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
