//! The view of layers: a table or a tree of them and the totals, or all that as JSON.

use std::io::Write;
use std::ops::Add;

use efficientnet::spec::{Architecture, LayerGraph, Top};
use serde_json::{Map, Value, json};

use crate::arguments::Summary;
use crate::failure::Failure;
use crate::text::shorten;

use super::lines;
use super::node::{self, Node, Sums, What};
use super::totals::Totals;

/// The layers that are shown, and their totals.
struct Shown {
    model: String,
    graph: LayerGraph,
    layers: Vec<Node>,
    totals: Totals,
}

impl Shown {
    fn of(arguments: &Summary, architecture: &Architecture) -> Result<Self, Failure> {
        let top = match arguments.no_top {
            true => Top::Without,
            false => Top::With,
        };
        let graph = LayerGraph::build(architecture, top).map_err(Failure::mistake)?;
        let layers = node::layers(&graph);
        let sums = layers.iter().map(|layer| layer.sums);
        let sums = sums.fold(Sums::default(), Add::add);
        Ok(Self {
            model: super::name(architecture),
            totals: Totals::of(architecture, &graph, top, sums)?,
            layers,
            graph,
        })
    }
}

/// Levels of the tree below the model: all of them, unless others are asked for.
fn depth(arguments: &Summary) -> usize {
    arguments.depth.unwrap_or(usize::MAX)
}

/// Writes the table or tree, and the totals.
pub(super) fn write(
    arguments: &Summary,
    architecture: &Architecture,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let shown = Shown::of(arguments, architecture)?;
    let tree = match arguments.tree {
        true => node::tree(&shown.model, &shown.graph),
        false => Vec::new(),
    };
    let lines = match arguments.tree {
        true => lines::tree(&tree, depth(arguments)),
        false => lines::flat(&shown.layers),
    };
    let columns = match &arguments.columns[..] {
        [] => &lines::COLUMNS,
        columns => columns,
    };
    let width = width(arguments, lines::least(columns, &lines))?;
    if !arguments.tree {
        writeln!(out, "{}", shorten(&shown.model, width))?;
    }
    lines::write(out, columns, &lines, width)?;
    writeln!(out)?;
    Ok(shown.totals.write(out, width)?)
}

/// Characters of a line, which are enough for the columns.
fn width(arguments: &Summary, least: usize) -> Result<usize, Failure> {
    match arguments.width {
        Some(width) if width.get() < least => Err(Failure::Mistake(format!(
            "--width {width}: these columns take {least} characters at least; give more, or fewer \
             --columns"
        ))),
        Some(_) | None => Ok(super::width(arguments)),
    }
}

/// The layers, their totals and, where it is asked for, the tree.
pub(super) fn document(arguments: &Summary, architecture: &Architecture) -> Result<Value, Failure> {
    let shown = Shown::of(arguments, architecture)?;
    let layers: Vec<Value> = shown.layers.iter().map(|layer| entry(layer, 0)).collect();
    let mut document = Map::new();
    document.insert("model".to_owned(), json!(shown.model));
    document.insert("layers".to_owned(), json!(layers));
    for (key, value) in shown.totals.entries() {
        document.insert(key.to_owned(), value);
    }
    if arguments.tree {
        let tree = node::tree(&shown.model, &shown.graph);
        let tree = tree.first().map(|model| entry(model, depth(arguments)));
        document.insert("tree".to_owned(), json!(tree));
    }
    Ok(Value::Object(document))
}

/// A layer, or a group with its sums and what is in it, down to `depth` levels below.
fn entry(node: &Node, depth: usize) -> Value {
    let sums = node.sums;
    let mut entry = json!({
        "name": node.name,
        "output_shape": node.output.extents(),
        "parameters": sums.parameters,
        "trainable_parameters": sums.trainable,
        "macs": sums.macs,
        "memory_bytes": sums.memory,
    });
    match &node.what {
        What::Layer(layer) => {
            entry["type"] = json!(layer.kind);
            entry["kernel"] = json!(layer.window.map(|(kernel, _)| kernel));
            entry["stride"] = json!(layer.window.map(|(_, stride)| stride));
            entry["inputs"] = json!(layer.inputs);
        }
        What::Group(kind) => {
            let shown = depth.checked_sub(1);
            let children =
                shown.map(|depth| node.children.iter().map(move |n| self::entry(n, depth)));
            entry["type"] = json!(kind);
            entry["layers"] = json!(sums.layers);
            entry["children"] = children.into_iter().flatten().collect();
        }
    }
    entry
}
