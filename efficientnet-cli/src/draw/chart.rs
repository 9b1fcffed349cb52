//! Charts of a dozen numbers: dots in a plane, and bars.

mod bars;
mod dots;

pub(crate) use bars::{Bar, bars};
pub(crate) use dots::{Dot, dots};

use super::colour::Role;
use super::scene::Style;
use super::scene::{Area, Element, Line, Part, PartKind, Rectangle, Text};

/// Something with a name of its own.
fn piece(index: usize, label: String, elements: Vec<Element>) -> Element {
    let kind = PartKind::Leaf {
        index,
        level: 1,
        label,
    };
    Element::Part(Part { kind, elements })
}

fn line(points: Vec<(f64, f64)>, role: Role) -> Element {
    Element::Line(Line {
        points,
        role,
        is_arrow: false,
        follows: false,
    })
}

fn rectangle(area: Area, radius: f64) -> Element {
    Element::Rectangle(Rectangle {
        area,
        radius,
        fill: CHARTED,
        outline: Some(Role::Ink),
    })
}

/// Colour of what a chart shows.
const CHARTED: Role = Role::Module(efficientnet::spec::Module::Two);

/// A text in an area as large as it is, from `x` on.
fn text(words: &str, (x, y): (f64, f64), style: Style) -> Element {
    let within = Area {
        x,
        y: y - style.size,
        width: style.width(words),
        height: 1.5 * style.size,
    };
    Element::Text(Text::left(words, (x, y), style, within))
}
