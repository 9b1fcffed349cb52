//! Two variants on a page: a row a stage, what both have in common in the middle, each variant's box on its side.
//! Both sides are mirrored, so that bars of equal length end equally far from the middle.

mod figure;
mod rows;

use super::INSET;
use super::page::{self, MARGIN};
use crate::draw::colour::Role;
use crate::draw::font::Weight;
use crate::draw::scene::{Area, Element, Scene, Style, Text};
use crate::draw::side_by_side::{Phrase, SideBySide, Trait};
use figure::Scales;

/// Between two phrases of a line.
const SPACE: f64 = 5.0;
/// Width of the mark on a box that differs.
const MARK: f64 = 4.0;
/// Height of a line of the table below.
const ROW: f64 = 21.0;

/// Places everything so that no two texts meet.
pub(crate) fn layout_side_by_side(picture: &SideBySide) -> Scene {
    let measures = Measures::of(picture);
    let width = measures.width().max(Style::TITLE.width(&picture.title));
    let mut elements = Vec::new();
    let mut top = page::title(&mut elements, &picture.title, width);
    // The first says most.
    let styles = std::iter::once(Style::HEADING).chain(std::iter::repeat(Style::SUBTITLE));
    for (statement, style) in picture.statements.iter().zip(styles) {
        top = paragraph(&mut elements, statement, style, top, width);
    }
    let (legend, below) = page::legend(&[Role::Shared, Role::Differs], width, top + 6.0);
    elements.extend(legend);
    let note = "A bar is a sub-block, stem or head, as long as the square root of its channels.";
    top = paragraph(&mut elements, note, Style::LABEL, below, width) + 10.0;
    for (index, name) in picture.names.iter().enumerate() {
        let area = measures.side(index).area(0.0, measures.frame(), top, 24.0);
        let at = (area.middle(), area.y + 17.0);
        elements.push(Element::Text(Text::centred(name, at, Style::TITLE, area)));
    }
    top = rows::place(&mut elements, picture, &measures, top + 30.0);
    top = traits(&mut elements, &picture.traits, &measures, top + 10.0);
    Scene {
        title: picture.title.clone(),
        description: picture.statements.join(" "),
        width: (width + 2.0 * MARGIN).ceil(),
        height: (top + MARGIN).ceil(),
        elements,
    }
}

/// Words in as many lines as they take; gives where the next may begin.
fn paragraph(
    elements: &mut Vec<Element>,
    text: &str,
    style: Style,
    mut top: f64,
    width: f64,
) -> f64 {
    for line in wrapped(text, style, width) {
        let within = Area {
            x: MARGIN,
            y: top,
            width,
            height: 18.0,
        };
        let at = (MARGIN, style.baseline(top + 2.0));
        elements.push(Element::Text(Text::left(&line, at, style, within)));
        top += 18.0;
    }
    top
}

/// Words in lines that are no wider than so many pixels, longer words alone.
fn wrapped(text: &str, style: Style, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if style.width(&format!("{line} {word}")) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Widths that all rows share, and what bars and images are drawn to.
struct Measures {
    /// Of the lines of a box.
    text: f64,
    /// Of the middle.
    middle: f64,
    scales: Scales,
}

/// From the middle of the page to one of its sides.
#[derive(Clone, Copy)]
struct Outwards {
    /// Where it begins.
    edge: f64,
    is_left: bool,
}

impl Outwards {
    /// An area of a width that begins so many pixels from the middle.
    fn area(self, from: f64, width: f64, y: f64, height: f64) -> Area {
        let x = match self.is_left {
            true => self.edge - from - width,
            false => self.edge + from,
        };
        Area {
            x,
            y,
            width,
            height,
        }
    }

    /// A text that begins at an area's end near the middle.
    fn text(self, text: &str, style: Style, area: Area, y: f64) -> Element {
        let x = match self.is_left {
            true => area.right() - style.width(text),
            false => area.x,
        };
        Element::Text(Text::left(text, (x, y), style, area))
    }
}

impl Measures {
    fn of(picture: &SideBySide) -> Self {
        let sides = || {
            picture
                .rows
                .iter()
                .flat_map(|row| row.sides.iter().flatten())
        };
        let lines = sides().flat_map(|side| &side.lines);
        let text = lines.map(|line| width(line)).fold(0.0, f64::max);
        let titles = picture
            .rows
            .iter()
            .map(|row| Style::HEADING.width(&row.title));
        let names = picture
            .traits
            .iter()
            .map(|it| emphasis(it.differs).width(&named(it)));
        Self {
            text,
            middle: titles.chain(names).fold(0.0, f64::max) + 2.0 * INSET,
            scales: Scales::of(sides().map(|side| side.figure)),
        }
    }

    fn frame(&self) -> f64 {
        MARK + self.text + figure::WIDTH + 3.0 * INSET
    }

    fn width(&self) -> f64 {
        2.0 * self.frame() + self.middle
    }

    fn side(&self, index: usize) -> Outwards {
        let edge = MARGIN + self.frame();
        match index {
            0 => Outwards {
                edge,
                is_left: true,
            },
            _ => Outwards {
                edge: edge + self.middle,
                is_left: false,
            },
        }
    }

    /// The middle of a row.
    fn between(&self, y: f64, height: f64) -> Area {
        Area {
            x: MARGIN + self.frame() + INSET,
            y,
            width: self.middle - 2.0 * INSET,
            height,
        }
    }
}

/// Style of what differs, and of what does not.
fn emphasis(differs: bool) -> Style {
    let (weight, role) = match differs {
        true => (Weight::Strong, Role::Differs),
        false => (Weight::Regular, Role::Faint),
    };
    Style {
        weight,
        role,
        ..Style::BODY
    }
}

/// The same as a sign, for those who see no colours.
fn sign(differs: bool) -> &'static str {
    match differs {
        true => "\u{2260}",
        false => "=",
    }
}

/// Width of a line.
fn width(phrases: &[Phrase]) -> f64 {
    let widths = phrases
        .iter()
        .map(|phrase| emphasis(phrase.differs).width(&phrase.text));
    widths.sum::<f64>() + SPACE * phrases.len().saturating_sub(1) as f64
}

/// The name of a trait, and whether it differs.
fn named(it: &Trait) -> String {
    format!("{} {}", sign(it.differs), it.name)
}

/// A table of what the whole networks have; gives where it ends.
fn traits(elements: &mut Vec<Element>, traits: &[Trait], measures: &Measures, mut top: f64) -> f64 {
    for it in traits {
        let style = emphasis(it.differs);
        let y = style.baseline(top + 4.0);
        let area = measures.between(top, ROW);
        let at = (area.middle(), y);
        elements.push(Element::Text(Text::centred(&named(it), at, style, area)));
        let [first, second] = it.values.clone();
        let second = match it.ratio.filter(|_| it.differs) {
            Some(ratio) => format!("{second} ({ratio:.2} times)"),
            None => second,
        };
        for (index, value) in [first, second].iter().enumerate() {
            let outwards = measures.side(index);
            let area = outwards.area(0.0, measures.frame(), top, ROW);
            elements.push(outwards.text(value, style, area, y));
        }
        top += ROW;
    }
    top
}
