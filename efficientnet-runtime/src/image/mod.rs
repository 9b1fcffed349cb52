//! Photos: decoding JPEG, PNG and WebP, and preparing them as a network's training did.

mod jpeg;
mod output;
mod preprocess;
mod recipe;
mod resample;

use std::fs;
use std::io::Cursor;
use std::path::Path;

use ::image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

pub use preprocess::{Interpolation, Preprocess, Region, Resize};
pub use recipe::Recipe;

/// Largest image that is decoded, in bytes after decoding: 179 million pixels of 8-bit RGB, where
/// PIL stops, too (twice `Image.MAX_IMAGE_PIXELS`). A small file can claim to be any size.
const MAX_BYTES: u64 = 512 << 20;

/// An 8-bit RGB image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

/// An image could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {reason}")]
pub struct ImageError {
    /// The file.
    pub name: String,
    /// What is wrong.
    pub reason: String,
}

impl Image {
    /// Takes pixels: rows from the top, each pixel red, green, blue.
    ///
    /// # Errors
    /// If a side is zero, or if there are not `height * width * 3` values.
    pub fn new(width: usize, height: usize, pixels: Vec<u8>) -> Result<Self, ImageError> {
        let expected = width
            .checked_mul(height)
            .and_then(|count| count.checked_mul(3));
        if expected == Some(pixels.len()) && !pixels.is_empty() {
            return Ok(Self {
                width,
                height,
                pixels,
            });
        }
        Err(ImageError {
            name: "image".to_owned(),
            reason: format!("{width} x {height} pixels of RGB in {} bytes", pixels.len()),
        })
    }

    /// Reads a JPEG, PNG or WebP file, as PIL's `Image.open(path).convert("RGB")` does: grey becomes
    /// RGB, transparency is dropped, colour profiles and the orientation in EXIF data are not
    /// applied. CMYK is converted without a profile; 16-bit values are rounded to 8 bits.
    ///
    /// # Errors
    /// If the file cannot be read, is in another format, truncated, damaged or too large.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ImageError> {
        let path = path.as_ref();
        let result = fs::read(path)
            .map_err(|error| format!("cannot be read: {error}"))
            .and_then(|bytes| decode(&bytes));
        result.map_err(|reason| ImageError {
            name: path.display().to_string(),
            reason,
        })
    }

    /// Decodes the bytes of a JPEG, PNG or WebP file as [`Image::open`] does; `name` stands for the
    /// file in messages.
    ///
    /// # Errors
    /// If the bytes are in another format, truncated, damaged, or of too large an image.
    pub fn decode(bytes: &[u8], name: &str) -> Result<Self, ImageError> {
        decode(bytes).map_err(|reason| ImageError {
            name: name.to_owned(),
            reason,
        })
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Rows from the top, each pixel red, green, blue.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

fn decode(bytes: &[u8]) -> Result<Image, String> {
    let damaged = |error: ::image::ImageError| format!("damaged image: {error}");
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| error.to_string())?;
    match reader.format() {
        Some(ImageFormat::Jpeg) => return jpeg::decode(bytes),
        Some(ImageFormat::Png | ImageFormat::WebP) => {}
        Some(format) => return Err(format!("expected JPEG, PNG or WebP, found {format:?}")),
        None => return Err("expected JPEG, PNG or WebP, found no image".to_owned()),
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, decoder.total_bytes())?;
    let pixels = DynamicImage::from_decoder(decoder)
        .map_err(damaged)?
        .into_rgb8()
        .into_raw();
    Image::new(width as usize, height as usize, pixels).map_err(|error| error.reason)
}

/// An error if an image takes more than [`MAX_BYTES`] after decoding.
fn check_size(width: u32, height: u32, bytes: u64) -> Result<(), String> {
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    Err(format!(
        "{width} x {height} pixels are too many: {bytes} bytes, the limit is {MAX_BYTES}"
    ))
}

#[cfg(test)]
mod tests;
