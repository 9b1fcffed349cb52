//! Weights with batch norm folded in, as floats: what quantisation begins with.

use super::{LoadError, LoadOptions, Network, Reader};
use crate::checkpoint::{Checkpoint, CheckpointError};

/// One product's weights, with the batch norm behind it folded in.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedFilter {
    /// Name of its layer (timm's), such as `blocks.1.0.conv_pw`.
    pub name: String,
    /// Shape of its weights in PyTorch's layout: filters, channels, and rows and columns of a convolution.
    pub shape: Vec<usize>,
    /// Its weights, in C order.
    pub weight: Vec<f32>,
    /// One a filter.
    pub bias: Vec<f32>,
}

/// Reads the weights of a checkpoint and folds its batch norms, in f64. The products are in the order of the
/// network's layers.
///
/// # Errors
/// As for [`Weights::pack`](super::Weights::pack); [`CheckpointError::Keras`] where the checkpoint's network
/// rescales its input, which products alone cannot say: pads would have to be other values than zero.
pub fn folded(
    network: &Network<'_>,
    checkpoint: &Checkpoint,
    options: &LoadOptions,
) -> Result<Vec<FoldedFilter>, LoadError> {
    let reader = Reader::new(network, checkpoint, options)?;
    if reader.input.is_some() {
        let reason = "its network rescales and normalises its input, which folded weights cannot do; take \
                      a checkpoint of another library";
        let file = checkpoint.file().to_owned();
        let reason = reason.to_owned();
        return Err(CheckpointError::Keras { file, reason }.into());
    }
    let filters = network.layers.iter().flat_map(|layer| layer.filters());
    let folded = filters.map(|(filter, window)| {
        let folded = filter.read(&reader)?;
        Ok(FoldedFilter {
            name: filter.weight.to_owned(),
            shape: [&[filter.outputs, filter.inputs], &window[..]].concat(),
            weight: folded.weight,
            bias: folded.bias,
        })
    });
    folded.collect()
}
