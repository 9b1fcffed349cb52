//! Images to write: fitted to a size, and as PNG.

use std::io::{self, Write};

use ::image::codecs::png::PngEncoder;
use ::image::{ExtendedColorType, ImageEncoder, ImageError};

use super::{Image, Interpolation, Preprocess, Resize};

impl Image {
    /// The image with at most `most` pixels on its longer side (at least 1), its proportions kept to the
    /// pixel; a smaller one as it is.
    pub fn fitted(&self, most: usize) -> Image {
        let longer = self.width.max(self.height);
        if longer <= most {
            return self.clone();
        }
        let side = |side: usize| {
            let scaled = side as f64 * most as f64 / longer as f64;
            (scaled.round() as usize).max(1)
        };
        let sides = [side(self.height), side(self.width)];
        let preprocess = Preprocess {
            resize: Resize::Squash(sides),
            crop: sides,
            interpolation: Interpolation::Bilinear,
            mean: [0.0; 3],
            std: [1.0; 3],
        };
        Image {
            width: sides[1],
            height: sides[0],
            pixels: preprocess.crop(self).into_flattened(),
        }
    }

    /// Writes the image as PNG, 8 bits a channel.
    ///
    /// # Errors
    /// If `writer` fails, or if a side has more pixels than PNG can say (2^31 - 1).
    pub fn write_png(&self, writer: impl Write) -> io::Result<()> {
        let side = |side: usize| u32::try_from(side).map_err(io::Error::other);
        let (width, height) = (side(self.width)?, side(self.height)?);
        PngEncoder::new(writer)
            .write_image(&self.pixels, width, height, ExtendedColorType::Rgb8)
            .map_err(|error| match error {
                ImageError::IoError(error) => error,
                error => io::Error::other(error),
            })
    }
}
