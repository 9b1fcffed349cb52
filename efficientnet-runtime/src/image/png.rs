//! PNG files.

use std::io::Cursor;

use ::image::codecs::png::PngDecoder;
use ::image::{ColorType, ImageDecoder, Limits};

use super::{Image, check_size, damaged, decoded};

/// Signature, and lengths of a chunk's fields: length, kind, checksum.
const SIGNATURE: usize = 8;
const LENGTH: usize = 4;
const KIND: usize = 4;
const CHECKSUM: usize = 4;

/// Memory for rows, profiles and texts, in bytes: a compressed text may claim to be any size.
const MAX_PARTS: u64 = 32 << 20;

/// Decodes the bytes of a file to RGB.
pub(super) fn decode(bytes: &[u8]) -> Result<Image, String> {
    check_palette(bytes)?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_PARTS);
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits).map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    let colour = decoder.color_type();
    let copy = match colour {
        ColorType::Rgb8 | ColorType::Rgba8 => 0,
        _ => 3,
    };
    let pixels = u64::from(width) * u64::from(height);
    let memory = pixels.saturating_mul(u64::from(colour.bytes_per_pixel()) + copy);
    check_size(width, height, memory)?;
    decoded(decoder)
}

/// An error unless a palette has 1 to 256 whole colours (PNG, 11.2.2), which the decoder believes.
fn check_palette(bytes: &[u8]) -> Result<(), String> {
    let mut rest = bytes.get(SIGNATURE..).unwrap_or_default();
    while let Some((length, after)) = rest.split_first_chunk::<LENGTH>() {
        let length = u32::from_be_bytes(*length) as usize;
        let whole = length.is_multiple_of(3) && (1..=256).contains(&(length / 3));
        if after.starts_with(b"PLTE") && !whole {
            return Err(format!("damaged image: a palette of {length} bytes"));
        }
        let chunk = KIND.saturating_add(length).saturating_add(CHECKSUM);
        rest = after.get(chunk..).unwrap_or_default();
    }
    Ok(())
}
