//! JPEG files.
//!
//! The decoder's pixels are those of libjpeg-turbo, hence of PIL, bit for bit: the same integer
//! cosine transform, the same upsampling of chroma, the same conversion of colours. A file that ends
//! too early is refused: what it lacks would be filled with grey, which a network would classify.

use libjpeg_turbo_rs::{ComponentInfo, DecodeLimits, Decoder, FrameHeader, JpegError, PixelFormat};

use super::{Image, check_size};

/// Markers of ITU-T T.81, table B.1.
const START_OF_SCAN: u8 = 0xDA;
const END_OF_IMAGE: [u8; 2] = [0xFF, 0xD9];

/// Most scans of a progressive file: encoders write some ten, and each costs time for all pixels, even if it
/// takes hardly a byte.
const MAX_SCANS: usize = 100;

/// The decoder's own limits, besides memory, which [`check_frame`] looks at.
const LIMITS: DecodeLimits = DecodeLimits {
    max_width: u16::MAX as usize,
    max_height: u16::MAX as usize,
    max_pixels: u64::MAX,
    max_scans: MAX_SCANS,
    max_memory: None,
};

/// Decodes the bytes of a file to RGB.
pub(super) fn decode(bytes: &[u8]) -> Result<Image, String> {
    check_end(bytes)?;
    let mut decoder = Decoder::new_with_limits(bytes, LIMITS).map_err(explain)?;
    check_frame(decoder.header())?;
    decoder.set_output_format(PixelFormat::Rgb);
    // As libjpeg does where a progressive file leaves out its finest scans.
    decoder.set_block_smoothing(true);
    let pixels = decoder.decode_image().map_err(explain)?;
    Image::new(pixels.width, pixels.height, pixels.data).map_err(|error| error.reason)
}

fn explain(error: JpegError) -> String {
    match error {
        JpegError::Unsupported(_) | JpegError::LimitExceeded { .. } => error.to_string(),
        _ => format!("damaged image: {error}"),
    }
}

/// Refuses frames that are too large, and those that the decoder cannot take.
fn check_frame(frame: &FrameHeader) -> Result<(), String> {
    let (width, height) = (u32::from(frame.width), u32::from(frame.height));
    if width == 0 || height == 0 {
        return Err(format!("damaged image: {width} x {height} pixels"));
    }
    check_size(width, height, memory(frame))?;
    if frame.precision != 8 {
        return Err(format!(
            "JPEG of {} bits a sample is not supported, only of 8",
            frame.precision
        ));
    }
    if is_regular(&frame.components) {
        Ok(())
    } else {
        Err("JPEG of colours in these resolutions is not supported".to_owned())
    }
}

/// Bytes of memory that a frame takes: the result, and its components in their resolutions; where these come
/// in several scans, all of their coefficients and a byte a block, too.
fn memory(frame: &FrameHeader) -> u64 {
    let area = |component: &ComponentInfo| {
        u64::from(component.horizontal_sampling) * u64::from(component.vertical_sampling)
    };
    let full = frame.components.iter().map(area).max().unwrap_or(1).max(1);
    let pixels = u64::from(frame.width) * u64::from(frame.height);
    let planes: u64 = frame.components.iter().map(area).sum();
    let planes = pixels * planes / full;
    let coefficients = match frame.is_progressive {
        true => 2 * planes + planes / 64,
        false => 0,
    };
    3 * pixels + planes + coefficients
}

/// Whether colours have resolutions as encoders write them: that of the first or a fraction of it;
/// of four inks, only the second and the third a fraction, and the same one. The decoder takes no
/// others, and indexes out of bounds with other inks.
fn is_regular(components: &[ComponentInfo]) -> bool {
    let sampling =
        |component: &ComponentInfo| [component.horizontal_sampling, component.vertical_sampling];
    let sampling: Vec<[u8; 2]> = components.iter().map(sampling).collect();
    let divides =
        |[x, y]: [u8; 2], first: [u8; 2]| first[0].is_multiple_of(x) && first[1].is_multiple_of(y);
    match sampling[..] {
        [first, second, third, last] => first == last && second == third && divides(second, first),
        [first, ref others @ ..] => others.iter().all(|&other| divides(other, first)),
        [] => false,
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
