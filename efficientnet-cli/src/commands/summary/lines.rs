//! The view of layers as a table that fits a width.

use std::io::{self, Write};

use crate::arguments::Column;
use crate::text::{self, GAP, grouped, scaled, shorten};

use super::node::{Layer, Node, What};

/// Columns unless others are asked for.
pub(super) const COLUMNS: [Column; 5] = [
    Column::Name,
    Column::Type,
    Column::Output,
    Column::Parameters,
    Column::Macs,
];

/// Characters that are left of a text that has to be shortened.
const LEAST: usize = 8;

/// One line: a node, and what stands before its name.
pub(super) struct Line<'a> {
    guide: String,
    name: &'a str,
    node: &'a Node,
}

/// A line a node, under their full names.
pub(super) fn flat(nodes: &[Node]) -> Vec<Line<'_>> {
    let lines = nodes.iter().map(|node| Line {
        guide: String::new(),
        name: &node.name,
        node,
    });
    lines.collect()
}

/// A line a node and each below it, down to `depth` levels below the first.
pub(super) fn tree(nodes: &[Node], depth: usize) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for node in nodes {
        branch(node, String::new(), "", depth, &mut lines);
    }
    lines
}

/// The lines of a node; `below` stands before the guides of those below it.
fn branch<'a>(node: &'a Node, guide: String, below: &str, depth: usize, lines: &mut Vec<Line<'a>>) {
    let name = &node.short;
    lines.push(Line { guide, name, node });
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    for (index, child) in node.children.iter().enumerate() {
        let (own, inner) = match index + 1 == node.children.len() {
            true => ("\u{2514}\u{2500} ", "   "),
            false => ("\u{251c}\u{2500} ", "\u{2502}  "),
        };
        let (guide, inner) = (format!("{below}{own}"), format!("{below}{inner}"));
        branch(child, guide, &inner, depth, lines);
    }
}

impl Column {
    fn header(self) -> &'static str {
        match self {
            Column::Name => "layer",
            Column::Type => "type",
            Column::Output => "output",
            Column::Parameters => "parameters",
            Column::Macs => "MACs",
            Column::Kernel => "kernel",
            Column::Memory => "memory",
            Column::Inputs => "inputs",
        }
    }

    fn is_number(self) -> bool {
        matches!(self, Column::Parameters | Column::Macs | Column::Memory)
    }

    fn can_shrink(self) -> bool {
        matches!(self, Column::Name | Column::Type | Column::Inputs)
    }

    /// What a line says, shortened to `width` characters where the column can.
    fn cell(self, line: &Line<'_>, width: usize) -> String {
        let (node, sums) = (line.node, line.node.sums);
        let layer = match &node.what {
            What::Layer(layer) => Some(layer),
            What::Group(_) => None,
        };
        match self {
            Column::Name => {
                let guide = line.guide.chars().count();
                line.guide.clone() + &shorten(line.name, width.saturating_sub(guide))
            }
            Column::Type => match &node.what {
                What::Layer(layer) => shorten(layer.kind, width),
                What::Group(kind) => shorten(&group(kind, sums.layers), width),
            },
            Column::Output => node.output.to_string(),
            Column::Parameters => grouped(sums.parameters),
            Column::Macs => scaled(sums.macs),
            Column::Kernel => layer
                .and_then(|layer| layer.window)
                .map_or_else(String::new, |(kernel, stride)| {
                    format!("{kernel}x{kernel}/{stride}")
                }),
            Column::Memory => format!("{}B", scaled(sums.memory)),
            Column::Inputs => layer.map_or_else(String::new, |layer| inputs(layer, width)),
        }
    }

    /// Characters of the column at least.
    fn least(self, lines: &[Line<'_>], natural: usize) -> usize {
        let guides = lines.iter().map(|line| line.guide.chars().count());
        match self {
            _ if !self.can_shrink() => natural,
            Column::Name => natural.min(guides.max().unwrap_or(0) + LEAST),
            _ => natural.min(LEAST),
        }
    }
}

/// The kind of a sub-block, and the number of layers: what else a group is, its name says.
fn group(kind: &str, layers: usize) -> String {
    let plural = if layers == 1 { "" } else { "s" };
    let layers = format!("{} layer{plural}", grouped(layers as u64));
    match kind.strip_prefix("sub-block ") {
        Some(number) => format!("kind {number}, {layers}"),
        None => layers,
    }
}

/// Names with commas between, one below the other where they do not fit a line.
fn inputs(layer: &Layer, width: usize) -> String {
    let line = layer.inputs.join(", ");
    if line.len() <= width {
        return line;
    }
    let last = layer.inputs.len().saturating_sub(1);
    let names = layer.inputs.iter().enumerate();
    let names = names.map(|(index, name)| match index == last {
        true => shorten(name, width),
        false => shorten(name, width.saturating_sub(1)) + ",",
    });
    names.collect::<Vec<_>>().join("\n")
}

/// The widths of the columns within `width` characters, the widest text shortened first; or, where
/// they cannot be shortened enough, as narrow as they can be.
fn widths(columns: &[Column], lines: &[Line<'_>], width: usize) -> Vec<usize> {
    let natural = |column: &Column| {
        let cells = lines.iter().map(|line| column.cell(line, usize::MAX));
        let widest = cells.map(|cell| cell.chars().count()).max();
        widest.unwrap_or(0).max(column.header().len())
    };
    let mut widths: Vec<usize> = columns.iter().map(natural).collect();
    let shrunk = columns.iter().zip(&widths);
    let least: Vec<usize> = shrunk
        .map(|(column, &natural)| column.least(lines, natural))
        .collect();
    while taken(&widths) > width {
        let columns = widths.iter_mut().zip(&least);
        let shrinkable = columns.filter(|(width, least)| **width > **least);
        match shrinkable.max_by_key(|(width, _)| **width) {
            Some((widest, _)) => *widest -= 1,
            None => break,
        }
    }
    widths
}

/// Characters of a line.
fn taken(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + usize::from(GAP) * widths.len().saturating_sub(1)
}

/// Characters that the columns take at least.
pub(super) fn least(columns: &[Column], lines: &[Line<'_>]) -> usize {
    taken(&widths(columns, lines, 0))
}

/// Writes the lines, none longer than `width` unless it is less than [`least`].
pub(super) fn write(
    out: &mut impl Write,
    columns: &[Column],
    lines: &[Line<'_>],
    width: usize,
) -> io::Result<()> {
    let widths = widths(columns, lines, width);
    let mut table = text::rows();
    table.set_header(columns.iter().map(|column| column.header()));
    for line in lines {
        let cells = columns.iter().zip(&widths);
        table.add_row(cells.map(|(column, &width)| column.cell(line, width)));
    }
    let numbers = (0..columns.len()).filter(|&index| columns[index].is_number());
    text::write_table(out, table, numbers)
}

#[cfg(test)]
mod tests {
    use efficientnet::spec::{LayerGraph, Options, Spec, Top, bundled};

    use super::super::node;
    use super::*;

    #[test]
    fn the_widest_text_is_shortened_first_and_numbers_never() {
        let spec = Spec::parse(bundled("efficientnet").unwrap(), "efficientnet").unwrap();
        let architecture = spec.architecture("b0", &Options::default()).unwrap();
        let graph = LayerGraph::build(&architecture, Top::With).unwrap();
        let nodes = node::layers(&graph);
        let lines = flat(&nodes);
        let columns = [Column::Name, Column::Type, Column::Parameters];
        let natural = vec![25, 22, 10];
        assert_eq!(widths(&columns, &lines, usize::MAX), natural);
        assert_eq!(widths(&columns, &lines, 61), natural);
        assert_eq!(widths(&columns, &lines, 58), [22, 22, 10]);
        assert_eq!(widths(&columns, &lines, 50), [18, 18, 10]);
        assert_eq!(widths(&columns, &lines, 10), [LEAST, LEAST, 10]);
        assert_eq!(
            least(&columns, &lines),
            2 * LEAST + 10 + 2 * usize::from(GAP)
        );
    }
}
