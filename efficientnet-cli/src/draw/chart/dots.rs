//! Dots in a plane, joined from left to right; its horizontal axis is logarithmic.

use super::{line, piece, rectangle, text};
use crate::draw::colour::Role;
use crate::draw::scene::{Area, Element, Scene, Style};
use crate::text::short;

/// The plane, without what is written around it.
const PLANE: Area = Area {
    x: 44.0,
    y: 34.0,
    width: 370.0,
    height: 250.0,
};
/// Radius of a dot.
const RADIUS: f64 = 5.0;
/// Room beside the outermost dots, in parts of the least and most.
const ROOM: f64 = 1.3;

/// One dot.
#[derive(Clone, Debug)]
pub(crate) struct Dot {
    /// What is written beside it.
    pub(crate) label: String,
    /// More than 0.
    pub(crate) x: f64,
    pub(crate) y: f64,
}

/// The chart; what the axes show is `[horizontal, vertical]`.
pub(crate) fn dots(title: &str, axes: [&str; 2], dots: &[Dot]) -> Scene {
    let across = Axis::logarithmic(dots.iter().map(|dot| dot.x));
    let up = Axis::linear(dots.iter().map(|dot| dot.y));
    let place = |dot: &Dot| {
        let x = PLANE.x + PLANE.width * across.share(dot.x);
        (x, PLANE.bottom() - PLANE.height * up.share(dot.y))
    };
    let mut elements = grid(&across, &up, axes);
    elements.push(line(dots.iter().map(place).collect(), Role::Flow));
    for (index, dot) in dots.iter().enumerate() {
        let (x, y) = place(dot);
        let area = Area {
            x: x - RADIUS,
            y: y - RADIUS,
            width: 2.0 * RADIUS,
            height: 2.0 * RADIUS,
        };
        let label = text(&dot.label, (x + RADIUS + 3.0, y + 13.0), Style::BODY);
        let spoken = format!("{}: {}, {}", dot.label, short(dot.x), short(dot.y));
        elements.push(piece(index, spoken, vec![rectangle(area, RADIUS), label]));
    }
    Scene {
        title: title.to_owned(),
        description: format!("{} against {}; the table has the numbers", axes[1], axes[0]),
        width: PLANE.right() + 30.0,
        height: PLANE.bottom() + 44.0,
        elements,
    }
}

fn grid(across: &Axis, up: &Axis, [below, above]: [&str; 2]) -> Vec<Element> {
    let mut elements = Vec::new();
    for tick in &across.ticks {
        let x = (PLANE.x + PLANE.width * across.share(*tick)).round();
        elements.push(line(vec![(x, PLANE.y), (x, PLANE.bottom())], Role::Group));
        let words = short(*tick);
        let at = (x - Style::LABEL.width(&words) / 2.0, PLANE.bottom() + 16.0);
        elements.push(text(&words, at, Style::LABEL));
    }
    for tick in &up.ticks {
        let y = (PLANE.bottom() - PLANE.height * up.share(*tick)).round();
        elements.push(line(vec![(PLANE.x, y), (PLANE.right(), y)], Role::Group));
        let words = short(*tick);
        let at = (PLANE.x - 8.0 - Style::LABEL.width(&words), y + 4.0);
        elements.push(text(&words, at, Style::LABEL));
    }
    let corner = vec![
        (PLANE.x, PLANE.y),
        (PLANE.x, PLANE.bottom()),
        (PLANE.right(), PLANE.bottom()),
    ];
    elements.push(line(corner, Role::Flow));
    elements.push(text(above, (4.0, 18.0), Style::LABEL));
    let at = (
        PLANE.right() - Style::LABEL.width(below),
        PLANE.bottom() + 36.0,
    );
    elements.push(text(below, at, Style::LABEL));
    elements
}

/// What an axis goes from and to, and where it has numbers.
struct Axis {
    from: f64,
    to: f64,
    is_logarithmic: bool,
    ticks: Vec<f64>,
}

impl Axis {
    /// Numbers 1, 2 and 5 times the powers of ten.
    fn logarithmic(values: impl Iterator<Item = f64>) -> Self {
        let (least, most) = extremes(values);
        let (from, to) = (least / ROOM, most * ROOM);
        let powers = from.log10().floor() as i32..=to.log10().ceil() as i32;
        let ticks =
            powers.flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(power)));
        Self {
            from,
            to,
            is_logarithmic: true,
            ticks: ticks.filter(|tick| (from..=to).contains(tick)).collect(),
        }
    }

    /// Even numbers, or all where there are few.
    fn linear(values: impl Iterator<Item = f64>) -> Self {
        let (least, most) = extremes(values);
        let step = if most - least > 8.0 { 2.0 } else { 1.0 };
        let from = (least / step - 0.2).floor() * step;
        let to = (most / step + 0.2).ceil() * step;
        let count = ((to - from) / step).round() as usize;
        Self {
            from,
            to,
            is_logarithmic: false,
            ticks: (0..=count)
                .map(|number| from + step * number as f64)
                .collect(),
        }
    }

    /// How far along the axis a number is, from 0 to 1.
    fn share(&self, value: f64) -> f64 {
        match self.is_logarithmic {
            true => (value / self.from).ln() / (self.to / self.from).ln(),
            false => (value - self.from) / (self.to - self.from),
        }
    }
}

fn extremes(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold(
        (f64::INFINITY, f64::NEG_INFINITY),
        |(least, most), value| (least.min(value), most.max(value)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_round_numbers_within_their_ends() {
        let axis = Axis::logarithmic([0.39, 37.0].into_iter());
        assert_eq!(axis.ticks, [0.5, 1.0, 2.0, 5.0, 10.0, 20.0]);
        assert!(axis.share(0.39) > 0.0 && axis.share(37.0) < 1.0);
        let axis = Axis::linear([77.1, 84.3].into_iter());
        assert_eq!(
            (axis.ticks.first(), axis.ticks.last()),
            (Some(&76.0), Some(&85.0))
        );
        assert_eq!(axis.share(80.5), 0.5);
    }

    /// A power of ten on a logarithmic axis is as long everywhere.
    #[test]
    fn shares_grow_with_the_logarithm() {
        let axis = Axis::logarithmic([1.0, 100.0].into_iter());
        let steps = [1.0, 10.0, 100.0].map(|value| axis.share(value));
        assert!((steps[1] - steps[0] - (steps[2] - steps[1])).abs() < 1e-9);
    }
}
