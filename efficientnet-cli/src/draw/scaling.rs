//! What compound scaling does to a family, to scale: of each variant the input as a square, and below it a bar a
//! sub-block, as long as its channels are many.

use efficientnet::spec::{LayerGraph, LayerId, Part, Variant};

use super::colour::Role;
use super::scene::{Area, Element, Part as Piece, PartKind, Rectangle, Scene, Style, Text};
use crate::text::short;

/// Length of the longest bar, and side of the largest square.
const LARGEST: f64 = 170.0;
/// Height of a bar, and from one to the next.
const BAR: (f64, f64) = (3.0, 5.0);
/// A line of text.
const LINE: f64 = 16.0;
/// Between two variants, and between what stands above each other.
const GAP: f64 = 18.0;
/// Around everything.
const MARGIN: f64 = 4.0;

/// A variant as it is drawn.
struct Figure {
    /// Its name, then its coefficients.
    lines: Vec<String>,
    /// Rows and columns of the input.
    input: (usize, usize),
    /// Channels of stem and sub-blocks, from the input on.
    channels: Vec<usize>,
}

/// The picture of a family.
pub(crate) fn picture(family: &str, variants: &[(&Variant, &LayerGraph)]) -> Scene {
    let figures = variants
        .iter()
        .map(|(variant, graph)| figure(variant, graph));
    let figures: Vec<Figure> = figures.collect();
    let sides = figures
        .iter()
        .map(|figure| figure.input.0.max(figure.input.1));
    let side = LARGEST / sides.max().unwrap_or(1) as f64;
    let bars = figures.iter().flat_map(|figure| &figure.channels);
    let bar = LARGEST / bars.copied().max().unwrap_or(1) as f64;
    let (mut x, mut bottom) = (MARGIN, 0.0_f64);
    let mut elements = Vec::new();
    for (index, figure) in figures.iter().enumerate() {
        let (piece, area) = draw(figure, index, x, [side, bar]);
        elements.push(piece);
        (x, bottom) = (area.right() + GAP, bottom.max(area.bottom()));
    }
    Scene {
        title: format!("How {family} is scaled"),
        description: "of each variant the input as a square, below it a bar a sub-block, as long \
                      as its channels are many, all to one scale"
            .to_owned(),
        width: (x - GAP + MARGIN).ceil(),
        height: (bottom + MARGIN).ceil(),
        elements,
    }
}

fn figure(variant: &Variant, graph: &LayerGraph) -> Figure {
    let layers: Vec<LayerId> = graph.layers().map(|(id, _)| id).collect();
    let part = |id: &LayerId| graph.layer(*id).place.part;
    let parts = layers.chunk_by(|a, b| part(a) == part(b));
    let ends = parts.filter_map(|layers| layers.last());
    // The final layers end in classes, which no coefficient scales.
    let ends = ends.filter(|id| part(id) != Part::Final);
    let input = layers.first().map(|id| graph.layer(*id).output.size());
    Figure {
        lines: vec![
            variant.name.to_string(),
            format!("width {}", short(variant.width.get())),
            format!("depth {}", short(variant.depth.get())),
            format!("{} px", variant.resolution.get()),
        ],
        input: input.unwrap_or_default(),
        channels: ends.map(|id| graph.layer(*id).output.channels()).collect(),
    }
}

/// A variant from `x` on, and the area that it takes; scales are pixels of the picture per pixel and channel.
fn draw(figure: &Figure, index: usize, x: f64, [side, bar]: [f64; 2]) -> (Element, Area) {
    let style = |line| match line {
        0 => Style::HEADING,
        _ => Style::LABEL,
    };
    let lines = figure.lines.iter().enumerate();
    let texts = lines.clone().map(|(line, text)| style(line).width(text));
    let (rows, columns) = (figure.input.0 as f64 * side, figure.input.1 as f64 * side);
    let longest = figure
        .channels
        .iter()
        .max()
        .map_or(0.0, |most| *most as f64 * bar);
    let width = texts.fold(columns.max(longest), f64::max).ceil();
    let top = MARGIN + LINE * figure.lines.len() as f64 + GAP / 2.0;
    let first = top + LARGEST + GAP;
    let whole = Area {
        x,
        y: MARGIN,
        width,
        height: first - MARGIN + figure.channels.len() as f64 * BAR.1,
    };
    let within = Area {
        y: 0.0,
        height: top,
        ..whole
    };
    let mut elements: Vec<Element> = lines
        .map(|(line, text)| {
            let y = style(line).baseline(MARGIN + LINE * line as f64);
            Element::Text(Text::centred(
                text,
                (whole.middle(), y),
                style(line),
                within,
            ))
        })
        .collect();
    // Squares stand on one line.
    let square = centred(whole, (columns, rows), top + LARGEST - rows);
    elements.push(rectangle(square, Role::Group, Some(Role::Flow)));
    for (number, channels) in figure.channels.iter().enumerate() {
        let y = first + number as f64 * BAR.1;
        let area = centred(whole, (*channels as f64 * bar, BAR.0), y);
        elements.push(rectangle(area, Role::Flow, None));
    }
    let bars = figure.channels.len();
    let label = format!(
        "{}; {bars} bars: stem and sub-blocks",
        figure.lines.join(", ")
    );
    let kind = PartKind::Leaf {
        index,
        level: 1,
        label,
    };
    (Element::Part(Piece { kind, elements }), whole)
}

fn centred(whole: Area, (width, height): (f64, f64), y: f64) -> Area {
    Area {
        x: whole.middle() - width / 2.0,
        y,
        width,
        height,
    }
}

fn rectangle(area: Area, fill: Role, outline: Option<Role>) -> Element {
    Element::Rectangle(Rectangle {
        area,
        radius: 0.0,
        fill,
        outline,
    })
}
