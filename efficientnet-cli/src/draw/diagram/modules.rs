//! One box a module; sub-blocks of a block that look alike are drawn once.

use std::collections::BTreeMap;

use efficientnet::spec::{Architecture, LayerGraph, LayerId, Module, Part, Shape, SubBlock};

use super::{Columns, Diagram, Edge, Leaf, layers, role, title, words};
use crate::draw::colour::Role;

/// The layers of one module, or of stem or final layers.
struct Run {
    module: Option<Module>,
    layers: Vec<LayerId>,
}

/// The modules of one part, in order.
struct Anatomy {
    part: Part,
    runs: Vec<Run>,
}

/// What makes sub-blocks look alike: of each module its kind, what its layers do, and its output.
type Looks = Vec<(Option<Module>, Vec<String>, Option<Shape>)>;

pub(super) fn diagram(architecture: &Architecture, graph: &LayerGraph) -> Diagram {
    let parts = anatomy(graph);
    let mut columns = Columns::default();
    let mut edges: Vec<Edge> = Vec::new();
    // The box of every layer.
    let mut boxes: BTreeMap<LayerId, usize> = BTreeMap::new();
    let alike = |a: &Anatomy, b: &Anatomy| {
        super::block(a.part) == super::block(b.part)
            && kind(a.part) == kind(b.part)
            && looks(graph, a) == looks(graph, b)
    };
    for group in parts.chunk_by(alike) {
        let [first, others @ ..] = group else {
            continue;
        };
        for (position, run) in first.runs.iter().enumerate() {
            let Some(last) = run.layers.last() else {
                continue;
            };
            let leaf = leaf(graph, first.part, run, *last);
            let number = columns.push(first.part, group.len(), leaf);
            let same = others.iter().filter_map(|other| other.runs.get(position));
            let all = run.layers.iter().chain(same.flat_map(|run| &run.layers));
            boxes.extend(all.map(|id| (*id, number)));
        }
        // In their boxes now: theirs and those of everything before.
        let inside = first.runs.iter().flat_map(|run| &run.layers);
        for id in inside {
            let number = |id| boxes.get(&id).copied().unwrap_or_default();
            let to = number(*id);
            let crossing = layers::edges(graph, *id, to, number);
            let crossing = crossing.into_iter().filter(|edge| edge.from != edge.to);
            for edge in crossing {
                if !edges.contains(&edge) {
                    edges.push(edge);
                }
            }
        }
    }
    Diagram {
        title: words::title(&architecture.family, &architecture.variant, "modules"),
        subtitle: words::subtitle(architecture, graph),
        input: Some(architecture.input.into()),
        columns: columns.columns,
        edges,
        is_overview: false,
    }
}

fn anatomy(graph: &LayerGraph) -> Vec<Anatomy> {
    let mut parts: Vec<Anatomy> = Vec::new();
    for (id, layer) in graph.layers() {
        let place = layer.place;
        if parts.last().map(|last| last.part) != Some(place.part) {
            parts.push(Anatomy {
                part: place.part,
                runs: Vec::new(),
            });
        }
        let Some(part) = parts.last_mut() else {
            continue;
        };
        match part.runs.last_mut() {
            Some(run) if run.module == place.module => run.layers.push(id),
            _ => part.runs.push(Run {
                module: place.module,
                layers: vec![id],
            }),
        }
    }
    parts
}

fn looks(graph: &LayerGraph, anatomy: &Anatomy) -> Looks {
    let look = |run: &Run| {
        let output = run.layers.last().map(|id| graph.layer(*id).output);
        (run.module, words::phrases(graph, &run.layers), output)
    };
    anatomy.runs.iter().map(look).collect()
}

fn leaf(graph: &LayerGraph, part: Part, run: &Run, last: LayerId) -> Leaf {
    let heading = match run.module {
        Some(module) => Role::Module(module).title().to_owned(),
        None => title(part),
    };
    let name = format!("{part}: {heading}");
    let mut lines = vec![heading];
    lines.extend(words::phrases(graph, &run.layers));
    let last = graph.layer(last);
    Leaf {
        name,
        lines,
        role: role(last.place),
        output: last.output.into(),
        chips: Vec::new(),
        facts: words::facts(graph, &run.layers),
    }
}

/// Kind of a sub-block.
fn kind(part: Part) -> Option<SubBlock> {
    match part {
        Part::Block { sub_block, .. } => Some(sub_block),
        Part::Stem | Part::Final => None,
    }
}
