//! Layer graph to kernel graph, one node a layer: the only place that knows both vocabularies.

use std::collections::HashMap;

use efficientnet_spec::{Layer, LayerGraph, LayerId, LayerOp, Output, Pads};

use super::{
    Affine, Filter, Identity, KernelGraph, KernelId, Matrix, NamedOutput, Node, Op, Operand, Port,
    Window,
};

/// Translates every layer, and marks the outputs that the graph has. Nothing is fused or dropped
/// here; that is what passes are for.
pub fn select(layers: &LayerGraph, outputs: &[Output]) -> KernelGraph {
    let mut graph = KernelGraph::default();
    let mut ids: HashMap<LayerId, KernelId> = HashMap::new();
    for (layer_id, layer) in layers.layers() {
        let inputs = layers.inputs(layer_id);
        let reads_image = inputs.iter().any(|&input| is_image(layers, input));
        let roles = operand_roles(&layer.op);
        let operands: Vec<_> = roles
            .iter()
            .zip(&inputs)
            .map(|(&operand, input)| (operand, ids[input], Port::Main))
            .collect();
        let node = Node {
            name: layer.name.clone(),
            op: op(layer, reads_image),
            place: layer.place,
            output: layer.output.into(),
            not_depth_first: None,
        };
        ids.insert(layer_id, graph.add(node, &operands));
    }
    let named = |output: &Output| {
        let layer = layers.output(*output)?;
        Some(NamedOutput {
            name: *output,
            node: ids[&layer],
            shape: layers.layer(layer).output.into(),
        })
    };
    graph.set_outputs(outputs.iter().filter_map(named).collect());
    graph
}

/// Whether a layer still hands the network's input on, so that a convolution reading it is the stem.
fn is_image(layers: &LayerGraph, id: LayerId) -> bool {
    match layers.layer(id).op {
        LayerOp::Input => true,
        LayerOp::Rescaling | LayerOp::Normalization | LayerOp::ZeroPadding(_) => layers
            .inputs(id)
            .iter()
            .all(|&input| is_image(layers, input)),
        _ => false,
    }
}

fn operand_roles(op: &LayerOp) -> &'static [Operand] {
    match op {
        LayerOp::Input => &[],
        LayerOp::Multiply => &[Operand::Data, Operand::Gate],
        LayerOp::Add => &[Operand::Data, Operand::Residual],
        LayerOp::Rescaling
        | LayerOp::Normalization
        | LayerOp::ZeroPadding(_)
        | LayerOp::Convolution(_)
        | LayerOp::Depthwise(_)
        | LayerOp::BatchNormalization
        | LayerOp::Activation(_)
        | LayerOp::GlobalAveragePooling
        | LayerOp::Reshape
        | LayerOp::Flatten
        | LayerOp::Dropout { .. }
        | LayerOp::Dense { .. } => &[Operand::Data],
    }
}

fn op(layer: &Layer, reads_image: bool) -> Op {
    let tensor = || layer.tensor.clone().unwrap_or_default();
    let filter = |bias: bool| Filter {
        weight: tensor(),
        affine: if bias { Affine::Bias } else { Affine::None },
    };
    match &layer.op {
        LayerOp::Input => Op::Input,
        LayerOp::Rescaling => Op::Identity(Identity::Rescaling),
        LayerOp::Normalization => Op::Identity(Identity::Normalization),
        LayerOp::ZeroPadding(pads) => Op::Pad(*pads),
        LayerOp::Convolution(c) => {
            // The image is read by the direct kernel, whatever its size: it lies outside the arena
            // and has too few channels for the matrix product.
            let matrix_product =
                c.kernel == 1 && c.stride == 1 && c.pads == Pads::default() && !reads_image;
            if matrix_product {
                Op::Pointwise {
                    filter: filter(c.bias),
                    activation: c.activation,
                    gate: None,
                }
            } else {
                let window = Window {
                    kernel: c.kernel,
                    stride: c.stride,
                    pads: c.pads,
                };
                Op::Convolution {
                    window,
                    filter: filter(c.bias),
                    activation: c.activation,
                }
            }
        }
        LayerOp::Depthwise(d) => Op::Depthwise {
            window: Window {
                kernel: d.kernel,
                stride: d.stride,
                pads: d.pads,
            },
            filter: filter(false),
            activation: None,
            sums: false,
        },
        LayerOp::BatchNormalization => Op::BatchNorm { tensor: tensor() },
        LayerOp::Activation(activation) => Op::Activation(*activation),
        LayerOp::GlobalAveragePooling => Op::Mean,
        LayerOp::Reshape | LayerOp::Flatten => Op::Identity(Identity::Reshape),
        LayerOp::Multiply => Op::Multiply,
        LayerOp::Add => Op::Add,
        LayerOp::Dropout { .. } => Op::Identity(Identity::Dropout),
        LayerOp::Dense { .. } => Op::Dense {
            filter: filter(true),
            activation: None,
            matrix: Matrix::Dense,
        },
    }
}
