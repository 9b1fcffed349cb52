//! Photos: decoding JPEG, PNG and WebP, and preparing them as a network's training did.

mod jpeg;
mod output;
mod png;
mod preprocess;
mod recipe;
mod resample;
mod webp;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ::image::{DynamicImage, ImageDecoder, ImageFormat};

pub use preprocess::{Interpolation, Preprocess, Region, Resize};
pub use recipe::Recipe;

/// Memory that decoding may take at most, in bytes: a small file can claim to be any size. This suffices
/// for 110 million pixels of a JPEG as cameras write it (of a progressive one for half as many), for 160
/// million of an 8-bit PNG, for 60 million of a WebP. PIL warns of more than 89 million.
const MAX_MEMORY: u64 = 480 << 20;

/// Longest file that is read, in bytes: a pipe or a device may have no end.
const MAX_FILE: u64 = 256 << 20;

/// Bytes that show a file's format.
const BEGINNING: u64 = 32;

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
        let result = read(path)
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

/// The bytes of a file; of one that is no image, its beginning.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    file.by_ref().take(BEGINNING).read_to_end(&mut bytes)?;
    if ::image::guess_format(&bytes).is_err() {
        return Ok(bytes);
    }
    file.take(MAX_FILE).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        let reason = format!("more than {MAX_FILE} bytes, which no photo has");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
    }
    Ok(bytes)
}

fn decode(bytes: &[u8]) -> Result<Image, String> {
    match ::image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => jpeg::decode(bytes),
        Ok(ImageFormat::Png) => png::decode(bytes),
        Ok(ImageFormat::WebP) => webp::decode(bytes),
        Ok(format) => Err(format!("expected JPEG, PNG or WebP, found {format:?}")),
        Err(_) => Err("expected JPEG, PNG or WebP, found no image".to_owned()),
    }
}

/// Decodes an image that is known to be small enough.
fn decoded(decoder: impl ImageDecoder) -> Result<Image, String> {
    let (width, height) = decoder.dimensions();
    let pixels = match DynamicImage::from_decoder(decoder).map_err(damaged)? {
        DynamicImage::ImageRgba8(image) => without_alpha(image.into_raw()),
        image => image.into_rgb8().into_raw(),
    };
    Image::new(width as usize, height as usize, pixels).map_err(|error| error.reason)
}

/// Red, green and blue of pixels that have alpha, too, in the same memory.
fn without_alpha(mut pixels: Vec<u8>) -> Vec<u8> {
    let count = pixels.len() / 4;
    for pixel in 0..count {
        pixels.copy_within(4 * pixel..4 * pixel + 3, 3 * pixel);
    }
    pixels.truncate(3 * count);
    pixels
}

fn damaged(error: ::image::ImageError) -> String {
    format!("damaged image: {error}")
}

/// An error if decoding takes more than [`MAX_MEMORY`]. `bytes` are those that the whole image takes, with
/// all that lies in memory at the same time.
fn check_size(width: u32, height: u32, bytes: u64) -> Result<(), String> {
    if bytes <= MAX_MEMORY {
        return Ok(());
    }
    Err(format!(
        "{width} x {height} pixels are too many: to decode them takes {} MB, the limit is {}; shrink it \
         first",
        bytes >> 20,
        MAX_MEMORY >> 20
    ))
}

#[cfg(test)]
mod tests;
