//! The kernels: f32, NHWC, batch 1, run-time-shaped, one compiled version per instruction set.
//!
//! | kernel | computes | tile |
//! | --- | --- | --- |
//! | [`Pointwise`] | matrix product over pixels, gate, activation, residual | pixels x vectors of output channels: 16 x 1, 12 x 2, 8 x 3 of 32 registers, 12 x 1, 6 x 2 of 16 |
//! | [`Depthwise`] | one filter a channel, activation, sums over pixels | 8 or 7 columns x 1 vector of channels |
//! | [`Convolution`] | dense convolution (the stem) | 6 columns x vectors of output channels |
//! | [`SqueezeExcite`] | pooled sums to a gate | two [`Dense`] |
//! | [`Mean`] | global average pooling | 1 vector of channels |
//! | [`Dense`] | the classifier | 4 chains of sums x vectors of outputs |
//!
//! Register tiles follow from the number of registers (`simd`); weights are packed in the order in
//! which a tile reads them (`panel`). A tile of `n` is followed by tiles of `n - 1` (`unroll`), so that
//! most lengths are covered without a short rest.
//!
//! Caches: a panel of a pointwise kernel (up to 48 channels times the inputs) is read from L1 or L2 once per
//! tile while a tile's input rows stay in L1, and a strip's input and output stay in L2 over all panels. A
//! depthwise kernel walks one vector of channels down the whole map, so that the rows under its window,
//! one cache line a pixel, stay in L1 (3 x 112 lines are 21 KiB) and every input is fetched once.
//!
//! A scalar reference of every kernel is in [`mod@reference`], and one suite of tests compares both for every
//! instruction set that the machine has.
//!
//! Results depend on the instruction set in the last bits (vectors sum in another order, and not all
//! have a fused multiply-add), but not on tiles or strips: each output is always summed in the order
//! of its inputs.
//!
//! This module and those below it are the only place with `unsafe`. Every public function checks the
//! lengths of its slices once, so that the pointers inside stay in bounds.

#![allow(unsafe_code)]

#[macro_use]
mod unroll;

mod activation;
mod convolution;
mod dense;
mod depthwise;
mod isa;
mod len;
mod mapped;
mod mean;
mod panel;
mod pointwise;
pub mod reference;
mod simd;
mod squeeze_excite;
#[cfg(test)]
mod tests;
mod window;

pub use activation::Activation;
pub use convolution::Convolution;
pub use dense::Dense;
pub use depthwise::Depthwise;
pub use isa::{ISA_VARIABLE, Isa, IsaError};
pub use mapped::MappedFile;
pub use mean::Mean;
pub(crate) use panel::LAYOUT_VERSION;
pub use pointwise::{Gate, GateMode, Pointwise};
pub use squeeze_excite::SqueezeExcite;
pub use window::Pads;
