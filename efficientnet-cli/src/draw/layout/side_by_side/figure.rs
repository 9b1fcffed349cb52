//! What is drawn of a stage, to scale: what the other variant has, too, in one colour, what it has not in another.

use super::Outwards;
use crate::draw::colour::Role;
use crate::draw::layout::rectangle;
use crate::draw::scene::{Area, Element, Style};
use crate::draw::side_by_side::Figure;

/// Length of the longest bar.
const LONGEST: f64 = 220.0;
/// Room behind a bar, for how many there are more.
const BEHIND: f64 = 30.0;
/// Width of a figure.
pub(super) const WIDTH: f64 = LONGEST + BEHIND;
/// A bar, and from one to the next.
const BAR: (f64, f64) = (8.0, 10.0);
/// Side of the largest image.
const IMAGE: f64 = 52.0;

/// What all figures are drawn to.
pub(super) struct Scales {
    /// Channels of the longest bar.
    channels: usize,
    /// Pixels of the longest side of an image.
    pixels: usize,
}

impl Scales {
    pub(super) fn of(figures: impl Iterator<Item = Figure>) -> Self {
        let mut scales = Self {
            channels: 1,
            pixels: 1,
        };
        for figure in figures {
            match figure {
                Figure::Image { height, width } => {
                    scales.pixels = scales.pixels.max(height).max(width);
                }
                Figure::SubBlocks { channels, .. } => {
                    scales.channels = scales.channels.max(channels);
                }
            }
        }
        scales
    }

    /// Lengths in proportion would leave nothing to see of the first stages.
    fn bar(&self, channels: usize) -> f64 {
        LONGEST * (channels as f64 / self.channels as f64).sqrt()
    }

    fn image(&self, pixels: usize) -> f64 {
        IMAGE * pixels as f64 / self.pixels as f64
    }
}

/// Height of a figure.
pub(super) fn height(figure: Figure) -> f64 {
    match figure {
        Figure::Image { .. } => IMAGE,
        Figure::SubBlocks { count, .. } => count as f64 * BAR.1,
    }
}

/// The figure of one side, which begins so many pixels from the middle; `other` is the other side's.
pub(super) fn draw(
    figure: Figure,
    other: Option<Figure>,
    scales: &Scales,
    outwards: Outwards,
    (from, top): (f64, f64),
) -> Vec<Element> {
    match figure {
        Figure::Image { height, width } => {
            let shared = match other {
                Some(Figure::Image {
                    height: other_height,
                    width: other_width,
                }) => (height.min(other_height), width.min(other_width)),
                _ => (0, 0),
            };
            let image = |(height, width), role| {
                let (height, width) = (scales.image(height), scales.image(width));
                outlined(outwards.area(from, width, top, height), role)
            };
            layers((height, width), shared, image)
        }
        Figure::SubBlocks { count, channels } => {
            let shared = match other {
                Some(Figure::SubBlocks {
                    count: other_count,
                    channels: other_channels,
                }) => (count.min(other_count), channels.min(other_channels)),
                _ => (0, 0),
            };
            bars((count, channels), shared, scales, outwards, (from, top))
        }
    }
}

/// A bar a sub-block, by numbers of sub-blocks and channels: all, and those that both have.
fn bars(
    (count, channels): (usize, usize),
    (shared, narrower): (usize, usize),
    scales: &Scales,
    outwards: Outwards,
    (from, top): (f64, f64),
) -> Vec<Element> {
    let mut elements = Vec::new();
    for number in 0..count {
        let y = top + number as f64 * BAR.1;
        let bar =
            |channels, role| outlined(outwards.area(from, scales.bar(channels), y, BAR.0), role);
        let both = if number < shared { narrower } else { 0 };
        elements.extend(layers(channels, both, bar));
    }
    if count > shared {
        let behind = from + scales.bar(channels) + 5.0;
        let first = top + shared as f64 * BAR.1;
        elements.push(more(count - shared, outwards, behind, first));
    }
    elements
}

/// What there is, and over it what both have; one of them alone where they are equal or nothing is shared.
fn layers<T: Copy + PartialEq + Default>(
    all: T,
    shared: T,
    draw: impl Fn(T, Role) -> Element,
) -> Vec<Element> {
    let all_there = (all != shared).then(|| draw(all, Role::Differs));
    let both = (shared != T::default()).then(|| draw(shared, Role::Shared));
    all_there.into_iter().chain(both).collect()
}

fn outlined(area: Area, role: Role) -> Element {
    let mut shape = rectangle(area, 2.0, role);
    shape.outline = Some(Role::Flow);
    Element::Rectangle(shape)
}

/// Such as `+3`, beside the bars that the other variant does not have.
fn more(count: usize, outwards: Outwards, from: f64, top: f64) -> Element {
    let text = format!("+{count}");
    let style = Style {
        size: Style::LABEL.size,
        ..super::emphasis(true)
    };
    let height = count as f64 * BAR.1;
    let middle = top + (height - BAR.1) / 2.0 - 1.0;
    let area = outwards.area(from, style.width(&text), middle, style.size + 1.0);
    outwards.text(&text, style, area, style.baseline(middle))
}
