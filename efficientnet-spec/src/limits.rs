//! Bounds of what a spec may ask for: far above every published variant, low enough that no product
//! of sizes overflows and nothing runs for minutes.

/// Channels of a feature map, expanded ones included.
pub(crate) const MAX_CHANNELS: usize = 1 << 20;
/// Rows or columns of a kernel.
pub(crate) const MAX_KERNEL: usize = 31;
/// Blocks of a variant.
pub(crate) const MAX_BLOCKS: usize = 64;
/// Sub-blocks of a block.
pub(crate) const MAX_REPEATS: usize = 256;
/// Channels of an expansion over those before it.
pub(crate) const MAX_EXPAND_RATIO: f64 = 256.0;
/// Rows or columns of the input.
pub(crate) const MAX_SIDE: usize = 1 << 16;
/// Classes.
pub(crate) const MAX_CLASSES: usize = 1 << 24;
/// Values of one feature map, so that offsets in bytes fit 63 bits with room for sums.
pub(crate) const MAX_ELEMENTS: u64 = 1 << 32;
/// Width, depth and their bases.
pub(crate) const MAX_COEFFICIENT: f64 = 100.0;
/// Bytes of a spec: the bundled ones have 3 thousand.
pub(crate) const MAX_TEXT: usize = 1 << 18;
/// Nesting of a spec: a block's value is at 3.
pub(crate) const MAX_DEPTH: usize = 16;
