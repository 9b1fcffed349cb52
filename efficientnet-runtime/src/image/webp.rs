//! WebP files.

use std::io::Cursor;

use ::image::ImageDecoder;
use ::image::codecs::webp::WebPDecoder;

use super::{Image, check_size, damaged, decoded};

/// Decodes the bytes of a file to RGB; of an animation, the first frame.
pub(super) fn decode(bytes: &[u8]) -> Result<Image, String> {
    let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    // The result, and beside it: a frame and the canvas that it is put on; planes of luma, chroma and alpha
    // with what the latter is unpacked from; four values a pixel where three are wanted.
    let values = match (decoder.has_animation(), decoder.color_type().has_alpha()) {
        (true, _) => 4 + 4 + 6,
        (false, true) => 4 + 8,
        (false, false) => 4 + 4,
    };
    let pixels = u64::from(width) * u64::from(height);
    check_size(width, height, pixels * values)?;
    decoded(decoder)
}
