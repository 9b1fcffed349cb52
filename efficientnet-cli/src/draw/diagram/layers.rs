//! One box a layer.

use efficientnet::spec::{Architecture, LayerGraph, LayerId, LayerOp};

use super::{Columns, Diagram, Edge, EdgeKind, Leaf, role, words};
use crate::text::grouped;

pub(super) fn diagram(architecture: &Architecture, graph: &LayerGraph) -> Diagram {
    let mut columns = Columns::default();
    let mut edges = Vec::new();
    for (to, (id, layer)) in graph.layers().enumerate() {
        columns.push(layer.place.part, 1, leaf(graph, id));
        edges.extend(self::edges(graph, id, to, LayerId::index));
    }
    Diagram {
        title: words::title(&architecture.family, &architecture.variant, "layers"),
        subtitle: words::subtitle(architecture, graph),
        input: None,
        columns: columns.columns,
        edges,
        is_overview: false,
    }
}

/// The edges into a layer, whose box is the `to`th; `number` gives the box of a producer.
pub(super) fn edges(
    graph: &LayerGraph,
    id: LayerId,
    to: usize,
    number: impl Fn(LayerId) -> usize,
) -> Vec<Edge> {
    let is_sum = graph.layer(id).op == LayerOp::Add;
    let operands = graph.inputs(id).into_iter().enumerate();
    let edge = |(position, producer): (usize, LayerId)| {
        let from = number(producer);
        let kind = match is_sum && position == 1 {
            true => EdgeKind::Skip,
            false => EdgeKind::between(from, to),
        };
        Edge { from, to, kind }
    };
    operands.map(edge).collect()
}

pub(super) fn leaf(graph: &LayerGraph, id: LayerId) -> Leaf {
    let layer = graph.layer(id);
    let (all, trainable) = (graph.parameters(id), graph.trainable_parameters(id));
    let mut facts = vec![
        ("Layer", vec![layer.op.to_string()]),
        ("Inputs", words::inputs(graph, &[id])),
        ("Output", vec![layer.output.to_string()]),
        (
            "Parameters",
            vec![format!(
                "{}, {} trainable",
                grouped(all),
                grouped(trainable)
            )],
        ),
        ("Multiply-accumulates", vec![grouped(graph.macs(id))]),
        ("Tensors", words::tensors(graph, &[id])),
    ];
    facts.retain(|(_, lines)| !lines.is_empty());
    Leaf {
        name: layer.name.clone(),
        lines: vec![layer.name.clone(), short(&layer.op)],
        role: role(layer.place),
        output: layer.output.into(),
        chips: Vec::new(),
        facts,
    }
}

/// What a layer does, on a line of its box.
fn short(op: &LayerOp) -> String {
    match op {
        // Their pads are many words; they are among the facts.
        LayerOp::ZeroPadding(_) => op.type_name().to_owned(),
        LayerOp::Convolution(_) | LayerOp::Depthwise(_) => {
            words::phrase(op).unwrap_or_else(|| op.type_name().to_owned())
        }
        _ => op.to_string(),
    }
}
