//! A scene as SVG.

mod path;

use std::fmt::Write;

use super::colour::{Role, Theme};
use super::font::{self, Weight};
use super::scene::{Element, Line, Part, PartKind, Rectangle, Scene, Text};

/// Generic families behind the font that widths are measured with.
const FAMILIES: &str = "Ubuntu, system-ui, sans-serif";

/// Whose colours, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// A picture in a file: the viewer's theme, where it has one.
    File,
    /// As in a file, inside a page, which has the style sheet for all its pictures. They are of class `drawing`,
    /// without ids.
    Inline,
    /// Inside a page, which has the style sheet and takes parts apart.
    Page,
    /// To be rasterised in a theme: letters are outlines.
    Raster(Theme),
}

/// The picture as an SVG document, or as an element of a page.
pub(crate) fn write(scene: &Scene, what: Use) -> String {
    let mut svg = Writer {
        text: String::new(),
        what,
    };
    svg.document(scene);
    svg.text
}

/// The style sheet: light colours, and dark ones where the viewer likes them better. A scope, such as `.drawing `,
/// stands in front of every selector.
pub(crate) fn style_sheet(scope: &str) -> String {
    let [light, dark] = [Theme::Light, Theme::Dark].map(|theme| rules(scope, theme));
    let shapes = shapes(scope);
    format!("{shapes}{light}@media (prefers-color-scheme:dark){{{dark}}}")
}

/// Each role fills what is of its class, and draws lines of its class with `-l`.
fn rules(scope: &str, theme: Theme) -> String {
    let mut rules = String::new();
    for role in Role::all() {
        let (class, colour) = (role.class(), role.colour(theme));
        rules += &format!("{scope}.{class}{{fill:{colour}}}{scope}.{class}-l{{stroke:{colour}}}");
    }
    rules
}

struct Writer {
    text: String,
    what: Use,
}

/// Appends formatted text; writing to a string cannot fail.
macro_rules! put {
    ($writer:expr, $($arguments:tt)*) => {
        { let _ = write!($writer.text, $($arguments)*); }
    };
}

impl Writer {
    fn document(&mut self, scene: &Scene) {
        let (width, height) = (number(scene.width), number(scene.height));
        let view = format!("viewBox=\"0 0 {width} {height}\"");
        let (title, description) = (escaped(&scene.title), escaped(&scene.description));
        let class = match self.what {
            Use::Inline => " class=\"drawing\"",
            Use::File | Use::Page | Use::Raster(_) => "",
        };
        match self.what {
            Use::Page => put!(
                self,
                "<svg id=\"picture\" role=\"tree\" aria-label=\"{title}\" {view}>\n"
            ),
            Use::File | Use::Inline | Use::Raster(_) => put!(
                self,
                "<svg{class} xmlns=\"http://www.w3.org/2000/svg\" {view} width=\"{width}\" height=\"{height}\" \
                 role=\"img\" aria-label=\"{title}: {description}\">\n\
                 <title>{title}</title>\n<desc>{description}</desc>\n"
            ),
        }
        match self.what {
            Use::Page | Use::Inline => {}
            Use::File => put!(self, "<style>{}</style>\n", style_sheet("")),
            Use::Raster(theme) => {
                put!(self, "<style>{}{}</style>\n", shapes(""), rules("", theme));
            }
        }
        let page = Role::Page.class();
        put!(
            self,
            "<rect class=\"{page}\" width=\"{width}\" height=\"{height}\"/>\n"
        );
        self.elements(&scene.elements);
        put!(self, "</svg>\n");
    }

    fn elements(&mut self, elements: &[Element]) {
        for element in elements {
            match element {
                Element::Rectangle(shape) => self.rectangle(shape),
                Element::Line(line) => self.line(line),
                Element::Text(text) => self.text(text),
                Element::Part(part) => self.part(part),
            }
        }
    }

    fn rectangle(&mut self, shape: &Rectangle) {
        let area = shape.area;
        let outline = match shape.outline {
            Some(role) => format!(" {}-l", role.class()),
            None => String::new(),
        };
        put!(
            self,
            "<rect class=\"{}{outline}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>\n",
            shape.fill.class(),
            number(area.x),
            number(area.y),
            number(area.width),
            number(area.height),
            number(shape.radius),
        );
    }

    fn line(&mut self, line: &Line) {
        let (class, data) = (line.role.class(), path::line(&line.points, line.is_arrow));
        let points = match (line.follows, self.what) {
            (true, Use::Page) => format!(" data-points=\"{}\"", path::points(&line.points)),
            _ => String::new(),
        };
        put!(
            self,
            "<path class=\"line {class}-l\"{points} d=\"{data}\"/>\n"
        );
        if line.is_arrow {
            let head = path::head(&line.points);
            put!(self, "<path class=\"{class}\" d=\"{head}\"/>\n");
        }
    }

    fn text(&mut self, text: &Text) {
        let class = text.role.class();
        if let Use::Raster(_) = self.what {
            let letters = font::outlines(&text.text, (text.x, text.y), text.size, text.weight);
            let stroke = text.weight.stroke() * text.size;
            put!(
                self,
                "<path class=\"{class} {class}-l\" stroke-width=\"{stroke:.2}\" d=\"{letters}\"/>\n"
            );
            return;
        }
        let weight = match text.weight {
            Weight::Regular => "",
            Weight::Strong => " strong",
        };
        put!(
            self,
            "<text class=\"{class}{weight}\" x=\"{}\" y=\"{}\" font-size=\"{}\" textLength=\"{}\" \
             lengthAdjust=\"spacingAndGlyphs\">{}</text>\n",
            number(text.x),
            number(text.y),
            number(text.size),
            number(text.width()),
            escaped(&text.text),
        );
    }

    fn part(&mut self, part: &Part) {
        match self.what {
            Use::Page => self.page_part(part),
            // What is one box is one group.
            Use::File | Use::Inline | Use::Raster(_) => match &part.kind {
                PartKind::Leaf { label, .. } => {
                    put!(
                        self,
                        "<g class=\"leaf\"><title>{}</title>\n",
                        escaped(label)
                    );
                    self.elements(&part.elements);
                    put!(self, "</g>\n");
                }
                _ => self.elements(&part.elements),
            },
        }
    }

    /// A part with what a page needs to know to take it apart.
    fn page_part(&mut self, part: &Part) {
        match &part.kind {
            PartKind::Section {
                level,
                height,
                folded,
            } => put!(
                self,
                "<g class=\"section\" data-level=\"{level}\" data-height=\"{}\" data-folded=\"{}\">\n",
                number(*height),
                number(*folded)
            ),
            PartKind::Header { level, label } => put!(
                self,
                "<g class=\"header\" role=\"treeitem\" aria-level=\"{level}\" aria-expanded=\"true\" \
                 aria-label=\"{}\" tabindex=\"-1\">\n",
                escaped(label)
            ),
            PartKind::Body => put!(self, "<g class=\"body\">\n"),
            PartKind::Between => put!(self, "<g class=\"between\">\n"),
            PartKind::Leaf {
                index,
                level,
                label,
            } => put!(
                self,
                "<g class=\"leaf\" role=\"treeitem\" aria-level=\"{level}\" aria-selected=\"false\" \
                 aria-label=\"{}\" tabindex=\"-1\" data-leaf=\"{index}\">\n",
                escaped(label)
            ),
        }
        self.elements(&part.elements);
        put!(self, "</g>\n");
    }
}

/// Style of shapes and texts, whatever their colours.
fn shapes(scope: &str) -> String {
    format!(
        "{scope}text{{font-family:{FAMILIES};white-space:pre}}{scope}.strong{{font-weight:600}}\
         {scope}.line{{fill:none;stroke-width:1.5;stroke-linejoin:round}}"
    )
}

/// A number of pixels, to two digits, without zeros at the end.
pub(crate) fn number(pixels: f64) -> String {
    let text = format!("{pixels:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Text as it may stand in XML, in elements and in quotes.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\'' => safe += "&#39;",
            // No XML can hold them.
            control if control.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}
