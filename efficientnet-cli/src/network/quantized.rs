//! The tensors of a quantised network, and the float network that they stand for.

use efficientnet::codegen::plan::{INPUT, POOLED, Precision};
use efficientnet::runtime::checkpoint::{CheckpointError, Expected, Selection};
use efficientnet::spec::Tensor;

/// The layer whose results are floats.
const CLASSIFIER: &str = "classifier";

/// Activations that no product gives: the image, and what the classifier reads.
const OTHER_ACTIVATIONS: [&str; 2] = [INPUT, POOLED];

/// The tensors that a quantised checkpoint has in place of a network's: weights and bias of each product, in which
/// batch norms are folded, and their scales; scale and zero point of each activation.
pub(super) fn expected(tensors: &[Tensor]) -> Vec<Expected> {
    let mut activations = OTHER_ACTIVATIONS.to_vec();
    let mut expected = Vec::new();
    for (product, tensor) in products(tensors) {
        let channels = [tensor.shape[0]];
        expected.extend([
            Expected::needed(&*tensor.name, &*tensor.shape),
            Expected::needed(format!("{product}.weight_scale"), channels),
            Expected::needed(format!("{product}.bias"), channels),
        ]);
        if product != CLASSIFIER {
            activations.push(product);
        }
    }
    for name in activations {
        let parts = ["output_scale", "output_zero_point"];
        let parts = parts.map(|part| Expected::needed(format!("{name}.{part}"), [1]));
        expected.extend(parts);
    }
    expected
}

/// Products by name, with their weights.
fn products(tensors: &[Tensor]) -> impl Iterator<Item = (&str, &Tensor)> {
    tensors
        .iter()
        .filter_map(|tensor| Some((product(tensor)?, tensor)))
}

/// The product whose weights a tensor is: those of batch norms have one dimension.
fn product(tensor: &Tensor) -> Option<&str> {
    let is_matrix = tensor.shape.len() > 1;
    tensor.name.strip_suffix(".weight").filter(|_| is_matrix)
}

/// Least and greatest value of an image that have codes.
pub(crate) fn input_range(selection: &Selection<'_>) -> Result<[f32; 2], CheckpointError> {
    let value = |part: &str| selection.read(&format!("input.{part}"));
    let (scale, zero) = (value("output_scale")?[0], value("output_zero_point")?[0]);
    Ok([0.0, 255.0].map(|code| scale * (code - zero)))
}

/// Reads the float network that a checkpoint stands for, tensor by tensor in the network's order. That of a quantised
/// one has weights times their scales, and batch norms that do nothing but add the biases, with an epsilon of 0.
pub(crate) struct FloatWeights<'a> {
    selection: &'a Selection<'a>,
    precision: Precision,
    /// The product that was read last.
    product: String,
}

impl<'a> FloatWeights<'a> {
    /// Of what was selected for a precision.
    pub(crate) fn new(selection: &'a Selection<'a>, precision: Precision) -> Self {
        Self {
            selection,
            precision,
            product: String::new(),
        }
    }

    pub(crate) fn read(&mut self, tensor: &Tensor) -> Result<Vec<f32>, CheckpointError> {
        match (self.precision, product(tensor)) {
            (Precision::F32 | Precision::Bf16, _) => self.selection.read(&tensor.name),
            (Precision::Int8, Some(product)) => {
                product.clone_into(&mut self.product);
                self.dequantized(tensor, product)
            }
            (Precision::Int8, None) => self.beside(tensor),
        }
    }

    /// Weights of a product.
    fn dequantized(&self, tensor: &Tensor, product: &str) -> Result<Vec<f32>, CheckpointError> {
        let mut weights = self.selection.read(&tensor.name)?;
        let scales = self.selection.read(&format!("{product}.weight_scale"))?;
        let filter = weights.len() / scales.len();
        for (weights, scale) in weights.chunks_exact_mut(filter).zip(scales) {
            weights.iter_mut().for_each(|weight| *weight *= scale);
        }
        Ok(weights)
    }

    /// What stands behind the product that was read last: its own bias, or a batch norm's.
    fn beside(&self, tensor: &Tensor) -> Result<Vec<f32>, CheckpointError> {
        let part = tensor.name.rsplit('.').next();
        match part {
            Some("bias") => self.selection.read(&format!("{}.bias", self.product)),
            Some("running_mean") => Ok(vec![0.0; tensor.shape[0]]),
            _ => Ok(vec![1.0; tensor.shape[0]]),
        }
    }
}
