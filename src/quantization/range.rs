//! Which reals an activation's codes stand for.

use std::ops::Range;

use super::histogram::Histogram;

/// Greatest code.
const MOST: f64 = u8::MAX as f64;

/// What the codes of an activation stand for: code `q` for `scale * (q - zero_point)`. Zero is one of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Codes {
    /// Distance of neighbours.
    pub scale: f32,
    /// Code of zero.
    pub zero_point: u8,
}

impl Codes {
    /// Codes for the values of a histogram; `None` if any was not finite.
    pub(super) fn choose(histogram: &Histogram) -> Option<Self> {
        let method = std::env::var("QMETHOD").unwrap_or_default();
        let bounds = histogram.bounds()?;
        let whole = Self::of(bounds.clone());
        if method.is_empty() {
            return Some(whole);
        }
        let mut bins: Vec<_> = histogram.bins().collect();
        if method.contains("zero") {
            bins.retain(|_| true);
        }
        let best = |it: &mut dyn Iterator<Item = Range<f64>>| {
            let mut best = (whole.error(&bins), whole);
            for range in it {
                let codes = Self::of(range);
                let error = codes.error(&bins);
                if error < best.0 {
                    best = (error, codes);
                }
            }
            best.1
        };
        let k = 100;
        Some(match &*method {
            "joint" => best(&mut (1..k).map(|i| {
                let a = i as f64 / k as f64;
                bounds.start * a..bounds.end * a
            })),
            _ => best(
                &mut (1..=20)
                    .flat_map(|i| (1..=20).map(move |j| (i as f64 / 20., j as f64 / 20.)))
                    .map(|(a, b)| bounds.start * a..bounds.end * b),
            ),
        })
    }

    /// Codes that cover a range, which zero is in.
    fn of(range: Range<f64>) -> Self {
        let length = range.end - range.start;
        if length <= 0.0 {
            return Self {
                scale: 1.0,
                zero_point: 0,
            };
        }
        let step = length / MOST;
        let nearest = step as f32;
        // Of ReLU6, the greatest code must not stand for more than 6.
        let scale = match f64::from(nearest) > step {
            true => nearest.next_down(),
            false => nearest,
        };
        Self {
            scale,
            zero_point: (-range.start / step).round_ties_even() as u8,
        }
    }

    /// The code of a real.
    fn code(self, real: f64) -> f64 {
        let code = (real / f64::from(self.scale)).round_ties_even() + f64::from(self.zero_point);
        code.clamp(0.0, MOST)
    }

    /// Sum of the squared differences that codes make, over values and how often they are.
    fn error(self, bins: &[(f64, f64)]) -> f64 {
        let errors = bins.iter().map(|&(value, count)| {
            let real = f64::from(self.scale) * (self.code(value) - f64::from(self.zero_point));
            count * (value - real).powi(2)
        });
        errors.sum()
    }
}
