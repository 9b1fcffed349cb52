//! The kernels: f32 and bfloat16, NHWC, batch 1, run-time-shaped, one compiled version per instruction set.
//!
//! | kernel | computes | tile |
//! | --- | --- | --- |
//! | [`Pointwise`] | matrix product over pixels, gate, activation, residual | pixels x vectors of output channels: 16 x 1, 12 x 2, 8 x 3 of 32 registers, 12 x 1, 6 x 2 of 16 |
//! | [`PooledPointwise`] | the mean over the pixels of a pointwise convolution | the same |
//! | [`Depthwise`] | one filter a channel, activation, sums over pixels | 8 or 7 columns x 1 vector of channels |
//! | [`DepthFirst`] | a depthwise convolution over a map that is made strip by strip | both |
//! | [`Convolution`] | dense convolution (the stem) | as a pointwise convolution |
//! | [`SqueezeExcite`] | pooled sums to a gate | two [`Dense`] |
//! | [`Mean`] | global average pooling | 1 vector of channels |
//! | [`Dense`] | the classifier | 4 chains of sums x vectors of outputs |
//! | [`Widen`] | a map of bfloat16 as floats | 1 vector |
//!
//! Register tiles follow from the number of registers (`simd`); weights are packed in the order in
//! which a tile reads them (`panel`). A tile of `n` is followed by tiles of `n - 1` (`unroll`), so that
//! most lengths are covered without a short rest. What follows the sums of a tile is chosen at run time, so
//! that the loops over inputs, which are most of the code, are compiled once for all activations.
//!
//! Caches: a panel of a pointwise kernel (up to 48 channels times the inputs) is read from L1 or L2 once per
//! tile, while the next is fetched into L2; a strip's input and output stay in L2 over all panels. A
//! depthwise kernel walks one vector of channels down a strip, so that the rows under its window,
//! one cache line a pixel, stay in L1 (3 x 112 lines are 21 KiB). Depth-first, the map that it reads has never
//! left L2.
//!
//! Threads (`threads`) share a call by strips of rows or by panels of channels. A scalar reference of every
//! kernel is in [`mod@reference`], and one suite of tests compares both for every instruction set that the
//! machine has.
//!
//! Results depend on the instruction set in the last bits (vectors sum in another order, and not all
//! have a fused multiply-add), but not on tiles, strips or threads: each output is always summed in the
//! order of its inputs, and sums over pixels in the order of strips.
//!
//! This module and those below it are the only place with `unsafe`. Every public function checks the
//! lengths of its slices once, so that the pointers inside stay in bounds.

#![allow(unsafe_code)]

#[macro_use]
mod unroll;

mod activation;
mod codes;
mod convolution;
mod dense;
mod depth_first;
mod depthwise;
mod element;
mod isa;
mod len;
mod lines;
mod mapped;
mod mean;
mod panel;
mod peak;
mod place;
mod pointwise;
mod pooled;
mod product;
pub mod reference;
mod scaling;
mod simd;
mod squeeze_excite;
mod target;
#[cfg(test)]
mod tests;
mod threads;
mod widen;
mod window;

pub use activation::Activation;
pub use codes::{Coding, Dequantize, Quantize};
pub use convolution::Convolution;
pub use dense::Dense;
pub use depth_first::{DepthFirst, Producer};
pub use depthwise::Depthwise;
pub use element::{Bf16, Element, Precision, Q8};
pub use isa::{ISA_VARIABLE, Isa, IsaError};
pub use mapped::MappedFile;
pub use mean::Mean;
pub(crate) use panel::LAYOUT_VERSION;
pub use peak::{codes_rate, fma_rate, pairs_rate, read_rate};
pub use pointwise::{Gate, GateMode, Pointwise};
pub use pooled::PooledPointwise;
pub use scaling::Scaled;
pub use squeeze_excite::SqueezeExcite;
pub use threads::{Split, Threads, Workers};
pub use widen::Widen;
pub use window::Pads;
