//! Floats of 16 bits as f32, which has them all.
//!
//! Own code: `half` brings zerocopy and its derive macro into every user's build.

/// Bits of the mantissa of an IEEE 754 binary16, and by how many binary32 has more.
const MANTISSA_BITS: u32 = 10;
const MORE_MANTISSA_BITS: u32 = 23 - MANTISSA_BITS;

/// By how much the bias of binary32's exponents is larger, in place.
const MORE_BIAS: u32 = (127 - 15) << 23;

/// An IEEE 754 binary16 from its little-endian bytes; NaNs keep their payload.
pub(crate) fn binary16(bytes: [u8; 2]) -> f32 {
    let bits = u32::from(u16::from_le_bytes(bytes));
    let (sign, magnitude) = ((bits & 0x8000) << 16, bits & 0x7fff);
    let widened = magnitude << MORE_MANTISSA_BITS;
    let magnitude = match magnitude >> MANTISSA_BITS {
        // Subnormals: multiples of 2^-24.
        0 => (magnitude as f32 * 2f32.powi(-24)).to_bits(),
        // Infinity and NaNs.
        0x1f => widened | 0x7f80_0000,
        _ => widened + MORE_BIAS,
    };
    f32::from_bits(sign | magnitude)
}

/// A bfloat16, the upper half of a binary32, from its little-endian bytes.
pub(crate) fn bfloat16(bytes: [u8; 2]) -> f32 {
    f32::from_bits(u32::from(u16::from_le_bytes(bytes)) << 16)
}

#[cfg(test)]
mod tests {
    use half::{bf16, f16};

    use super::*;

    #[test]
    fn all_values_are_those_of_half() {
        for bits in 0..=u16::MAX {
            let bytes = bits.to_le_bytes();
            for (found, expected) in [
                (binary16(bytes), f16::from_bits(bits).to_f32()),
                (bfloat16(bytes), bf16::from_bits(bits).to_f32()),
            ] {
                assert_eq!(found.is_nan(), expected.is_nan(), "{bits:#x}");
                assert_eq!(
                    found.is_sign_negative(),
                    expected.is_sign_negative(),
                    "{bits:#x}"
                );
                if !found.is_nan() {
                    assert_eq!(found.to_bits(), expected.to_bits(), "{bits:#x}");
                }
            }
        }
    }

    /// IEEE 754, 3.4: sign, exponent and fraction, in float64, where all of it is exact.
    #[test]
    fn binary16_is_as_it_is_defined() {
        for bits in 0..=u16::MAX {
            let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
            let magnitude = match exponent {
                0 => fraction * 2f64.powi(-24),
                0x1f if fraction == 0.0 => f64::INFINITY,
                0x1f => continue,
                _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
            };
            let value = if bits >> 15 == 1 {
                -magnitude
            } else {
                magnitude
            };
            let found = f64::from(binary16(bits.to_le_bytes()));
            assert_eq!(found.to_bits(), value.to_bits(), "{bits:#x}");
        }
    }
}
