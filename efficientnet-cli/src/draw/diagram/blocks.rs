//! One box a block, its sub-blocks inside it.

use efficientnet::spec::{Architecture, LayerGraph, LayerId, LayerOp, Part, Shape, label};

use super::{Chip, Columns, Diagram, Edge, EdgeKind, Leaf, block, title, words};
use crate::draw::colour::Role;

pub(super) fn diagram(architecture: &Architecture, graph: &LayerGraph) -> Diagram {
    let layers: Vec<LayerId> = graph.layers().map(|(id, _)| id).collect();
    let part = |id: &LayerId| graph.layer(*id).place.part;
    let mut columns = Columns::default();
    let mut edges = Vec::new();
    for layers in layers.chunk_by(|a, b| block(part(a)) == block(part(b))) {
        let Some(last) = layers.last() else { continue };
        let sub_blocks: Vec<&[LayerId]> = layers.chunk_by(|a, b| part(a) == part(b)).collect();
        let leaf = leaf(graph, &sub_blocks, *last);
        let to = columns.push(part(last), 1, leaf);
        if let Some(from) = to.checked_sub(1) {
            let kind = EdgeKind::Flow;
            edges.push(Edge { from, to, kind });
        }
    }
    Diagram {
        title: words::title(&architecture.family, &architecture.variant, "blocks"),
        subtitle: words::subtitle(architecture, graph),
        input: Some(architecture.input.into()),
        columns: columns.columns,
        edges,
        is_overview: true,
    }
}

fn leaf(graph: &LayerGraph, sub_blocks: &[&[LayerId]], last: LayerId) -> Leaf {
    let layers = sub_blocks.concat();
    let last = graph.layer(last);
    let chips: Vec<Chip> = sub_blocks
        .iter()
        .filter_map(|layers| chip(graph, layers))
        .collect();
    let name = title(last.place.part);
    let mut lines = vec![match chips.len() {
        0 | 1 => name.clone(),
        repeats => format!("{name}, x{repeats}"),
    }];
    lines.extend(match chips.is_empty() {
        true => words::phrases(graph, &layers),
        false => anatomy(graph, sub_blocks, last.output),
    });
    Leaf {
        name,
        lines,
        role: match last.place.part {
            Part::Stem => Role::Stem,
            Part::Block { .. } => Role::Plain,
            Part::Final => Role::Final,
        },
        output: last.output.into(),
        chips,
        facts: words::facts(graph, &layers),
    }
}

fn chip(graph: &LayerGraph, layers: &[LayerId]) -> Option<Chip> {
    let Part::Block {
        block,
        index,
        sub_block,
    } = graph.layer(*layers.first()?).place.part
    else {
        return None;
    };
    let mut ops = layers.iter().map(|id| &graph.layer(*id).op);
    Some(Chip {
        label: label(block, index),
        role: Role::SubBlock(sub_block),
        has_shortcut: ops.any(|op| *op == LayerOp::Add),
    })
}

/// The layer that sees neighbours: its name, window, and the channels that it works on.
struct Filter {
    name: &'static str,
    kernel: usize,
    stride: usize,
    channels: usize,
    is_expanded: bool,
}

/// Two lines: the window of the first sub-block, which has the stride; and the channels.
fn anatomy(graph: &LayerGraph, sub_blocks: &[&[LayerId]], output: Shape) -> Vec<String> {
    let mut lines = Vec::new();
    let filters = sub_blocks.iter().map(|layers| filter(graph, layers));
    let filters: Vec<Option<Filter>> = filters.collect();
    if let Some(Some(first)) = filters.first() {
        let window = words::window(first.kernel, first.stride);
        lines.push(format!("{} {window}", first.name));
    }
    let mut ratios: Vec<String> = Vec::new();
    for (layers, filter) in sub_blocks.iter().zip(&filters) {
        let Some(filter) = filter.as_ref().filter(|filter| filter.is_expanded) else {
            continue;
        };
        let input = layers
            .first()
            .and_then(|id| graph.input_shapes(*id).first().copied());
        // Where the depthwise sees the input as it is, nothing is expanded.
        let input = input.filter(|input| input.channels() != filter.channels);
        let ratio = input.map(|input| ratio(filter.channels, input.channels()));
        ratios.extend(ratio.filter(|ratio| ratios.last() != Some(ratio)));
    }
    let mut parts = Vec::new();
    if !ratios.is_empty() {
        parts.push(format!("expand {}", ratios.join(", ")));
    }
    parts.push(format!("{} channels", output.channels()));
    let ops = sub_blocks.iter().flat_map(|layers| layers.iter());
    if ops
        .into_iter()
        .any(|id| graph.layer(*id).op == LayerOp::Multiply)
    {
        parts.push("squeeze-excite".to_owned());
    }
    lines.push(parts.join(", "));
    lines
}

/// The depthwise layer, or the first dense one with a kernel larger than a pixel, or the first one.
fn filter(graph: &LayerGraph, layers: &[LayerId]) -> Option<Filter> {
    let sees_neighbours = |id: &&LayerId| match &graph.layer(**id).op {
        LayerOp::Depthwise(_) => true,
        LayerOp::Convolution(conv) => conv.kernel > 1,
        _ => false,
    };
    let is_dense = |id: &&LayerId| matches!(graph.layer(**id).op, LayerOp::Convolution(_));
    let id = layers.iter().find(sees_neighbours);
    let id = *id.or_else(|| layers.iter().find(is_dense))?;
    let layer = graph.layer(id);
    let (name, kernel, stride, is_expanded) = match &layer.op {
        LayerOp::Depthwise(conv) => ("depthwise", conv.kernel, conv.stride, true),
        LayerOp::Convolution(conv) => {
            // Expanded is what a projection follows.
            let is_expanded = has_projection(graph, layers, id);
            ("dense conv", conv.kernel, conv.stride, is_expanded)
        }
        _ => return None,
    };
    Some(Filter {
        name,
        kernel,
        stride,
        channels: layer.output.channels(),
        is_expanded,
    })
}

fn has_projection(graph: &LayerGraph, layers: &[LayerId], filter: LayerId) -> bool {
    layers.iter().any(|id| {
        let is_conv = matches!(graph.layer(*id).op, LayerOp::Convolution(_));
        *id > filter && is_conv
    })
}

/// Such as `6` or `3.67`.
fn ratio(channels: usize, of: usize) -> String {
    let ratio = channels as f64 / of as f64;
    let text = format!("{ratio:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
