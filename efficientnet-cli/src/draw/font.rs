//! How wide texts are, and their letters as outlines.
//!
//! Pictures as pixels are drawn with these outlines. Viewers of the others have fonts of their own; there, each
//! text is told the width that was measured here (`textLength`), so that it keeps to its box.

use std::fmt::Write;
use std::sync::LazyLock;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// A light sans-serif, drawn a little heavier than it is.
static FACE: LazyLock<Face<'static>> = LazyLock::new(|| {
    let face = Face::parse(epaint_default_fonts::UBUNTU_LIGHT, 0);
    face.expect("a font that ships with its crate can be read")
});

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Running text.
    Regular,
    /// Headings.
    Strong,
}

impl Weight {
    /// How much wider than the font's own the letters are: bold ones of most fonts need that.
    fn stretch(self) -> f64 {
        match self {
            Weight::Regular => 1.0,
            Weight::Strong => 1.06,
        }
    }

    /// Width of the line around outlines, in parts of the size.
    pub(crate) fn stroke(self) -> f64 {
        match self {
            Weight::Regular => 0.022,
            Weight::Strong => 0.065,
        }
    }
}

/// Width of a text in pixels, as many as its size is given in.
pub(crate) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let scale = scale(size) * weight.stretch();
    text.chars().map(|letter| advance(letter) * scale).sum()
}

/// The letters of a text as the data of an SVG path; `x` is the left end, `y` the baseline.
pub(crate) fn outlines(text: &str, (mut x, y): (f64, f64), size: f64, weight: Weight) -> String {
    let mut data = String::new();
    for letter in text.chars() {
        let mut outline = Outline {
            data: &mut data,
            scale: scale(size),
            x,
            y,
        };
        FACE.outline_glyph(glyph(letter), &mut outline);
        x += advance(letter) * scale(size) * weight.stretch();
    }
    data
}

fn scale(size: f64) -> f64 {
    size / f64::from(FACE.units_per_em())
}

/// The glyph of a letter; the font's replacement where it has none.
fn glyph(letter: char) -> GlyphId {
    FACE.glyph_index(letter).unwrap_or_default()
}

fn advance(letter: char) -> f64 {
    FACE.glyph_hor_advance(glyph(letter)).map_or(0.0, f64::from)
}

/// Writes a glyph, whose own axis points up.
struct Outline<'a> {
    data: &'a mut String,
    scale: f64,
    x: f64,
    y: f64,
}

impl Outline<'_> {
    fn command(&mut self, letter: char, points: &[(f32, f32)]) {
        self.data.push(letter);
        for (x, y) in points {
            let x = self.x + f64::from(*x) * self.scale;
            let y = self.y - f64::from(*y) * self.scale;
            // Writing to a string cannot fail.
            let _ = write!(self.data, "{x:.2} {y:.2} ");
        }
    }
}

impl OutlineBuilder for Outline<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.command('M', &[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.command('L', &[(x, y)]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.command('Q', &[(x1, y1), (x, y)]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.command('C', &[(x1, y1), (x2, y2), (x, y)]);
    }

    fn close(&mut self) {
        self.data.push('Z');
    }
}
