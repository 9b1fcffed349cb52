//! A scalar reference: a layer graph computed layer by layer in f64, with plain loops.
//!
//! It shares nothing with passes, plans and kernels but the graph that they all begin with, so that
//! what they compute can be checked against it.

mod layers;

use std::collections::BTreeMap;

use efficientnet_spec::{Layer, LayerGraph, LayerId, LayerOp, Tensor};

use layers::{Filters, Map};

/// Values of every layer that a later one still reads.
type Live = BTreeMap<LayerId, Map>;

/// The output of a graph's last layer for one image (NHWC).
///
/// `read` gives the values of a tensor by its timm name, in C order of its PyTorch shape; `epsilon`
/// is that of all batch norms. Keras's rescaling and normalization are identities: the image is
/// given as the first convolution reads it.
///
/// # Errors
/// The first error of `read`.
///
/// # Panics
/// If the image's length is not the graph's, or `read` gives a tensor of another length than its shape's.
pub fn forward<E>(
    graph: &LayerGraph,
    epsilon: f64,
    image: &[f64],
    read: impl FnMut(&Tensor) -> Result<Vec<f32>, E>,
) -> Result<Vec<f64>, E> {
    forward_observed(graph, epsilon, image, read, |_, _| {})
}

/// [`forward`], showing each layer's values (NHWC) to `observe`.
///
/// # Errors
/// The first error of `read`.
///
/// # Panics
/// As [`forward`].
pub fn forward_observed<E>(
    graph: &LayerGraph,
    epsilon: f64,
    image: &[f64],
    mut read: impl FnMut(&Tensor) -> Result<Vec<f32>, E>,
    mut observe: impl FnMut(&Layer, &[f64]),
) -> Result<Vec<f64>, E> {
    let mut live = Live::new();
    let mut last = None;
    for (id, layer) in graph.layers() {
        let mut weights = Vec::new();
        for tensor in graph.tensors(id) {
            let values = read(&tensor)?;
            let expected: usize = tensor.shape.iter().product();
            assert_eq!(values.len(), expected, "length of {}", tensor.name);
            weights.push(values.into_iter().map(f64::from).collect());
        }
        let output = match layer.op {
            LayerOp::Input => Map::image(layer.output, image),
            _ => {
                let inputs: Vec<&Map> = graph.inputs(id).iter().map(|id| &live[id]).collect();
                compute(layer, &inputs, &weights, epsilon)
            }
        };
        observe(layer, &output.values);
        for input in graph.inputs(id) {
            // Layers come in topological order: nothing after the last consumer reads it.
            if graph.consumers(input).last() == Some(&id) {
                live.remove(&input);
            }
        }
        live.insert(id, output);
        last = Some(id);
    }
    let output = last.and_then(|id| live.remove(&id));
    Ok(output.map(|map| map.values).unwrap_or_default())
}

/// One layer's values from those of its operands and its tensors, in [`LayerGraph::tensors`]' order.
fn compute(layer: &Layer, inputs: &[&Map], weights: &[Vec<f64>], epsilon: f64) -> Map {
    let input = inputs[0];
    match &layer.op {
        LayerOp::ZeroPadding(pads) => layers::pad(input, layer.output, *pads),
        LayerOp::Convolution(conv) => {
            let filters = Filters {
                weights: &weights[0],
                kernel: conv.kernel,
                stride: conv.stride,
            };
            let padded = layers::pad(input, layers::padded(input.shape, conv.pads), conv.pads);
            let mut output = layers::convolution(&padded, layer.output, &filters);
            if let Some(bias) = weights.get(1) {
                output.each_channel(|channel, x| x + bias[channel]);
            }
            if let Some(activation) = conv.activation {
                output.each_channel(|_, x| layers::activation(activation, x));
            }
            output
        }
        LayerOp::Depthwise(conv) => {
            let filters = Filters {
                weights: &weights[0],
                kernel: conv.kernel,
                stride: conv.stride,
            };
            let padded = layers::pad(input, layers::padded(input.shape, conv.pads), conv.pads);
            layers::depthwise(&padded, layer.output, &filters)
        }
        LayerOp::BatchNormalization => {
            let [scale, offset, mean, variance] = weights else {
                unreachable!("a batch norm has four tensors");
            };
            let mut output = input.clone();
            output.each_channel(|c, x| {
                (x - mean[c]) / (variance[c] + epsilon).sqrt() * scale[c] + offset[c]
            });
            output
        }
        LayerOp::Activation(activation) => {
            let mut output = input.clone();
            output.each_channel(|_, x| layers::activation(*activation, x));
            output
        }
        LayerOp::GlobalAveragePooling => layers::mean(input, layer.output),
        LayerOp::Multiply => {
            let mut output = input.clone();
            output.each_channel(|channel, x| x * inputs[1].values[channel]);
            output
        }
        LayerOp::Add => {
            let mut output = input.clone();
            let sums = output.values.iter_mut().zip(&inputs[1].values);
            sums.for_each(|(x, shortcut)| *x += shortcut);
            output
        }
        LayerOp::Dense { .. } => layers::dense(input, layer.output, &weights[0], &weights[1]),
        LayerOp::Input
        | LayerOp::Rescaling
        | LayerOp::Normalization
        | LayerOp::Reshape
        | LayerOp::Flatten
        | LayerOp::Dropout { .. } => Map {
            shape: layer.output,
            values: input.values.clone(),
        },
    }
}
