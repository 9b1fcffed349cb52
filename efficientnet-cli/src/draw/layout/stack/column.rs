//! One column.

use super::super::lanes::{self, Detour};
use super::super::{
    INSET, RADIUS, line, lines, lines_height, lines_width, part, rectangle, spoken,
};
use super::ABOVE;
use crate::draw::colour::Role;
use crate::draw::diagram::{Column, Edge, EdgeKind, Extents, Group, Leaf};
use crate::draw::scene::{Area, Element, PartKind, Style, Text};

/// Between two boxes: an arrow, and the shape of what takes it.
const GAP: f64 = 28.0;
/// From a header to the first box.
const FIRST: f64 = 18.0;
/// Where a detour leaves the flow, from the beginning of a gap on.
const BRANCH: f64 = 6.0;
/// Between frames, and from a frame to its boxes.
const PAD: f64 = 10.0;
/// The title of a frame, and the sign that says whether it is folded.
const HEADER: f64 = 26.0;
const SIGN: f64 = 20.0;
/// A detour.
const LANE: f64 = 14.0;

/// A column with its place.
pub(super) struct Placed {
    pub(super) area: Area,
    /// Where the flow runs.
    pub(super) centre: f64,
    /// Its height when only the header is there.
    pub(super) folded: f64,
    pub(super) elements: Vec<Element>,
}

/// What all groups of a column share, so that their boxes stand in line.
pub(super) struct Measures {
    /// Number of the first box, and of the one behind the last.
    first: usize,
    pub(super) end: usize,
    /// Detours of each group.
    detours: Vec<Vec<Detour>>,
    /// Width of the boxes.
    boxes: f64,
    /// Width of the lanes to their left and right.
    left: f64,
    right: f64,
}

impl Measures {
    pub(super) fn of(column: &Column, edges: &[Edge], first: usize) -> Self {
        let mut end = first;
        let mut detours = Vec::new();
        for group in &column.groups {
            let begin = end;
            end += group.leaves.len();
            detours.push(lanes::detours(edges, begin, end));
        }
        let lane = |kind| {
            let counts = detours.iter().map(|detours| lanes::count(detours, kind));
            counts.max().unwrap_or(0) as f64 * LANE
        };
        let (left, right) = (lane(EdgeKind::Skip), lane(EdgeKind::Bypass));
        let title = |group: &Group| Style::HEADING.width(&heading(group)) + SIGN + 2.0 * INSET;
        let titles = column.groups.iter().map(title).fold(0.0, f64::max);
        let own = Style::HEADING.width(&column.title) + SIGN + 2.0 * INSET;
        let leaves = column.groups.iter().flat_map(|group| &group.leaves);
        let boxes = leaves.map(needed).fold(0.0, f64::max);
        let boxes = boxes
            .max(titles - left - right - 2.0 * PAD)
            .max(own - left - right);
        Self {
            first,
            end,
            detours,
            // Even, so that the flow runs on whole pixels.
            boxes: (boxes / 2.0).ceil() * 2.0,
            left,
            right,
        }
    }

    /// Width of a group.
    fn group(&self) -> f64 {
        self.left + self.boxes + self.right + 2.0 * PAD
    }
}

/// Width of a box: its lines, and the shape beside the arrow below it.
fn needed(leaf: &Leaf) -> f64 {
    let shape = Style::LABEL.width(&leaf.output.to_string()) + 10.0;
    (lines_width(&leaf.lines) + 2.0 * INSET).max(2.0 * shape)
}

/// Such as `2b to 2d (kind 3), x3`.
fn heading(group: &Group) -> String {
    let title = group.title.clone().unwrap_or_default();
    match group.repeats {
        1 => title,
        repeats => format!("{title}, x{repeats}"),
    }
}

pub(super) fn place(column: &Column, measures: &Measures, (x, y): (f64, f64)) -> Placed {
    let width = measures.group() + 2.0 * PAD;
    let centre = x + 2.0 * PAD + measures.left + measures.boxes / 2.0;
    let mut inside = Vec::new();
    let mut top = y + HEADER;
    let mut first = measures.first;
    let mut before: Option<&Leaf> = None;
    for (group, detours) in column.groups.iter().zip(&measures.detours) {
        let gap = if before.is_some() { GAP } else { FIRST };
        let shape = before.map(|leaf| leaf.output.to_string());
        inside.push(part(PartKind::Between, arrow(centre, top, gap, shape)));
        let corner = (x + PAD, top + gap);
        let (element, bottom) = self::group(group, first, detours, measures, corner);
        inside.push(element);
        (top, first) = (bottom, first + group.leaves.len());
        before = group.leaves.last();
    }
    let way = vec![(centre, top), (centre, top + PAD)];
    inside.push(part(PartKind::Between, vec![line(way, Role::Flow, false)]));
    let area = Area {
        x,
        y,
        width,
        height: top + PAD - y,
    };
    let leaves = measures.end - measures.first;
    let label = format!("{}, {leaves} boxes", column.title);
    let mut elements = frame(area, Role::Column);
    elements.push(header(&column.title, label, area, 1));
    elements.push(part(PartKind::Body, inside));
    Placed {
        area,
        centre,
        folded: HEADER,
        elements,
    }
}

/// The shape that flows into a column, above it.
pub(super) fn shape_above(shape: &Extents, centre: f64) -> Element {
    let (text, x) = (shape.to_string(), centre + 8.0);
    let within = Area {
        x,
        y: 8.0,
        width: Style::LABEL.width(&text),
        height: ABOVE - 10.0,
    };
    let at = (x, within.y + 14.0);
    Element::Text(Text::left(&text, at, Style::LABEL, within))
}

fn frame(area: Area, fill: Role) -> Vec<Element> {
    let mut shape = rectangle(area, RADIUS + 2.0, fill);
    shape.outline = Some(Role::Flow);
    vec![Element::Rectangle(shape)]
}

fn header(title: &str, label: String, area: Area, level: usize) -> Element {
    let area = Area {
        height: HEADER,
        ..area
    };
    let at = (area.x + SIGN, area.y + 18.0);
    let text = Text::left(title, at, Style::HEADING, area);
    let mut bar = rectangle(area, RADIUS + 2.0, Role::Plain);
    bar.outline = Some(Role::Flow);
    let kind = PartKind::Header { level, label };
    part(kind, vec![Element::Rectangle(bar), Element::Text(text)])
}

/// An arrow down, and the shape of what takes it.
fn arrow(x: f64, top: f64, gap: f64, shape: Option<String>) -> Vec<Element> {
    let mut elements = vec![line(vec![(x, top), (x, top + gap)], Role::Flow, true)];
    elements.extend(shape.map(|shape| {
        let within = Area {
            x: x + 8.0,
            y: top + BRANCH + 2.0,
            width: Style::LABEL.width(&shape),
            height: gap - BRANCH - 4.0,
        };
        let at = (within.x, within.y + 11.0);
        Element::Text(Text::left(&shape, at, Style::LABEL, within))
    }));
    elements
}

/// A group whose first box is the `first`th, and where it ends.
fn group(
    group: &Group,
    first: usize,
    detours: &[Detour],
    measures: &Measures,
    (x, y): (f64, f64),
) -> (Element, f64) {
    let Some(title) = &group.title else {
        let boxes = boxes(group, first, detours, measures, (x, y), 0.0);
        return (part(PartKind::Body, boxes.0), boxes.1);
    };
    let (mut inside, bottom) = boxes(group, first, detours, measures, (x, y + HEADER), FIRST);
    let centre = x + PAD + measures.left + measures.boxes / 2.0;
    inside.push(line(
        vec![(centre, bottom), (centre, bottom + PAD)],
        Role::Flow,
        false,
    ));
    let area = Area {
        x,
        y,
        width: measures.group(),
        height: bottom + PAD - y,
    };
    let mut elements = frame(area, Role::Group);
    let label = format!("sub-block {title}, {} boxes", group.leaves.len());
    elements.push(header(&heading(group), label, area, 2));
    elements.push(part(PartKind::Body, inside));
    let kind = PartKind::Section {
        level: 2,
        height: area.height,
        folded: HEADER,
    };
    (part(kind, elements), area.bottom())
}

/// The boxes of a group and its edges, the first box `gap` below the top; and where the last one ends.
fn boxes(
    group: &Group,
    first: usize,
    detours: &[Detour],
    measures: &Measures,
    (x, y): (f64, f64),
    gap: f64,
) -> (Vec<Element>, f64) {
    let left = x + PAD + measures.left;
    let centre = left + measures.boxes / 2.0;
    let level = if group.title.is_some() { 3 } else { 2 };
    let mut elements = Vec::new();
    // Where the gap above each box begins, and the box.
    let mut places: Vec<(f64, Area)> = Vec::new();
    let (mut top, mut gap) = (y, gap);
    let mut shape = None;
    for (number, leaf) in group.leaves.iter().enumerate() {
        let area = Area {
            x: left,
            y: top + gap,
            width: measures.boxes,
            height: lines_height(&leaf.lines),
        };
        if gap > 0.0 {
            elements.extend(arrow(centre, top, gap, shape));
        }
        elements.push(leaf_part(leaf, first + number, level, area));
        places.push((top, area));
        shape = Some(leaf.output.to_string());
        (top, gap) = (area.bottom(), GAP);
    }
    elements.extend(detours.iter().filter_map(|detour| {
        let (from, _) = places.get(detour.leaves - first)?;
        let (_, to) = places.get(detour.ends - first)?;
        Some(detour_line(detour, centre, *from, *to))
    }));
    (elements, top)
}

fn leaf_part(leaf: &Leaf, index: usize, level: usize, area: Area) -> Element {
    let mut shape = rectangle(area, RADIUS, leaf.role);
    shape.outline = Some(Role::Flow);
    let mut elements = vec![Element::Rectangle(shape)];
    elements.extend(lines(&leaf.lines, area));
    let label = spoken(leaf);
    part(
        PartKind::Leaf {
            index,
            level,
            label,
        },
        elements,
    )
}

/// From the flow above one box, beside the boxes, into another.
fn detour_line(detour: &Detour, centre: f64, from: f64, to: Area) -> Element {
    let distance = (detour.lane as f64 + 1.0) * LANE - 4.0;
    let (side, lane, role) = match detour.kind {
        EdgeKind::Skip => (to.x, to.x - distance, Role::Skip),
        EdgeKind::Flow | EdgeKind::Bypass => (to.right(), to.right() + distance, Role::Bypass),
    };
    let (begin, end) = (from + BRANCH, to.y + (to.height / 2.0).round());
    let points = vec![(centre, begin), (lane, begin), (lane, end), (side, end)];
    line(points, role, true)
}
