//! FNV-1a, 64 bits (Fowler, Noll and Vo): a name of bytes, no protection against forgery.

/// Hash of bytes.
pub(crate) fn fnv1a64(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}
