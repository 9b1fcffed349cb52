//! Bars, one below the other.

use super::{piece, rectangle, text};
use crate::draw::scene::{Area, Scene, Style};

/// A row, and the bar in it.
const ROW: (f64, f64) = (26.0, 16.0);
/// Length of the longest bar.
const LONGEST: f64 = 420.0;
/// Beside a bar, and around everything.
const GAP: f64 = 8.0;

/// One bar.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    /// To its left.
    pub(crate) label: String,
    /// Its length, at least 0.
    pub(crate) value: f64,
    /// To its right.
    pub(crate) words: String,
}

/// The chart, its bars in one scale.
pub(crate) fn bars(title: &str, description: &str, bars: &[Bar]) -> Scene {
    let widest = |text: fn(&Bar) -> &str, style: Style| {
        let widths = bars.iter().map(|bar| style.width(text(bar)));
        widths.fold(0.0, f64::max)
    };
    let left = GAP + widest(|bar| &bar.label, Style::BODY) + GAP;
    let right = GAP + widest(|bar| &bar.words, Style::BODY) + GAP;
    let most = bars
        .iter()
        .map(|bar| bar.value)
        .fold(f64::MIN_POSITIVE, f64::max);
    let rows = bars.iter().enumerate().map(|(index, bar)| {
        let top = ROW.0 * index as f64;
        let area = Area {
            x: left,
            y: top + (ROW.0 - ROW.1) / 2.0,
            width: LONGEST * bar.value / most,
            height: ROW.1,
        };
        let baseline = area.y + 12.0;
        let label = (left - GAP - Style::BODY.width(&bar.label), baseline);
        let words = (area.right() + GAP, baseline);
        let elements = vec![
            text(&bar.label, label, Style::BODY),
            rectangle(area, 2.0),
            text(&bar.words, words, Style::BODY),
        ];
        piece(index, format!("{}: {}", bar.label, bar.words), elements)
    });
    Scene {
        title: title.to_owned(),
        description: description.to_owned(),
        width: (left + LONGEST + right).ceil(),
        height: ROW.0 * bars.len() as f64,
        elements: rows.collect(),
    }
}
