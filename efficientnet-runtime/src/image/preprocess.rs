//! From a photo to a network's input.

use super::Image;
use super::resample::{Axis, Rgb, resample};

/// How an image is resized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interpolation {
    /// The nearest pixel, as PIL's `NEAREST`: aliased where the image shrinks.
    Nearest,
    /// A triangle filter, antialiased as in PIL.
    Bilinear,
    /// Cubic convolution with a = -0.5, antialiased as in PIL.
    Bicubic,
}

/// The size to which an image is resized: height and width in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resize {
    /// The smallest size that covers these sides with the image's proportions: for a square, the
    /// shorter side gets its length.
    Cover([usize; 2]),
    /// These sides, whatever the image's proportions.
    Squash([usize; 2]),
}

/// What is done to photos before a network sees them: they are resized, the centre is cropped, and
/// each channel shifted and scaled. [`Preprocess::of`] knows what checkpoints were trained with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preprocess {
    /// The size before the crop.
    pub resize: Resize,
    /// Height and width of the centre crop, in pixels: the network's resolution.
    pub crop: [usize; 2],
    /// The filter.
    pub interpolation: Interpolation,
    /// Subtracted from red, green and blue, in levels of 0 to 255.
    pub mean: [f32; 3],
    /// Divides what is left, in levels as well: with a mean of 0 and a deviation of 1, the network
    /// gets 0 to 255.
    pub std: [f32; 3],
}

impl Preprocess {
    /// The network's input: `crop[0] * crop[1] * 3` values, NHWC.
    pub fn apply(&self, image: &Image) -> Vec<f32> {
        let mut input = Vec::with_capacity(self.crop[0] * self.crop[1] * 3);
        for pixel in self.crop(image) {
            for ((&value, mean), std) in pixel.iter().zip(self.mean).zip(self.std) {
                input.push((f32::from(value) - mean) / std);
            }
        }
        input
    }

    /// The pixels of the crop, row by row: those of PIL, resized and cropped as torchvision's
    /// `Resize` and `CenterCrop` do. Where the resized image is smaller than the crop, the border
    /// is black.
    pub(super) fn crop(&self, image: &Image) -> Vec<Rgb> {
        let [height, width] = self.crop;
        let (source, _) = image.pixels.as_chunks::<3>();
        let resized = self.resize.apply([image.height, image.width]);
        let vertical = axis(image.height, resized[0], height);
        let horizontal = axis(image.width, resized[1], width);
        let resized = resample(source, &horizontal, &vertical, self.interpolation);
        let (rows, columns) = (vertical.window.len(), horizontal.window.len());
        if (rows, columns) == (height, width) {
            return resized;
        }
        let (top, left) = (border(&vertical, height), border(&horizontal, width));
        let mut padded = vec![[0; 3]; height * width];
        for y in 0..rows {
            let row = &mut padded[(top + y) * width + left..][..columns];
            row.copy_from_slice(&resized[y * columns..][..columns]);
        }
        padded
    }

    /// What a network sees of a photo of this width and height: where the crop lies in it.
    pub fn region(&self, width: usize, height: usize) -> Region {
        let [resized_height, resized_width] = self.resize.apply([height, width]);
        let along = |from, to: usize, crop| {
            let axis = axis(from, to, crop);
            let start = axis.window.start as f64 - border(&axis, crop) as f64;
            [start, crop as f64].map(|pixels| pixels / to as f64)
        };
        let [top, rows] = along(height, resized_height, self.crop[0]);
        let [left, columns] = along(width, resized_width, self.crop[1]);
        Region {
            left,
            top,
            width: columns,
            height: rows,
        }
    }
}

/// A part of a photo, in widths and heights of the photo: beyond 0 or 1 where a border was added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// Its left side.
    pub left: f64,
    /// Its upper side.
    pub top: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

/// Pixels of the crop before the window's first, where the window is smaller.
fn border(axis: &Axis, crop: usize) -> usize {
    (crop - axis.window.len()) / 2
}

impl Resize {
    /// Height and width of an image after resizing.
    ///
    /// The longer side of a covered square is rounded down, as torchvision's `Resize` does; both
    /// sides of an image that covers a rectangle are rounded, half to even, as timm's
    /// `ResizeKeepRatio` does.
    fn apply(self, image: [usize; 2]) -> [usize; 2] {
        match self {
            Resize::Squash(sides) => sides,
            Resize::Cover([height, width]) if height == width => {
                let shorter = image[0].min(image[1]) as u128;
                image.map(|side| {
                    let side = height as u128 * side as u128 / shorter;
                    usize::try_from(side).unwrap_or(usize::MAX)
                })
            }
            Resize::Cover(sides) => {
                let [vertical, horizontal] = [0, 1].map(|i| image[i] as f64 / sides[i] as f64);
                let ratio = vertical.min(horizontal);
                image.map(|side| (side as f64 / ratio).round_ties_even() as usize)
            }
        }
    }
}

/// One side of an image that is resized: the middle `crop` pixels of the result (half a pixel is
/// rounded to even, as Python's `round` does).
fn axis(from: usize, to: usize, crop: usize) -> Axis {
    let start = match to.checked_sub(crop) {
        Some(margin) => margin / 2 + usize::from(margin % 4 == 3),
        None => 0,
    };
    Axis {
        from,
        to,
        window: start..to.min(start + crop),
    }
}
