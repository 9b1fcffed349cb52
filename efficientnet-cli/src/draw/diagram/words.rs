//! Layers in few words, and what there is to know about several of them.

use std::collections::BTreeSet;

use efficientnet::spec::{Activation, Architecture, LayerGraph, LayerId, LayerOp, Shape};

use crate::text::grouped;

/// What a layer does, where a picture of modules says it at all: normalization, reshapes and dropout go
/// without saying.
pub(super) fn phrase(op: &LayerOp) -> Option<String> {
    Some(match op {
        LayerOp::Convolution(conv) => {
            convolution(conv.kernel, conv.stride, conv.filters, conv.activation)
        }
        LayerOp::Depthwise(conv) => format!("depthwise {}", window(conv.kernel, conv.stride)),
        LayerOp::Activation(activation) => activation.to_string(),
        LayerOp::GlobalAveragePooling => "mean over pixels".to_owned(),
        LayerOp::Multiply => "times gate".to_owned(),
        LayerOp::Add => "add shortcut".to_owned(),
        LayerOp::Dense { units } => format!("dense to {units}"),
        LayerOp::Input
        | LayerOp::Rescaling
        | LayerOp::Normalization
        | LayerOp::ZeroPadding(_)
        | LayerOp::BatchNormalization
        | LayerOp::Reshape
        | LayerOp::Flatten
        | LayerOp::Dropout { .. } => return None,
    })
}

/// Such as `conv 3x3 to 32, stride 2, silu`.
pub(super) fn convolution(
    kernel: usize,
    stride: usize,
    channels: usize,
    activation: Option<Activation>,
) -> String {
    let stride = match stride {
        1 => String::new(),
        _ => format!(", stride {stride}"),
    };
    with(
        format!("conv {kernel}x{kernel} to {channels}{stride}"),
        activation,
    )
}

/// What a layer does, and the activation behind it.
pub(super) fn with(what: String, activation: Option<Activation>) -> String {
    match activation {
        Some(activation) => format!("{what}, {activation}"),
        None => what,
    }
}

/// Such as `3x3` or `5x5, stride 2`.
pub(super) fn window(kernel: usize, stride: usize) -> String {
    match stride {
        1 => format!("{kernel}x{kernel}"),
        _ => format!("{kernel}x{kernel}, stride {stride}"),
    }
}

/// Phrases of layers, an activation on the line of what it follows.
pub(super) fn phrases(graph: &LayerGraph, layers: &[LayerId]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for id in layers {
        let op = &graph.layer(*id).op;
        match (phrase(op), op, lines.last_mut()) {
            (Some(phrase), LayerOp::Activation(_), Some(line)) => *line += &format!(", {phrase}"),
            (Some(phrase), _, _) => lines.push(phrase),
            (None, _, _) => {}
        }
    }
    lines
}

/// Sums over layers that a box stands for, and their names and tensors.
pub(super) fn facts(graph: &LayerGraph, layers: &[LayerId]) -> Vec<(&'static str, Vec<String>)> {
    let total = |count: fn(&LayerGraph, LayerId) -> u64| {
        let counts = layers.iter().map(|id| count(graph, *id));
        counts.fold(0, u64::saturating_add)
    };
    let names = layers.iter().map(|id| {
        let layer = graph.layer(*id);
        format!("{}: {}", layer.name, layer.op)
    });
    let mut facts = vec![
        ("Inputs", inputs(graph, layers)),
        ("Output", outputs(graph, layers)),
        ("Parameters", vec![grouped(total(LayerGraph::parameters))]),
        (
            "Multiply-accumulates",
            vec![grouped(total(LayerGraph::macs))],
        ),
        ("Layers", names.collect()),
        ("Tensors", tensors(graph, layers)),
    ];
    facts.retain(|(_, lines)| !lines.is_empty());
    facts
}

/// What comes from outside, each tensor once.
pub(super) fn inputs(graph: &LayerGraph, layers: &[LayerId]) -> Vec<String> {
    let inside: BTreeSet<LayerId> = layers.iter().copied().collect();
    let outside: BTreeSet<LayerId> = layers
        .iter()
        .flat_map(|id| graph.inputs(*id))
        .filter(|input| !inside.contains(input))
        .collect();
    outside.into_iter().map(|id| output(graph, id)).collect()
}

fn outputs(graph: &LayerGraph, layers: &[LayerId]) -> Vec<String> {
    layers
        .last()
        .map(|id| output(graph, *id))
        .into_iter()
        .collect()
}

/// Such as `112x112x32 of stem_conv`.
fn output(graph: &LayerGraph, id: LayerId) -> String {
    let layer = graph.layer(id);
    format!("{} of {}", layer.output, layer.name)
}

/// Such as `blocks.0.0.conv_dw.weight: 32x1x3x3`.
pub(super) fn tensors(graph: &LayerGraph, layers: &[LayerId]) -> Vec<String> {
    let tensors = layers.iter().flat_map(|id| graph.tensors(*id));
    let line = |tensor: efficientnet::spec::Tensor| {
        let shape: Vec<String> = tensor.shape.iter().map(ToString::to_string).collect();
        match shape.is_empty() {
            true => format!("{}: a number", tensor.name),
            false => format!("{}: {}", tensor.name, shape.join("x")),
        }
    };
    tensors.map(line).collect()
}

/// Title of a picture: `efficientnet b0, layers`.
pub(super) fn title(family: &str, variant: &str, level: &str) -> String {
    format!("{family} {variant}, {level}")
}

/// Size of a network in a line.
pub(super) fn subtitle(architecture: &Architecture, graph: &LayerGraph) -> String {
    let input: Shape = architecture.input;
    format!(
        "input {input}, {} layers, {} parameters, {} million multiply-accumulates",
        graph.len(),
        grouped(graph.total_trainable_parameters()),
        grouped(crate::text::millions(graph.total_macs())),
    )
}
