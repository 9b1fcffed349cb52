//! A page: a box a block, one below the other, its sub-blocks in it, the size of its maps beside it.

use super::{
    Content, INSET, RADIUS, line, lines, lines_height, lines_width, part, rectangle, spoken,
};
use crate::draw::colour::Role;
use crate::draw::diagram::{Chip, Diagram, Extents, Leaf};
use crate::draw::scene::{Area, Element, PartKind, Style, Text};

/// Between two boxes: an arrow, and the shape of what takes it.
const GAP: f64 = 28.0;
/// A sub-block.
const CHIP: (f64, f64) = (36.0, 22.0);
/// From one sub-block to the next; above each runs its shortcut.
const STEP: (f64, f64) = (48.0, 38.0);
/// Sub-blocks in a row at most.
const ROW: usize = 7;
/// Side of the largest map, as it is drawn.
const MAP: f64 = 72.0;

/// Widths that all rows share.
struct Widths {
    /// Of the lines of a box, with a margin on both sides.
    text: f64,
    /// Of the box.
    frame: f64,
    /// Rows of the largest map.
    rows: usize,
}

pub(super) fn place(diagram: &Diagram) -> Content {
    let leaves: Vec<&Leaf> = diagram.leaves().collect();
    let longest = leaves.iter().map(|leaf| lines_width(&leaf.lines));
    let text = longest.fold(0.0, f64::max) + 2.0 * INSET;
    let chips = leaves.iter().map(|leaf| leaf.chips.len().min(ROW));
    let chips = chips.max().unwrap_or(0) as f64 * STEP.0;
    let outputs = leaves.iter().map(|leaf| &leaf.output);
    let shapes = diagram.input.iter().chain(outputs);
    let rows = shapes.filter_map(Extents::rows);
    let widths = Widths {
        text,
        frame: text + chips + INSET,
        rows: rows.max().unwrap_or(1),
    };
    let mut elements = Vec::new();
    let mut top = 0.0;
    let mut before = None;
    if let Some(input) = &diagram.input {
        elements.extend(arrow(input, top, widths.frame));
        (top, before) = (GAP, input.rows());
    }
    for (index, leaf) in leaves.iter().enumerate() {
        let area = Area {
            x: 0.0,
            y: top,
            width: widths.frame,
            height: height(leaf),
        };
        let mut inside = block(leaf, area, &widths);
        inside.extend(maps(before, leaf.output.rows(), area, &widths));
        let label = spoken(leaf);
        let level = 1;
        elements.push(part(
            PartKind::Leaf {
                index,
                level,
                label,
            },
            inside,
        ));
        elements.extend(arrow(&leaf.output, area.bottom(), widths.frame));
        before = leaf.output.rows();
        top = area.bottom() + GAP;
    }
    Content {
        elements,
        width: widths.frame + 2.0 * INSET + MAP,
        height: top,
    }
}

fn height(leaf: &Leaf) -> f64 {
    let chips = leaf.chips.len().div_ceil(ROW) as f64 * STEP.1;
    lines_height(&leaf.lines).max(chips + 10.0).max(MAP)
}

/// The box of a block: its lines, and its sub-blocks.
fn block(leaf: &Leaf, area: Area, widths: &Widths) -> Vec<Element> {
    let mut frame = rectangle(area, RADIUS, leaf.role);
    frame.outline = Some(Role::Flow);
    let mut elements = vec![Element::Rectangle(frame)];
    let within = Area {
        width: widths.text,
        y: area.y + ((area.height - lines_height(&leaf.lines)) / 2.0).floor(),
        height: lines_height(&leaf.lines),
        ..area
    };
    elements.extend(lines(&leaf.lines, within));
    let rows = leaf.chips.len().div_ceil(ROW) as f64;
    let top = area.y + ((area.height - rows * STEP.1) / 2.0).floor();
    for (number, chip) in leaf.chips.iter().enumerate() {
        let (column, row) = ((number % ROW) as f64, (number / ROW) as f64);
        let place = Area {
            x: widths.text + (STEP.0 - CHIP.0) / 2.0 + column * STEP.0,
            y: top + row * STEP.1 + (STEP.1 - CHIP.1) - 2.0,
            width: CHIP.0,
            height: CHIP.1,
        };
        elements.extend(sub_block(chip, place));
    }
    elements
}

/// A sub-block on the line that the maps take, and its shortcut above it.
fn sub_block(chip: &Chip, area: Area) -> Vec<Element> {
    let mut shape = rectangle(area, 4.0, chip.role);
    shape.outline = Some(Role::Flow);
    let style = Style::LABEL;
    let style = Style {
        role: Role::Ink,
        ..style
    };
    let at = (area.middle(), area.y + 15.0);
    let middle = area.y + area.height / 2.0;
    let half = (STEP.0 - CHIP.0) / 2.0;
    let way = vec![(area.x - half, middle), (area.right() + half, middle)];
    let mut elements = vec![
        line(way, Role::Flow, false),
        Element::Rectangle(shape),
        Element::Text(Text::centred(&chip.label, at, style, area)),
    ];
    if chip.has_shortcut {
        let (left, right) = (area.x - half + 2.0, area.right() + half - 2.0);
        let above = area.y - 9.0;
        let points = vec![
            (left, middle),
            (left, above),
            (right, above),
            (right, middle),
        ];
        elements.push(line(points, Role::Skip, false));
    }
    elements
}

/// The map that a block makes, and around it the one that it reads, where that is larger.
fn maps(before: Option<usize>, after: Option<usize>, area: Area, widths: &Widths) -> Vec<Element> {
    let middle = (
        area.right() + 2.0 * INSET + MAP / 2.0,
        area.y + area.height / 2.0,
    );
    let square = |rows: usize| {
        // Areas would leave nothing to see of the last maps.
        let side = MAP * (rows as f64 / widths.rows as f64).sqrt();
        Area {
            x: middle.0 - side / 2.0,
            y: middle.1 - side / 2.0,
            width: side,
            height: side,
        }
    };
    let mut elements = Vec::new();
    if let Some(before) = before.filter(|before| Some(*before) > after) {
        let mut shape = rectangle(square(before), 2.0, Role::Page);
        shape.outline = Some(Role::Flow);
        elements.push(Element::Rectangle(shape));
    }
    if let Some(after) = after {
        let mut shape = rectangle(square(after), 2.0, Role::Group);
        shape.outline = Some(Role::Ink);
        elements.push(Element::Rectangle(shape));
    }
    elements
}

/// An arrow from `top` down, and the shape of what takes it.
fn arrow(shape: &Extents, top: f64, width: f64) -> [Element; 2] {
    let x = 48.0;
    let within = Area {
        x,
        y: top,
        width: width - x,
        height: GAP,
    };
    let at = (x + 10.0, top + 18.0);
    let text = shape.to_string();
    [
        line(vec![(x, top), (x, top + GAP)], Role::Flow, true),
        Element::Text(Text::left(&text, at, Style::LABEL, within)),
    ]
}
