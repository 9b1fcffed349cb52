//! The kernels: f32, NHWC, batch 1, run-time-shaped, one compiled version per instruction set.
//!
//! | kernel | computes | tile |
//! | --- | --- | --- |
//! | [`Pointwise`] | matrix product over pixels, gate, activation, residual | pixels x vectors of output channels |
//! | [`Depthwise`] | one filter a channel, activation, sums over pixels | 4 columns x 1 vector of channels |
//! | [`Convolution`] | dense convolution (the stem) | 4 columns x vectors of output channels |
//! | [`SqueezeExcite`] | pooled sums to a gate | two [`Dense`] |
//! | [`Mean`] | global average pooling | 1 vector of channels |
//! | [`Dense`] | the classifier | a [`Pointwise`] of one pixel |
//!
//! Register tiles follow from the number of registers ([`simd`]); weights are packed in the order in
//! which a tile reads them (`panel`). A scalar reference of every kernel is in [`reference`], and one
//! suite of tests compares both for every instruction set that the machine has.
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
pub use mean::Mean;
pub use pointwise::{Gate, GateMode, Pointwise};
pub use squeeze_excite::SqueezeExcite;
pub use window::Pads;
