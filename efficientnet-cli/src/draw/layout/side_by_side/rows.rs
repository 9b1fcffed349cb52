//! The rows: a stage of both variants each, and what flows from one to the next.

use super::{MARK, Measures, Outwards, SPACE, emphasis, figure, sign, width, wrapped};
use crate::draw::colour::Role;
use crate::draw::layout::{INSET, LINE, RADIUS, line, part, rectangle, spoken};
use crate::draw::scene::{Area, Element, PartKind, Style, Text};
use crate::draw::side_by_side::{Row, Side, SideBySide};

/// Between two rows: an arrow, and the shape of what takes it.
const GAP: f64 = 26.0;

/// All rows and what flows between them; gives where they end.
pub(super) fn place(
    elements: &mut Vec<Element>,
    picture: &SideBySide,
    measures: &Measures,
    mut top: f64,
) -> f64 {
    // Where what flows begins on each side, and its shape.
    let mut flows: [Option<(f64, String)>; 2] = [None, None];
    let mut boxes = 0;
    for row in &picture.rows {
        let verdict = verdict(row, measures);
        let height = height(row, &verdict);
        for (index, side) in row.sides.iter().enumerate() {
            let Some(side) = side else { continue };
            let outwards = measures.side(index);
            if let Some((from, shape)) = &flows[index] {
                elements.extend(flow(outwards, *from, top, shape));
            }
            let area = outwards.area(0.0, measures.frame(), top, height);
            let other = row.sides[1 - index].as_ref();
            let inside = stage(side, other, measures, outwards, area);
            let kind = PartKind::Leaf {
                index: boxes,
                level: 1,
                label: read_aloud(side, row),
            };
            elements.push(part(kind, inside));
            boxes += 1;
            flows[index] = Some((area.bottom(), side.leaf.output.to_string()));
        }
        let area = measures.between(top, height);
        elements.extend(middle(row, verdict, area));
        top += height + GAP;
    }
    for (index, way) in flows.into_iter().enumerate() {
        if let Some((from, shape)) = way {
            elements.extend(flow(measures.side(index), from, top, &shape));
        }
    }
    top
}

/// What a box says, and what of it differs.
fn read_aloud(side: &Side, row: &Row) -> String {
    let words = match row.different.is_empty() {
        true => "the same".to_owned(),
        false => format!("differs: {}", row.different.join(", ")),
    };
    format!("{}; {words}", spoken(&side.leaf))
}

fn height(row: &Row, verdict: &[String]) -> f64 {
    let sides = row.sides.iter().flatten();
    let heights = sides.map(|side| {
        let lines = side.lines.len() as f64 * LINE;
        lines.max(figure::height(side.figure))
    });
    let middle = (1 + verdict.len()) as f64 * LINE;
    heights.fold(middle, f64::max) + 2.0 * INSET
}

/// A box: its mark, its lines, its figure.
fn stage(
    side: &Side,
    other: Option<&Side>,
    measures: &Measures,
    outwards: Outwards,
    area: Area,
) -> Vec<Element> {
    let differs = side.lines.iter().flatten().any(|phrase| phrase.differs);
    let mut frame = rectangle(area, RADIUS, Role::Column);
    frame.outline = differs.then_some(Role::Differs);
    let mut elements = vec![Element::Rectangle(frame)];
    if differs {
        let mark = outwards.area(0.0, MARK, area.y, area.height);
        elements.push(Element::Rectangle(rectangle(mark, 2.0, Role::Differs)));
    }
    for (number, phrases) in side.lines.iter().enumerate() {
        let y = area.y + INSET + number as f64 * LINE;
        let within = outwards.area(MARK + INSET, measures.text, y, LINE);
        let mut x = match outwards.is_left {
            true => within.right() - width(phrases),
            false => within.x,
        };
        for phrase in phrases {
            let style = emphasis(phrase.differs);
            let at = (x, style.baseline(y + 2.0));
            elements.push(Element::Text(Text::left(&phrase.text, at, style, within)));
            x += style.width(&phrase.text) + SPACE;
        }
    }
    let from = MARK + measures.text + 2.0 * INSET;
    let other = other.map(|other| other.figure);
    let begin = (from, area.y + INSET);
    elements.extend(figure::draw(
        side.figure,
        other,
        &measures.scales,
        outwards,
        begin,
    ));
    elements
}

/// What differs in a row, in lines that fit into the middle.
fn verdict(row: &Row, measures: &Measures) -> Vec<String> {
    let differs = !row.different.is_empty();
    let words = match differs {
        true => row.different.join(", "),
        false => "the same".to_owned(),
    };
    let text = format!("{} {words}", sign(differs));
    let style = emphasis(differs);
    wrapped(&text, style, measures.middle - 2.0 * INSET)
}

/// The name of a stage, and what differs in it.
fn middle(row: &Row, verdict: Vec<String>, area: Area) -> Vec<Element> {
    let style = emphasis(!row.different.is_empty());
    let lines = std::iter::once((row.title.clone(), Style::HEADING));
    let lines = lines.chain(verdict.into_iter().map(|line| (line, style)));
    let text = |(number, (text, style)): (usize, (String, Style))| {
        let y = style.baseline(area.y + INSET + 1.0 + number as f64 * LINE);
        Element::Text(Text::centred(&text, (area.middle(), y), style, area))
    };
    lines.enumerate().map(text).collect()
}

/// An arrow down to the next box, and the shape of what takes it.
fn flow(outwards: Outwards, from: f64, to: f64, shape: &str) -> [Element; 2] {
    let x = outwards.area(MARK + 2.0 * INSET, 0.0, from, 0.0).x;
    let area = outwards.area(MARK + 3.0 * INSET, Style::LABEL.width(shape), from, GAP);
    [
        line(vec![(x, from), (x, to)], Role::Flow, true),
        outwards.text(shape, Style::LABEL, area, from + 17.0),
    ]
}
