//! Columns side by side: a block each, its sub-blocks one below the other, their boxes in them.

mod column;

use super::{Content, line, part};
use crate::draw::colour::Role;
use crate::draw::diagram::{Column, Diagram};
use crate::draw::scene::{Element, Line, PartKind};
use column::{Measures, Placed};

/// Between two columns; what flows from one to the next runs there.
const GUTTER: f64 = 44.0;
/// Above the columns: the last piece of that way, and the shape of what flows there.
const ABOVE: f64 = 34.0;
/// Below them: its first piece.
const BELOW: f64 = 14.0;
/// The way out of the last column.
const OUT: f64 = 22.0;

/// Room above and below the columns: one column that nothing is said to flow into needs little.
fn room(diagram: &Diagram) -> (f64, f64) {
    match (&diagram.columns[..], &diagram.input) {
        ([_], None) => (2.0, OUT + 2.0),
        _ => (ABOVE, BELOW + 30.0),
    }
}

pub(super) fn place(diagram: &Diagram) -> Content {
    let (above, below) = room(diagram);
    let mut x = 0.0;
    let mut first = 0;
    let mut columns: Vec<(&Column, Placed)> = Vec::new();
    for column in &diagram.columns {
        let measures = Measures::of(column, &diagram.edges, first);
        let placed = column::place(column, &measures, (x, above));
        x = placed.area.right() + GUTTER;
        first = measures.end;
        columns.push((column, placed));
    }
    let lowest = columns.iter().map(|(_, placed)| placed.area.bottom());
    let height = lowest.fold(0.0, f64::max) + below;
    let entries: Vec<f64> = columns.iter().map(|(_, placed)| placed.centre).collect();
    let mut elements = Vec::new();
    if let (Some(input), Some(entry)) = (&diagram.input, entries.first()) {
        let way = vec![(*entry, 6.0), (*entry, ABOVE)];
        elements.push(line(way, Role::Flow, true));
        elements.push(column::shape_above(input, *entry));
    }
    for (number, (column, placed)) in columns.into_iter().enumerate() {
        let way = match entries.get(number + 1) {
            Some(next) => crossing(&placed, *next),
            None => vec![
                (placed.centre, placed.area.bottom()),
                (placed.centre, placed.area.bottom() + OUT),
            ],
        };
        let kind = PartKind::Section {
            level: 1,
            height: placed.area.height,
            folded: placed.folded,
        };
        let mut inside = placed.elements;
        inside.push(Element::Line(Line {
            points: way,
            role: Role::Flow,
            is_arrow: true,
            follows: true,
        }));
        elements.push(part(kind, inside));
        let last = column.groups.last().and_then(|group| group.leaves.last());
        if let (Some(leaf), Some(next)) = (last, entries.get(number + 1)) {
            elements.push(column::shape_above(&leaf.output, *next));
        }
    }
    Content {
        elements,
        width: x - GUTTER,
        height,
    }
}

/// From the bottom of a column to the top of the next.
fn crossing(placed: &Placed, next: f64) -> Vec<(f64, f64)> {
    let (bottom, gutter) = (placed.area.bottom(), placed.area.right() + GUTTER / 2.0);
    vec![
        (placed.centre, bottom),
        (placed.centre, bottom + BELOW),
        (gutter, bottom + BELOW),
        (gutter, 6.0),
        (next, 6.0),
        (next, ABOVE),
    ]
}
