//! JPEG files.
//!
//! Chroma is upsampled as libjpeg does, in one rounding: probabilities of photos then move by half a
//! percent at most from those of PIL's pixels. The decoder fills what a truncated file lacks with
//! grey, which a network would classify, so the file's end is looked for first.

use jpeg_decoder::{Decoder, ImageInfo, PixelFormat};

use super::{Image, check_size};

/// Markers of ITU-T T.81, table B.1.
const START_OF_SCAN: u8 = 0xDA;
const END_OF_IMAGE: [u8; 2] = [0xFF, 0xD9];

/// Decodes the bytes of a file to RGB.
pub(super) fn decode(bytes: &[u8]) -> Result<Image, String> {
    check_end(bytes)?;
    let damaged = |error: jpeg_decoder::Error| format!("damaged image: {error}");
    let mut decoder = Decoder::new(bytes);
    decoder.read_info().map_err(damaged)?;
    let info = decoder.info().ok_or("damaged image: no frame")?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    let pixel_bytes = info.pixel_format.pixel_bytes() as u64;
    check_size(
        width,
        height,
        u64::from(width) * u64::from(height) * pixel_bytes,
    )?;
    let pixels = decoder.decode().map_err(damaged)?;
    Image::new(width as usize, height as usize, to_rgb(info, pixels)).map_err(|error| error.reason)
}

fn to_rgb(info: ImageInfo, pixels: Vec<u8>) -> Vec<u8> {
    match info.pixel_format {
        PixelFormat::RGB24 => pixels,
        PixelFormat::L8 => pixels.into_iter().flat_map(|grey| [grey; 3]).collect(),
        // Samples of 16 bits in the machine's order; the upper byte is the 8-bit value.
        PixelFormat::L16 => {
            let (samples, _) = pixels.as_chunks::<2>();
            let grey = |sample: &[u8; 2]| (u16::from_ne_bytes(*sample) >> 8) as u8;
            samples
                .iter()
                .flat_map(|sample| [grey(sample); 3])
                .collect()
        }
        // Without a profile: each ink takes its share of the light that black leaves.
        PixelFormat::CMYK32 => {
            let (inks, _) = pixels.as_chunks::<4>();
            let light = |ink: u8, black: u8| {
                ((255 - u16::from(ink)) * (255 - u16::from(black)) / 255) as u8
            };
            inks.iter()
                .flat_map(|&[c, m, y, k]| [light(c, k), light(m, k), light(y, k)])
                .collect()
        }
    }
}

/// An error if no end of image follows the first scan. The segments before that are skipped by
/// their lengths: a thumbnail in them has an end of its own. Inside of a scan the two bytes of the
/// marker cannot occur.
fn check_end(bytes: &[u8]) -> Result<(), String> {
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        rest = match rest {
            // Any number of 0xFF may precede a marker.
            [0xFF, 0xFF, ..] => &rest[1..],
            [0xFF, START_OF_SCAN, scan @ ..] => {
                let ends = scan.windows(2).any(|marker| marker == END_OF_IMAGE);
                return if ends {
                    Ok(())
                } else {
                    Err("truncated JPEG".to_owned())
                };
            }
            [0xFF, _, high, low, ..] => {
                let length = 2 + usize::from(u16::from_be_bytes([*high, *low]));
                rest.get(length..).ok_or("truncated JPEG".to_owned())?
            }
            _ => return Err("damaged or truncated JPEG".to_owned()),
        };
    }
}
