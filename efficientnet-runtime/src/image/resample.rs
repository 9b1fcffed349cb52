//! Resizing as PIL does it, bit for bit.
//!
//! `Image.resize` of Pillow (`src/libImaging/Resample.c`) filters 8-bit images first along rows, then
//! along columns, in 22-bit fixed point, rounded to 8 bits after each pass; where the image shrinks,
//! the filter is widened by the scale, which is the antialiasing. Faster resamplers sum in 16 bits
//! and differ from it by several levels on real photos.
//!
//! The order is that of Pillow 12.3. Pillow 13 filters along columns first where an image more than
//! twice as high as wide shrinks, so that the rounding in between differs there.

use std::ops::Range;

use super::preprocess::Interpolation;

/// Fraction bits of a filter's coefficients: 32, less 8 of the pixel, less 2 for sums beyond 1.
const FRACTION_BITS: u32 = 22;

/// One pixel.
pub(super) type Rgb = [u8; 3];

/// One axis of a resize, of which only a window is computed.
pub(super) struct Axis {
    /// Pixels of the source.
    pub(super) from: usize,
    /// Pixels of the result.
    pub(super) to: usize,
    /// Pixels of the result that are wanted.
    pub(super) window: Range<usize>,
}

/// A pixel of the result along one axis: the source's pixels from `start` on, weighted.
struct Taps {
    start: usize,
    weights: Vec<i32>,
}

impl Interpolation {
    /// Half of the filter's width at the scale 1.
    fn support(self) -> f64 {
        match self {
            Interpolation::Bilinear => 1.0,
            Interpolation::Bicubic => 2.0,
        }
    }

    /// The filter: a triangle, or Keys's cubic convolution (1981) with a = -0.5.
    fn weight(self, x: f64) -> f64 {
        const A: f64 = -0.5;
        let x = x.abs();
        match self {
            Interpolation::Bilinear if x < 1.0 => 1.0 - x,
            Interpolation::Bicubic if x < 1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
            Interpolation::Bicubic if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * A,
            Interpolation::Bilinear | Interpolation::Bicubic => 0.0,
        }
    }
}

impl Axis {
    fn taps(&self, interpolation: Interpolation) -> Vec<Taps> {
        let scale = self.from as f64 / self.to as f64;
        let stretch = scale.max(1.0);
        let support = interpolation.support() * stretch;
        self.window
            .clone()
            .map(|position| {
                let center = (position as f64 + 0.5) * scale;
                // `as` saturates at zero, which is the border.
                let start = (center - support + 0.5) as usize;
                let end = ((center + support + 0.5) as usize).min(self.from);
                let weight = |x: usize| interpolation.weight((x as f64 - center + 0.5) / stretch);
                let sum: f64 = (start..end).map(weight).sum();
                let weights = (start..end).map(|x| fixed_point(weight(x) / sum)).collect();
                Taps { start, weights }
            })
            .collect()
    }
}

fn fixed_point(weight: f64) -> i32 {
    (weight * f64::from(1 << FRACTION_BITS)).round() as i32
}

/// Resizes rows of `horizontal.from` pixels; returns the window of both axes, row by row.
pub(super) fn resample(
    source: &[Rgb],
    horizontal: &Axis,
    vertical: &Axis,
    interpolation: Interpolation,
) -> Vec<Rgb> {
    let columns = horizontal.taps(interpolation);
    let rows = vertical.taps(interpolation);
    // Only rows that the second pass reads are filtered.
    let first = rows.iter().map(|taps| taps.start).min().unwrap_or(0);
    let last = rows
        .iter()
        .map(|taps| taps.start + taps.weights.len())
        .max()
        .unwrap_or(0);
    let filtered: Vec<Rgb> = source
        .chunks_exact(horizontal.from)
        .take(last)
        .skip(first)
        .flat_map(|row| {
            columns
                .iter()
                .map(|taps| taps.sum(row[taps.start..].iter()))
        })
        .collect();
    let width = columns.len();
    rows.iter()
        .flat_map(|taps| {
            let start = (taps.start - first) * width;
            let filtered = &filtered;
            (0..width).map(move |x| taps.sum(filtered[start + x..].iter().step_by(width)))
        })
        .collect()
}

impl Taps {
    fn sum<'a>(&self, pixels: impl Iterator<Item = &'a Rgb>) -> Rgb {
        let mut sums = [1 << (FRACTION_BITS - 1); 3];
        for (weight, pixel) in self.weights.iter().zip(pixels) {
            for (sum, value) in sums.iter_mut().zip(pixel) {
                *sum += weight * i32::from(*value);
            }
        }
        sums.map(|sum: i32| (sum >> FRACTION_BITS).clamp(0, 255) as u8)
    }
}
