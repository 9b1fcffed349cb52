//! Resizing as PIL does it, bit for bit.
//!
//! `Image.resize` of Pillow (`src/libImaging/Resample.c`) filters 8-bit images along rows, then along
//! columns, in 22-bit fixed point, rounded to 8 bits after each pass; where the image shrinks,
//! the filter is widened by the scale, which is the antialiasing. Faster resamplers sum in 16 bits
//! and differ from it by several levels on real photos. The nearest pixel is taken without a filter
//! (`ImagingScaleAffine` in `src/libImaging/Geometry.c`).
//!
//! Pillow 13 filters first along columns where the height shrinks more than twice as much as the
//! width, in pixels; what is rounded in between differs there from Pillow 12, which never does.

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

/// A filter that is symmetric around zero.
struct Filter {
    /// Half of its width at the scale 1.
    support: f64,
    /// Its value at a distance that is not negative.
    weight: fn(f64) -> f64,
}

const TRIANGLE: Filter = Filter {
    support: 1.0,
    weight: |x| if x < 1.0 { 1.0 - x } else { 0.0 },
};

/// Keys's cubic convolution (1981) with a = -0.5.
const CUBIC: Filter = Filter {
    support: 2.0,
    weight: |x| {
        const A: f64 = -0.5;
        match x {
            ..1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
            ..2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * A,
            _ => 0.0,
        }
    },
};

impl Axis {
    fn taps(&self, interpolation: Interpolation) -> Vec<Taps> {
        match interpolation {
            Interpolation::Nearest => self.nearest(),
            Interpolation::Bilinear => self.filtered(&TRIANGLE),
            Interpolation::Bicubic => self.filtered(&CUBIC),
        }
    }

    /// The pixel under each centre. The centres are summed up, as Pillow does it: multiplied, they
    /// would round to another pixel now and then.
    fn nearest(&self) -> Vec<Taps> {
        let scale = self.from as f64 / self.to as f64;
        let mut center = scale * 0.5;
        (0..self.window.end)
            .map(|_| {
                let start = (center as usize).min(self.from - 1);
                center += scale;
                Taps {
                    start,
                    weights: vec![1 << FRACTION_BITS],
                }
            })
            .skip(self.window.start)
            .collect()
    }

    fn filtered(&self, filter: &Filter) -> Vec<Taps> {
        let scale = self.from as f64 / self.to as f64;
        let stretch = scale.max(1.0);
        let support = filter.support * stretch;
        self.window
            .clone()
            .map(|position| {
                let center = (position as f64 + 0.5) * scale;
                // `as` saturates at zero, which is the border.
                let start = (center - support + 0.5) as usize;
                let end = ((center + support + 0.5) as usize).min(self.from);
                let weight =
                    |x: usize| (filter.weight)(((x as f64 - center + 0.5) / stretch).abs());
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
    if columns_first(horizontal, vertical) {
        let filtered = along_columns(source, horizontal.from, &rows, 0);
        return along_rows(&filtered, horizontal.from, &columns);
    }
    // Only rows that the second pass reads are filtered.
    let first = rows.iter().map(|taps| taps.start).min().unwrap_or(0);
    let ends = rows.iter().map(|taps| taps.start + taps.weights.len());
    let last = ends.max().unwrap_or(0);
    let read = &source[first * horizontal.from..last * horizontal.from];
    let filtered = along_rows(read, horizontal.from, &columns);
    along_columns(&filtered, columns.len(), &rows, first)
}

fn columns_first(horizontal: &Axis, vertical: &Axis) -> bool {
    let shrinks = |axis: &Axis| axis.from as i128 - axis.to as i128;
    shrinks(vertical) > 0 && shrinks(vertical) > 2 * shrinks(horizontal)
}

/// Filters each row of `width` pixels.
fn along_rows(source: &[Rgb], width: usize, columns: &[Taps]) -> Vec<Rgb> {
    let row = |row: &[Rgb]| -> Vec<Rgb> {
        let pixels = columns
            .iter()
            .map(|taps| taps.sum(row[taps.start..].iter()));
        pixels.collect()
    };
    source.chunks_exact(width).flat_map(row).collect()
}

/// Filters each column of rows of `width` pixels, of which the first is row number `first`.
fn along_columns(source: &[Rgb], width: usize, rows: &[Taps], first: usize) -> Vec<Rgb> {
    let row = |taps: &Taps| -> Vec<Rgb> {
        let source = &source[(taps.start - first) * width..];
        let pixels = (0..width).map(|x| taps.sum(source[x..].iter().step_by(width)));
        pixels.collect()
    };
    rows.iter().flat_map(row).collect()
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
