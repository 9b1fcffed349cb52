//! Lines as data of SVG paths.

use super::number;

/// Length and half the width of an arrow's head.
const HEAD: (f64, f64) = (7.0, 3.5);
/// Radius of corners.
const CORNER: f64 = 5.0;

/// A line with round corners; that of an arrow ends inside its head.
pub(super) fn line(points: &[(f64, f64)], is_arrow: bool) -> String {
    let mut points = points.to_vec();
    if let (true, [.., before, last]) = (is_arrow, &mut points[..]) {
        *last = towards(*last, *before, HEAD.0 - 1.0);
    }
    let mut data = String::new();
    for (number, point) in points.iter().enumerate() {
        let before = number.checked_sub(1).and_then(|number| points.get(number));
        data += &match (before, points.get(number + 1)) {
            (None, _) => format!("M{}", pair(*point)),
            (Some(_), None) => format!("L{}", pair(*point)),
            (Some(before), Some(next)) => format!(
                "L{}Q{} {}",
                pair(towards(*point, *before, CORNER)),
                pair(*point),
                pair(towards(*point, *next, CORNER))
            ),
        };
    }
    data
}

/// The head of an arrow at the end of a line.
pub(super) fn head(points: &[(f64, f64)]) -> String {
    let [.., before, tip] = points else {
        return String::new();
    };
    let base = towards(*tip, *before, HEAD.0);
    let (dx, dy) = ((tip.0 - base.0) / HEAD.0, (tip.1 - base.1) / HEAD.0);
    let side = |sign: f64| (base.0 - dy * HEAD.1 * sign, base.1 + dx * HEAD.1 * sign);
    format!("M{}L{}L{}Z", pair(*tip), pair(side(1.0)), pair(side(-1.0)))
}

/// The corners of a line.
pub(super) fn points(points: &[(f64, f64)]) -> String {
    let pairs: Vec<String> = points.iter().map(|point| pair(*point)).collect();
    pairs.join(",")
}

/// The point so many pixels from one point to another, half the way at most.
fn towards(from: (f64, f64), to: (f64, f64), pixels: f64) -> (f64, f64) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy);
    if length == 0.0 {
        return from;
    }
    let share = (pixels / length).min(0.5);
    (from.0 + dx * share, from.1 + dy * share)
}

fn pair((x, y): (f64, f64)) -> String {
    format!("{} {}", number(x), number(y))
}
