//! Title, legend and margins around a picture.

use super::{Content, line, rectangle};
use crate::draw::colour::Role;
use crate::draw::diagram::{Diagram, EdgeKind};
use crate::draw::scene::{Area, Element, Scene, Style, Text};

/// Around everything.
pub(super) const MARGIN: f64 = 24.0;
/// Height of a row of the legend.
const ROW: f64 = 22.0;
/// Swatch of a legend, and the room to its text.
const SWATCH: f64 = 14.0;
/// Between two entries of a legend.
const SPACE: f64 = 24.0;
/// A page is at least as wide as a legend that is easily read.
const LEAST: f64 = 560.0;

pub(super) fn page(diagram: &Diagram, content: Content) -> Scene {
    let texts = [
        Style::TITLE.width(&diagram.title),
        Style::SUBTITLE.width(&diagram.subtitle),
    ];
    let width = [content.width, texts[0], texts[1], LEAST]
        .into_iter()
        .fold(0.0, f64::max);
    let mut elements = Vec::new();
    let below = title(&mut elements, &diagram.title, width);
    elements.push(subtitle(&diagram.subtitle, below, width));
    let (legend, top) = legend(&roles(diagram), width, below + 28.0);
    elements.extend(legend);
    let offset = (MARGIN + (width - content.width) / 2.0).floor();
    elements.extend(shifted(content.elements, offset, top + 12.0));
    Scene {
        title: diagram.title.clone(),
        description: diagram.subtitle.clone(),
        width: (width + 2.0 * MARGIN).ceil(),
        height: (top + 12.0 + content.height + MARGIN).ceil(),
        elements,
    }
}

/// With a narrow margin alone.
pub(super) fn bare(diagram: &Diagram, content: Content) -> Scene {
    const MARGIN: f64 = 4.0;
    Scene {
        title: diagram.title.clone(),
        description: diagram.subtitle.clone(),
        width: (content.width + 2.0 * MARGIN).ceil(),
        height: (content.height + 2.0 * MARGIN).ceil(),
        elements: shifted(content.elements, MARGIN, MARGIN),
    }
}

/// The title; gives where what follows may begin.
pub(super) fn title(elements: &mut Vec<Element>, title: &str, width: f64) -> f64 {
    let within = Area {
        x: MARGIN,
        y: MARGIN,
        width,
        height: 30.0,
    };
    let at = (MARGIN, MARGIN + 20.0);
    elements.push(Element::Text(Text::left(title, at, Style::TITLE, within)));
    within.bottom() + 2.0
}

fn subtitle(text: &str, top: f64, width: f64) -> Element {
    let within = Area {
        x: MARGIN,
        y: top,
        width,
        height: 20.0,
    };
    Element::Text(Text::left(
        text,
        (MARGIN, top + 12.0),
        Style::SUBTITLE,
        within,
    ))
}

/// What the legend of a diagram explains.
fn roles(diagram: &Diagram) -> Vec<Role> {
    let is_there = |kind| diagram.edges.iter().any(|edge| edge.kind == kind);
    let inside = diagram.leaves().flat_map(|leaf| &leaf.chips);
    let has_shortcut = inside.into_iter().any(|chip| chip.has_shortcut);
    let mut roles = diagram.roles();
    if is_there(EdgeKind::Skip) || has_shortcut {
        roles.push(Role::Skip);
    }
    if diagram.is_overview {
        roles.push(Role::Group);
    }
    if is_there(EdgeKind::Bypass) {
        roles.push(Role::Bypass);
    }
    roles
}

/// Swatches and their words, in rows; and where the last row ends.
pub(super) fn legend(roles: &[Role], width: f64, top: f64) -> (Vec<Element>, f64) {
    let (mut x, mut y) = (MARGIN, top);
    let mut elements = Vec::new();
    for &role in roles {
        let words = role.legend();
        let needed = SWATCH + 6.0 + Style::LABEL.width(&words);
        if x > MARGIN && x + needed > MARGIN + width {
            (x, y) = (MARGIN, y + ROW);
        }
        let swatch = Area {
            x,
            y: y + (ROW - SWATCH) / 2.0,
            width: SWATCH,
            height: SWATCH,
        };
        elements.push(entry(role, swatch));
        let within = Area {
            x,
            y,
            width: needed,
            height: ROW,
        };
        let at = (swatch.right() + 6.0, y + 15.0);
        elements.push(Element::Text(Text::left(&words, at, Style::LABEL, within)));
        x += needed + SPACE;
    }
    (elements, y + ROW)
}

fn entry(role: Role, swatch: Area) -> Element {
    match role {
        Role::Skip | Role::Bypass => {
            let middle = swatch.y + swatch.height / 2.0;
            line(
                vec![(swatch.x, middle), (swatch.right(), middle)],
                role,
                true,
            )
        }
        _ => {
            let mut shape = rectangle(swatch, 3.0, role);
            shape.outline = Some(Role::Flow);
            Element::Rectangle(shape)
        }
    }
}

fn shifted(elements: Vec<Element>, x: f64, y: f64) -> Vec<Element> {
    let shift = |element| match element {
        Element::Rectangle(mut shape) => {
            shape.area = moved(shape.area, x, y);
            Element::Rectangle(shape)
        }
        Element::Line(mut line) => {
            for point in &mut line.points {
                *point = (point.0 + x, point.1 + y);
            }
            Element::Line(line)
        }
        Element::Text(mut text) => {
            (text.x, text.y) = (text.x + x, text.y + y);
            text.within = moved(text.within, x, y);
            Element::Text(text)
        }
        Element::Part(mut part) => {
            part.elements = shifted(part.elements, x, y);
            Element::Part(part)
        }
    };
    elements.into_iter().map(shift).collect()
}

fn moved(area: Area, x: f64, y: f64) -> Area {
    Area {
        x: area.x + x,
        y: area.y + y,
        ..area
    }
}
