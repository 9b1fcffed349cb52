//! Places for boxes and edges: a diagram becomes a scene.

mod lanes;
mod overview;
mod page;
mod side_by_side;
mod stack;

use super::diagram::{Diagram, Leaf};
use super::scene::{Area, Element, Line, Part, PartKind, Rectangle, Scene, Style, Text};

pub(crate) use side_by_side::layout_side_by_side;

/// Between the letters of a box and its edge.
const INSET: f64 = 10.0;
/// From one line of text to the next.
const LINE: f64 = 16.0;
/// Corners of boxes.
const RADIUS: f64 = 5.0;

/// Places everything so that no two texts meet, each in a box that is wide enough for it.
pub(crate) fn layout(diagram: &Diagram) -> Scene {
    let content = match diagram.is_overview {
        true => overview::place(diagram),
        false => stack::place(diagram),
    };
    page::page(diagram, content)
}

/// The columns of a diagram without title and legend, for pages that have their own.
pub(crate) fn figure(diagram: &Diagram) -> Scene {
    page::bare(diagram, stack::place(diagram))
}

/// Elements with their top left corner at the origin.
struct Content {
    elements: Vec<Element>,
    width: f64,
    height: f64,
}

/// Style of a line in a box.
fn style(line: usize) -> Style {
    match line {
        0 => Style::HEADING,
        _ => Style::BODY,
    }
}

/// Width of the longest of some lines.
fn lines_width(lines: &[String]) -> f64 {
    let widths = lines.iter().enumerate();
    widths
        .map(|(number, line)| style(number).width(line))
        .fold(0.0, f64::max)
}

/// Height of a box of so many lines.
fn lines_height(lines: &[String]) -> f64 {
    lines.len() as f64 * LINE + 10.0
}

/// The lines of a box, from its left upper corner on.
fn lines(lines: &[String], area: Area) -> impl Iterator<Item = Element> {
    lines.iter().enumerate().map(move |(number, line)| {
        let style = style(number);
        let y = style.baseline(area.y + 6.0 + LINE * number as f64);
        Element::Text(Text::left(line, (area.x + INSET, y), style, area))
    })
}

/// What a leaf is called when it is read aloud.
fn spoken(leaf: &Leaf) -> String {
    let mut parts = vec![leaf.name.clone()];
    let lines = leaf.lines.iter().filter(|line| **line != leaf.name);
    parts.extend(lines.cloned());
    parts.push(format!("output {}", leaf.output));
    parts.join(", ")
}

fn part(kind: PartKind, elements: Vec<Element>) -> Element {
    Element::Part(Part { kind, elements })
}

fn rectangle(area: Area, radius: f64, fill: super::colour::Role) -> Rectangle {
    Rectangle {
        area,
        radius,
        fill,
        outline: None,
    }
}

/// A line that does not move.
fn line(points: Vec<(f64, f64)>, role: super::colour::Role, is_arrow: bool) -> Element {
    Element::Line(Line {
        points,
        role,
        is_arrow,
        follows: false,
    })
}
