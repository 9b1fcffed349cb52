//! From a photo to a network's input.

use super::Image;
use super::resample::{Axis, Rgb, resample};

/// How an image is resized. Both filters are antialiased, as in PIL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interpolation {
    /// A triangle filter.
    Bilinear,
    /// Cubic convolution with a = -0.5.
    Bicubic,
}

/// What was done to photos when a network was trained and evaluated: the shorter side is resized,
/// the centre cropped, and each channel shifted and scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preprocess {
    /// Length of the shorter side after resizing, in pixels.
    pub resize: usize,
    /// Height and width of the centre crop, in pixels: the network's resolution.
    pub crop: [usize; 2],
    /// The filter.
    pub interpolation: Interpolation,
    /// Subtracted from red, green and blue, in levels of 0 to 255.
    pub mean: [f32; 3],
    /// Divides what is left.
    pub std: [f32; 3],
}

/// Pixels that are cropped away from a side at the least (`CROP_PADDING` of Google's
/// `models/official/efficientnet/preprocessing.py`). timm's `crop_pct` is the same rule: 0.875 at
/// 224 pixels, 0.949 at 600.
const MARGIN: usize = 32;

/// Statistics of ImageNet in levels of 0 to 255 (timm, `IMAGENET_DEFAULT_MEAN` and `_STD`).
const IMAGENET_MEAN: [f32; 3] = [0.485 * 255.0, 0.456 * 255.0, 0.406 * 255.0];
const IMAGENET_STD: [f32; 3] = [0.229 * 255.0, 0.224 * 255.0, 0.225 * 255.0];

/// Google's constants for EfficientNet-Lite, which trained without ImageNet's statistics
/// (`MEAN_RGB` and `STDDEV_RGB` of `models/official/efficientnet/lite/efficientnet_lite_builder.py`).
const LITE_MEAN: f32 = 127.0;
const LITE_STD: f32 = 128.0;

/// Variants and their preprocessing as timm has it for `tf_efficientnet_b0..b7` and
/// `tf_efficientnet_lite0..lite4` (`timm/models/efficientnet.py`); `efficientnet_b0` has B0's.
const VARIANTS: [(&str, Preprocess); 13] = [
    ("b0", Preprocess::imagenet([224, 224])),
    ("b1", Preprocess::imagenet([240, 240])),
    ("b2", Preprocess::imagenet([260, 260])),
    ("b3", Preprocess::imagenet([300, 300])),
    ("b4", Preprocess::imagenet([380, 380])),
    ("b5", Preprocess::imagenet([456, 456])),
    ("b6", Preprocess::imagenet([528, 528])),
    ("b7", Preprocess::imagenet([600, 600])),
    (
        "lite0",
        Preprocess::lite([224, 224], Interpolation::Bicubic),
    ),
    (
        "lite1",
        Preprocess::lite([240, 240], Interpolation::Bicubic),
    ),
    (
        "lite2",
        Preprocess::lite([260, 260], Interpolation::Bicubic),
    ),
    (
        "lite3",
        Preprocess::lite([300, 300], Interpolation::Bilinear),
    ),
    (
        "lite4",
        Preprocess::lite([380, 380], Interpolation::Bilinear),
    ),
];

impl Preprocess {
    /// What B0 to B7 are trained with, for a resolution (height, width).
    pub const fn imagenet(resolution: [usize; 2]) -> Self {
        Self::new(
            resolution,
            Interpolation::Bicubic,
            IMAGENET_MEAN,
            IMAGENET_STD,
        )
    }

    /// What EfficientNet-Lite is trained with, for a resolution (height, width).
    pub const fn lite(resolution: [usize; 2], interpolation: Interpolation) -> Self {
        Self::new(resolution, interpolation, [LITE_MEAN; 3], [LITE_STD; 3])
    }

    /// The preprocessing of a variant, such as `b0` or `lite0`.
    pub fn of_variant(variant: &str) -> Option<Self> {
        VARIANTS
            .iter()
            .find(|(name, _)| *name == variant)
            .map(|&(_, preprocess)| preprocess)
    }

    const fn new(
        crop: [usize; 2],
        interpolation: Interpolation,
        mean: [f32; 3],
        std: [f32; 3],
    ) -> Self {
        let longer = if crop[0] > crop[1] { crop[0] } else { crop[1] };
        Self {
            resize: longer + MARGIN,
            crop,
            interpolation,
            mean,
            std,
        }
    }

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
        let shorter = image.width.min(image.height);
        let horizontal = self.axis(image.width, shorter, width);
        let vertical = self.axis(image.height, shorter, height);
        let resized = resample(source, &horizontal, &vertical, self.interpolation);
        let (rows, columns) = (vertical.window.len(), horizontal.window.len());
        if (rows, columns) == (height, width) {
            return resized;
        }
        let (top, left) = ((height - rows) / 2, (width - columns) / 2);
        let mut padded = vec![[0; 3]; height * width];
        for y in 0..rows {
            let row = &mut padded[(top + y) * width + left..][..columns];
            row.copy_from_slice(&resized[y * columns..][..columns]);
        }
        padded
    }

    /// One side of an image: resized so that the shorter side gets its length (rounded down, as
    /// torchvision does), and the middle `crop` pixels of that (half a pixel is rounded to even, as
    /// Python's `round` does).
    fn axis(&self, from: usize, shorter: usize, crop: usize) -> Axis {
        let to = self.resize as u128 * from as u128 / shorter as u128;
        let to = usize::try_from(to).unwrap_or(usize::MAX);
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
}
