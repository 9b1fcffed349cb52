//! How often an activation has which values, seen piece by piece, in memory that does not grow.

use std::ops::Range;

/// Bins on either side of zero; even, so that two make one.
const SIDE: usize = 4096;

/// Counts of values in bins of one width around zero. The width doubles when a value lies outside, which two bins
/// becoming one leaves exact; it is a power of two times the first value's.
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    least: f32,
    most: f32,
    is_finite: bool,
    /// Width of a bin; 0 until a value is not.
    width: f64,
    /// Bin `i` has values from `(i - SIDE) * width` on.
    counts: Vec<u64>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            least: 0.0,
            most: 0.0,
            is_finite: true,
            width: 0.0,
            counts: vec![0; 2 * SIDE],
        }
    }
}

impl Histogram {
    /// Counts values. Zeros are not: they are exact in every code.
    pub(super) fn add(&mut self, values: &[f32]) {
        let bounds = values.iter().fold((0.0f32, 0.0f32), |(least, most), &x| {
            (least.min(x), most.max(x))
        });
        self.is_finite &= values.iter().all(|x| x.is_finite());
        if !self.is_finite || bounds == (0.0, 0.0) {
            return;
        }
        self.least = self.least.min(bounds.0);
        self.most = self.most.max(bounds.1);
        self.widen(f64::from(bounds.1.max(-bounds.0)));
        for &value in values.iter().filter(|value| **value != 0.0) {
            let bin = (f64::from(value) / self.width).floor() as isize + SIDE as isize;
            // The greatest value may lie on the upper edge.
            let bin = usize::try_from(bin).unwrap_or(0).min(2 * SIDE - 1);
            self.counts[bin] += 1;
        }
    }

    /// Makes room for values up to `most` on either side.
    fn widen(&mut self, most: f64) {
        if self.width == 0.0 {
            self.width = most / SIDE as f64;
        }
        while most > self.width * SIDE as f64 {
            let mut halved = vec![0; 2 * SIDE];
            for (bin, pair) in self.counts.chunks_exact(2).enumerate() {
                halved[SIDE / 2 + bin] = pair[0] + pair[1];
            }
            self.counts = halved;
            self.width *= 2.0;
        }
    }

    /// Least and greatest value, zero among them; `None` if any was not finite.
    pub(super) fn bounds(&self) -> Option<Range<f64>> {
        let bounds = f64::from(self.least)..f64::from(self.most);
        self.is_finite.then_some(bounds)
    }

    /// Middle and number of the values of each bin that has any.
    pub(super) fn bins(&self) -> impl Iterator<Item = (f64, f64)> {
        let counts = self.counts.iter().enumerate();
        counts
            .filter(|(_, count)| **count > 0)
            .map(|(bin, &count)| {
                let middle = (bin as f64 - SIDE as f64 + 0.5) * self.width;
                (middle, count as f64)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_survive_wider_bins() {
        let mut histogram = Histogram::default();
        histogram.add(&[0.5, -0.25, 0.0, 0.5]);
        histogram.add(&[-3.0, 100.0]);
        assert_eq!(histogram.bounds(), Some(-3.0..100.0));
        let width = histogram.width;
        assert!(width * SIDE as f64 >= 100.0 && width * SIDE as f64 <= 200.0);
        let bins: Vec<_> = histogram.bins().collect();
        let expected = [(-3.0, 1.0), (-0.25, 1.0), (0.5, 2.0), (100.0, 1.0)];
        assert_eq!(bins.len(), expected.len(), "{bins:?}");
        for ((middle, count), (value, expected)) in bins.into_iter().zip(expected) {
            assert!(
                (middle - value).abs() <= width / 2.0,
                "{middle} is not {value}"
            );
            assert_eq!(count, expected);
        }
    }

    #[test]
    fn what_is_not_finite_is_told() {
        for wrong in [f32::NAN, f32::INFINITY] {
            let mut histogram = Histogram::default();
            histogram.add(&[1.0, wrong]);
            histogram.add(&[1.0]);
            assert_eq!(histogram.bounds(), None);
        }
    }

    #[test]
    fn zeros_alone_are_an_empty_range() {
        let mut histogram = Histogram::default();
        histogram.add(&[0.0; 5]);
        assert_eq!(
            (histogram.bounds(), histogram.bins().count()),
            (Some(0.0..0.0), 0)
        );
    }
}
