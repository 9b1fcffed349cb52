//! A diagram as text for Graphviz.

use std::fmt::Write;

use super::colour::{Role, Theme};
use super::diagram::{Column, Diagram, Edge, EdgeKind, Group, Leaf};

/// Attributes of everything.
const DEFAULTS: &str = "  graph [fontname=\"sans-serif\", labelloc=t, style=rounded, newrank=true];
  node [fontname=\"sans-serif\", shape=box, style=\"filled,rounded\", fontsize=11];
  edge [fontname=\"sans-serif\", fontsize=9];
";

/// The diagram as a directed graph: a node a box, a cluster a column and a sub-block.
pub(crate) fn write(diagram: &Diagram) -> String {
    let mut text = format!("digraph {} {{\n{DEFAULTS}", quoted(&diagram.title));
    let label = [diagram.title.clone(), diagram.subtitle.clone()].map(|line| quoted_line(&line));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  label=\"{}\";", label.join("\\n"));
    let mut first = 0;
    for (number, column) in diagram.columns.iter().enumerate() {
        let end = first + leaves(column).count();
        match diagram.is_overview {
            true => text += &nodes(leaves(column), first, 2),
            false => text += &cluster(column, number, first),
        }
        first = end;
    }
    let outputs: Vec<&Leaf> = diagram.leaves().collect();
    for edge in &diagram.edges {
        text += &self::edge(edge, &outputs);
    }
    text + "}\n"
}

fn leaves(column: &Column) -> impl Iterator<Item = &Leaf> {
    column.groups.iter().flat_map(|group| &group.leaves)
}

fn cluster(column: &Column, number: usize, mut first: usize) -> String {
    let title = quoted(&column.title);
    let mut text = format!("  subgraph cluster_{number} {{\n    label={title};\n");
    for (position, group) in column.groups.iter().enumerate() {
        match label(group) {
            Some(label) => {
                let _ = writeln!(text, "    subgraph cluster_{number}_{position} {{");
                let _ = writeln!(text, "      label={};", quoted(&label));
                text += &nodes(group.leaves.iter(), first, 6);
                text += "    }\n";
            }
            None => text += &nodes(group.leaves.iter(), first, 4),
        }
        first += group.leaves.len();
    }
    text + "  }\n"
}

fn label(group: &Group) -> Option<String> {
    let title = group.title.as_ref()?;
    Some(match group.repeats {
        1 => title.clone(),
        repeats => format!("{title}, x{repeats}"),
    })
}

fn nodes<'a>(leaves: impl Iterator<Item = &'a Leaf>, first: usize, indent: usize) -> String {
    let mut text = String::new();
    for (number, leaf) in (first..).zip(leaves) {
        let lines: Vec<String> = leaf.lines.iter().map(|line| quoted_line(line)).collect();
        let fill = leaf.role.colour(Theme::Light);
        let _ = writeln!(
            text,
            "{:indent$}n{number} [label=\"{}\", tooltip={}, fillcolor=\"{fill}\"];",
            "",
            lines.join("\\n"),
            quoted(&leaf.name)
        );
    }
    text
}

fn edge(edge: &Edge, leaves: &[&Leaf]) -> String {
    let shape = leaves.get(edge.from).map(|leaf| leaf.output.to_string());
    let role = match edge.kind {
        EdgeKind::Flow => Role::Flow,
        EdgeKind::Skip => Role::Skip,
        EdgeKind::Bypass => Role::Bypass,
    };
    // What runs beside the boxes does not order them.
    let free = match edge.kind {
        EdgeKind::Flow => "",
        EdgeKind::Skip | EdgeKind::Bypass => ", constraint=false",
    };
    format!(
        "  n{} -> n{} [label={}, color=\"{}\"{free}];\n",
        edge.from,
        edge.to,
        quoted(&shape.unwrap_or_default()),
        role.colour(Theme::Light)
    )
}

/// A quoted identifier.
fn quoted(text: &str) -> String {
    format!("\"{}\"", quoted_line(text))
}

/// Text as it may stand in quotes; a backslash would begin an escape.
fn quoted_line(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
