//! Whether a JPEG file is complete.
//!
//! The decoder fills what a truncated file lacks with grey; a network would classify that.

/// Markers of ITU-T T.81, table B.1.
const START_OF_SCAN: u8 = 0xDA;
const END_OF_IMAGE: [u8; 2] = [0xFF, 0xD9];

/// An error if no end of image follows the first scan. The segments before that are skipped by
/// their lengths: a thumbnail in them has an end of its own. Inside of a scan the two bytes of the
/// marker cannot occur.
pub(super) fn check_end(bytes: &[u8]) -> Result<(), String> {
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
