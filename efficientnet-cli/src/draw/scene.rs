//! A picture as data: rectangles, lines and texts with places and colours' roles, and which of them belong
//! together. All measures are pixels from the top left corner.

use super::colour::Role;
use super::font::{self, Weight};

/// A picture.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    /// What it shows.
    pub(crate) title: String,
    /// The same at more length.
    pub(crate) description: String,
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// From back to front.
    pub(crate) elements: Vec<Element>,
}

/// Something to draw.
#[derive(Clone, Debug)]
pub(crate) enum Element {
    Rectangle(Rectangle),
    Line(Line),
    Text(Text),
    Part(Part),
}

/// A filled rectangle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rectangle {
    pub(crate) area: Area,
    /// Radius of its corners.
    pub(crate) radius: f64,
    pub(crate) fill: Role,
    /// Colour of its outline, where it has one.
    pub(crate) outline: Option<Role>,
}

/// An area of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// A line of straight pieces with round corners.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) points: Vec<(f64, f64)>,
    pub(crate) role: Role,
    /// Whether its end has a head.
    pub(crate) is_arrow: bool,
    /// Whether its beginning moves with the bottom of the column that is on the screen.
    pub(crate) follows: bool,
}

/// One line of text.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) text: String,
    /// Left end of the baseline.
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) size: f64,
    pub(crate) weight: Weight,
    pub(crate) role: Role,
    /// The area that it keeps to.
    pub(crate) within: Area,
}

/// Elements that belong together.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) kind: PartKind,
    pub(crate) elements: Vec<Element>,
}

/// What a part is to someone who looks at it piece by piece.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PartKind {
    /// A column or a group, of so many pixels when all of it is there, and when only its header is.
    Section {
        level: usize,
        height: f64,
        folded: f64,
    },
    /// What stays of a section when it is folded; `label` says what it is.
    Header { level: usize, label: String },
    /// What does not.
    Body,
    /// Between two sections.
    Between,
    /// The box of a number; `label` says what it is.
    Leaf {
        index: usize,
        level: usize,
        label: String,
    },
}

impl Area {
    pub(crate) fn right(self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(self) -> f64 {
        self.y + self.height
    }

    /// Middle from left to right.
    pub(crate) fn middle(self) -> f64 {
        self.x + self.width / 2.0
    }
}

/// Share of a text's size above its baseline that its letters need at most.
const ASCENT: f64 = 0.78;
/// And below it.
#[cfg(test)]
const DESCENT: f64 = 0.22;

impl Text {
    /// A text whose left end is at `x`.
    pub(crate) fn left(text: &str, (x, y): (f64, f64), style: Style, within: Area) -> Self {
        Self {
            text: text.to_owned(),
            x,
            y,
            size: style.size,
            weight: style.weight,
            role: style.role,
            within,
        }
    }

    /// A text whose middle is at `x`.
    pub(crate) fn centred(text: &str, (x, y): (f64, f64), style: Style, within: Area) -> Self {
        Self::left(text, (x - style.width(text) / 2.0, y), style, within)
    }

    /// Its measured width.
    pub(crate) fn width(&self) -> f64 {
        font::width(&self.text, self.size, self.weight)
    }

    /// The area of its letters.
    #[cfg(test)]
    pub(crate) fn area(&self) -> Area {
        Area {
            x: self.x,
            y: self.y - ASCENT * self.size,
            width: self.width(),
            height: (ASCENT + DESCENT) * self.size,
        }
    }
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) size: f64,
    pub(crate) weight: Weight,
    pub(crate) role: Role,
}

impl Style {
    pub(crate) const TITLE: Style = Style::new(20.0, Weight::Strong, Role::Ink);
    pub(crate) const SUBTITLE: Style = Style::new(13.0, Weight::Regular, Role::Faint);
    pub(crate) const HEADING: Style = Style::new(13.0, Weight::Strong, Role::Ink);
    pub(crate) const BODY: Style = Style::new(12.0, Weight::Regular, Role::Ink);
    pub(crate) const LABEL: Style = Style::new(11.0, Weight::Regular, Role::Faint);

    const fn new(size: f64, weight: Weight, role: Role) -> Self {
        Self { size, weight, role }
    }

    /// Width of a text of this style, in whole pixels.
    pub(crate) fn width(self, text: &str) -> f64 {
        font::width(text, self.size, self.weight).ceil()
    }

    /// Where the baseline of a line of text is whose top is at `top`.
    pub(crate) fn baseline(self, top: f64) -> f64 {
        (top + ASCENT * self.size).round()
    }
}

impl Scene {
    /// All elements with those inside parts, from back to front.
    #[cfg(test)]
    pub(crate) fn flat(&self) -> Vec<&Element> {
        fn add<'a>(elements: &'a [Element], all: &mut Vec<&'a Element>) {
            for element in elements {
                all.push(element);
                if let Element::Part(part) = element {
                    add(&part.elements, all);
                }
            }
        }
        let mut all = Vec::new();
        add(&self.elements, &mut all);
        all
    }
}
