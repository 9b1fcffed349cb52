//! Which reals an activation's codes stand for.

use efficientnet_runtime::kernels::Coding;

/// Greatest code.
const MOST: f64 = u8::MAX as f64;

/// Least and greatest value of an activation, zero among them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    least: f32,
    most: f32,
    is_finite: bool,
}

impl Default for Range {
    fn default() -> Self {
        Self {
            least: 0.0,
            most: 0.0,
            is_finite: true,
        }
    }
}

impl Range {
    /// Widens it to hold these values, too.
    pub(super) fn add(&mut self, values: &[f32]) {
        for &value in values {
            self.is_finite &= value.is_finite();
            self.least = self.least.min(value);
            self.most = self.most.max(value);
        }
    }

    /// Coding for the whole range; `None` if any value was not finite.
    ///
    /// Ranges of the least squared error (Nagel et al., "A White Paper on Neural Network Quantization", 2021,
    /// section 3.1) do not give better logits: see `docs/quantization.md`.
    pub(super) fn codes(self) -> Option<Coding> {
        let (least, most) = (f64::from(self.least), f64::from(self.most));
        let step = (most - least) / MOST;
        // Zeros alone, or next to nothing.
        let is_empty = step as f32 <= 0.0;
        let codes = match is_empty {
            true => Coding {
                scale: 1.0,
                zero_point: 0,
            },
            false => Coding {
                scale: round_down(step),
                zero_point: (-least / step).round_ties_even() as u8,
            },
        };
        self.is_finite.then_some(codes)
    }
}

/// The f32 that is not greater: the greatest code of ReLU6 must not stand for more than 6.
fn round_down(x: f64) -> f32 {
    let nearest = x as f32;
    match f64::from(nearest) > x {
        true => nearest.next_down(),
        false => nearest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(values: &[f32]) -> Option<Coding> {
        let mut range = Range::default();
        values.iter().for_each(|value| range.add(&[*value]));
        range.codes()
    }

    #[test]
    fn the_range_and_zero_have_codes() {
        let expected = |scale, zero_point| Some(Coding { scale, zero_point });
        assert_eq!(codes(&[-1.0, 0.5, 1.55]), expected(0.01, 100));
        assert_eq!(codes(&[2.0, 2.55]), expected(0.01, 0));
        assert_eq!(codes(&[-2.55]), expected(0.01, 255));
        assert_eq!(codes(&[0.0]), expected(1.0, 0));
    }

    #[test]
    fn the_greatest_code_of_relu6_is_not_more_than_6() {
        let codes = codes(&[0.0, 6.0]).expect("finite");
        assert_eq!(codes.zero_point, 0);
        assert!(f64::from(codes.scale) * 255.0 <= 6.0);
        assert!(f64::from(codes.scale) * 255.0 > 5.999_999);
    }

    #[test]
    fn what_is_not_finite_has_none() {
        for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(codes(&[1.0, wrong, 2.0]), None);
        }
    }
}
