//! A module, or a sub-block, on its own: as it first occurs, behind a box for what flows into it.

use efficientnet::spec::{LayerGraph, LayerId, Module, Part, SubBlock};

use super::{Column, Diagram, Edge, Extents, Group, Leaf, layers, sub_block_title};
use crate::draw::colour::Role;

pub(super) fn module(graph: &LayerGraph, module: Module) -> Option<Diagram> {
    let all: Vec<LayerId> = graph.layers().map(|(id, _)| id).collect();
    let place = |id: &LayerId| graph.layer(*id).place;
    let mut runs = all.chunk_by(|a, b| place(a) == place(b));
    let run = runs.find(|run| run.iter().all(|id| place(id).module == Some(module)))?;
    let first = *run.first()?;
    let part = place(&first).part;
    let flow = *graph.inputs(first).first()?;
    // Box 0 is what flows in.
    let number = |id: LayerId| match run.iter().position(|layer| *layer == id) {
        Some(position) => Some(position + 1),
        None => (id == flow).then_some(0),
    };
    let mut leaves = vec![input(graph.layer(flow).output.into())];
    let mut edges = Vec::new();
    for (position, id) in run.iter().enumerate() {
        let mut leaf = layers::leaf(graph, *id);
        let all = layers::edges(graph, *id, position + 1, |id| {
            number(id).unwrap_or_default()
        });
        for (edge, operand) in all.into_iter().zip(graph.inputs(*id)) {
            match number(operand) {
                Some(_) => edges.push(edge),
                None => leaf.lines.push(origin(graph, part, operand)),
            }
        }
        leaves.push(leaf);
    }
    let group = Group {
        part,
        title: None,
        repeats: 1,
        leaves,
    };
    Some(diagram(Role::Module(module), vec![group], edges))
}

/// Such as `with 1x1x96 of Module 3`, or `with 56x56x24 of block2a` from another part.
fn origin(graph: &LayerGraph, part: Part, id: LayerId) -> String {
    let layer = graph.layer(id);
    let from = match layer.place.module {
        Some(module) if layer.place.part == part => Role::Module(module).title().to_owned(),
        _ => layer.place.part.to_string(),
    };
    format!("with {} of {from}", layer.output)
}

pub(super) fn sub_block(modules: &Diagram, kind: SubBlock) -> Option<Diagram> {
    let mut groups = modules.columns.iter().flat_map(|column| &column.groups);
    let mut first = 0;
    let group = groups.find(|group| {
        let is_kind = matches!(group.part, Part::Block { sub_block, .. } if sub_block == kind);
        first += if is_kind { 0 } else { group.leaves.len() };
        is_kind
    })?;
    let inside = first..first + group.leaves.len();
    let edges = modules.edges.iter();
    let edges = edges.filter(|edge| inside.contains(&edge.to));
    // Box 0 is what comes from before.
    let edges = edges.map(|edge| Edge {
        from: (edge.from + 1).saturating_sub(first),
        to: edge.to + 1 - first,
        kind: edge.kind,
    });
    let before = modules.leaves().nth(first.checked_sub(1)?)?;
    let groups = vec![
        Group {
            title: None,
            repeats: 1,
            leaves: vec![input(before.output.clone())],
            ..*group
        },
        Group {
            title: sub_block_title(group.part, 1),
            repeats: 1,
            ..group.clone()
        },
    ];
    let edges = edges.collect();
    Some(diagram(Role::SubBlock(kind), groups, edges))
}

/// The box of what flows in.
fn input(output: Extents) -> Leaf {
    let name = "Input";
    Leaf {
        name: name.to_owned(),
        lines: vec![name.to_owned()],
        role: Role::Plain,
        output,
        chips: Vec::new(),
        facts: Vec::new(),
    }
}

/// One column, the parts of its groups the same.
fn diagram(role: Role, groups: Vec<Group>, edges: Vec<Edge>) -> Diagram {
    let part = groups.first().map(|group| group.part.to_string());
    Diagram {
        title: role.legend(),
        subtitle: format!("as in {}", part.unwrap_or_default()),
        input: None,
        columns: vec![Column {
            title: role.title().to_owned(),
            groups,
        }],
        edges,
        is_overview: false,
    }
}
