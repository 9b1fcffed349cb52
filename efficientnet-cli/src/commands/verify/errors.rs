//! How far logits are from those expected, and how far they may be.

use efficientnet::codegen::plan::Precision;

/// Mean error of a logit in int8, over the largest one. That of Google's lite0 is 1 % to 2 % on photos and 3 % to 7 % on
/// synthetic images, whose values go beyond those of photos and are cut; with the wrong padding, 8.5 % to 14 %.
const MEAN_ALLOWED: f64 = 8e-2;

/// Largest error of a value over the largest value that a precision may make; none where single ones say little.
pub(super) fn largest_allowed(precision: Precision) -> Option<f64> {
    match precision {
        Precision::F32 => Some(1e-4),
        Precision::Bf16 => Some(3e-2),
        Precision::Int8 => None,
    }
}

/// Differences of logits over the largest absolute logit expected.
pub(super) struct Errors {
    pub(super) largest: f64,
    pub(super) mean: f64,
    /// The likeliest class found and the one expected.
    first: [usize; 2],
    /// How far the one is behind the other in the logits expected.
    behind: f64,
}

impl Errors {
    pub(super) fn new(found: &[f32], expected: &[f64]) -> Self {
        let differences = || {
            let pairs = found.iter().zip(expected);
            // A value that is not a number differs by as much as can be.
            pairs.map(
                |(&found, expected)| match (f64::from(found) - expected).abs() {
                    difference if difference.is_nan() => f64::INFINITY,
                    difference => difference,
                },
            )
        };
        let scale = expected.iter().fold(0.0f64, |most, x| most.max(x.abs()));
        let relative = |error: f64| if error == 0.0 { 0.0 } else { error / scale };
        let sum: f64 = differences().sum();
        let first = [
            likeliest(found.iter().map(|&x| f64::from(x))),
            likeliest(expected.iter().copied()),
        ];
        let [of_found, of_expected] = first.map(|class| expected.get(class).copied());
        let behind = of_expected.unwrap_or_default() - of_found.unwrap_or_default();
        Self {
            largest: relative(differences().fold(0.0, f64::max)),
            mean: relative(sum / expected.len().max(1) as f64),
            first,
            behind: relative(behind),
        }
    }

    /// Whether a precision may make such errors. Rounding to 8 bits moves single logits far, but not all of them; and
    /// first is only a class that was so, or so nearly that two mean errors move it there.
    pub(super) fn are_allowed(&self, precision: Precision) -> bool {
        match largest_allowed(precision) {
            Some(allowed) => self.largest < allowed,
            None => self.mean < MEAN_ALLOWED && self.behind < 2.0 * MEAN_ALLOWED,
        }
    }

    /// What there is to say of them in a precision.
    pub(super) fn text(&self, precision: Precision) -> String {
        let Self {
            largest,
            mean,
            first: [found, expected],
            behind,
        } = self;
        if largest_allowed(precision).is_some() {
            return format!("largest error {largest:.1e} of the largest logit");
        }
        let class = match found == expected {
            true => format!("class {found} first in both"),
            false => format!("class {found} first, expected {expected}, {behind:.1e} before it"),
        };
        format!("mean error {mean:.1e} of the largest logit, largest {largest:.1e}; {class}")
    }
}

/// Index of the largest value; the first of equal ones.
fn likeliest(values: impl Iterator<Item = f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (index, value) in values.enumerate() {
        if value > best.1 {
            best = (index, value);
        }
    }
    best.0
}
