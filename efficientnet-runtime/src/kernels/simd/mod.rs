//! Vectors of floats, of pairs of bfloat16 and of fours of codes: one trait, one file an instruction set.
//!
//! Kernels are generic functions over [`Simd`], inlined into a function that enables the target
//! features, so every method here is `#[inline(always)]` and unsafe to call elsewhere.

#![allow(
    clippy::missing_safety_doc,
    reason = "one contract for all methods, on the trait"
)]
#![cfg_attr(
    not(all(feature = "bf16", feature = "int8")),
    allow(dead_code, reason = "what only kernels of bfloat16, or of codes, call")
)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod exp;
mod portable;

use super::isa::Kernel;

#[cfg(target_arch = "x86_64")]
pub(crate) use avx2::run as avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) use avx512::run as avx512;
pub(crate) use portable::run as portable;

/// Environment variable that, set to `software`, has pairs of bfloat16 multiplied without the instructions for it:
/// for comparing both.
const BF16_VARIABLE: &str = "EFFICIENTNET_BF16";

/// The same for fours of codes.
const INT8_VARIABLE: &str = "EFFICIENTNET_INT8";

/// Whether an environment variable asks to do without the processor's instructions.
#[cfg(target_arch = "x86_64")]
fn wants_software(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| value == "software")
}

/// Operations on vectors of one instruction set.
///
/// # Safety
/// All methods need a processor with the instruction set; loads and stores need `LANES` (masked: as
/// many as the mask has) valid floats behind the pointer, at any alignment.
pub(crate) trait Simd: Copy {
    /// A vector of [`Self::LANES`] floats.
    type V: Copy;
    /// A choice of the first lanes.
    type Mask: Copy;
    /// Floats per vector.
    const LANES: usize;
    /// Rows of the product tile for 1, 2, .. vectors of output channels, as many as a panel may have:
    /// accumulators, the weights of one step and one broadcast fill the registers.
    const ROWS: &'static [usize];
    /// Whether codes are multiplied by one instruction; others need registers for what they take apart.
    const MULTIPLIES_CODES: bool;
    /// Whether depthwise kernels gain from tiles of many columns, which take registers of this width.
    const TILES: bool;

    /// The same value, of which the optimiser knows nothing: it computes addresses from it where they are
    /// used, instead of keeping dozens of them in memory across loops.
    fn opaque(value: usize) -> usize;
    /// Runs a kernel as a function of its own, compiled for this instruction set once, from wherever it
    /// is called.
    unsafe fn outlined<K: Kernel>(kernel: K);
    /// [`Self::outlined`] for a kernel that multiplies pairs or rounds to bfloat16, with the processor's
    /// instructions for that where it has them: the same results, bit for bit, but for subnormal ones.
    unsafe fn outlined_pairs<K: Kernel>(kernel: K);
    /// [`Self::outlined`] for a kernel that multiplies codes, with the processor's instructions for that where it
    /// has them: the same results.
    unsafe fn outlined_codes<K: Kernel>(kernel: K);
    unsafe fn splat(value: f32) -> Self::V;
    unsafe fn load(from: *const f32) -> Self::V;
    unsafe fn store(to: *mut f32, v: Self::V);
    /// Asks for the line of memory at an address, which may be any, to be brought into L2.
    unsafe fn prefetch(from: *const f32);
    /// Asks for the line of memory at an address, which may be any, to be brought into L1 for writing.
    unsafe fn prefetch_write(to: *mut f32);
    /// The first `lanes` lanes.
    unsafe fn mask(lanes: usize) -> Self::Mask;
    /// Lanes outside the mask are zero and not read.
    unsafe fn load_masked(from: *const f32, mask: Self::Mask) -> Self::V;
    /// Lanes outside the mask are not written.
    unsafe fn store_masked(to: *mut f32, mask: Self::Mask, v: Self::V);
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn div(a: Self::V, b: Self::V) -> Self::V;
    /// `a * b + c`; rounded once where the processor can.
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// The smaller; `b` where either is not a number.
    unsafe fn min(a: Self::V, b: Self::V) -> Self::V;
    /// The larger; `b` where either is not a number.
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V;
    /// `1 + exp(-x)` for `|x|` below 2e38, infinite where the exponential is; a NaN stays one. What an
    /// infinite `x` gives is its limit or a NaN.
    ///
    /// Relative error of the exponential below `6e-7 + 1e-7 |x|`: of the approximation, and of the
    /// rounding of `x log2(e)`.
    unsafe fn one_plus_exp_minus(x: Self::V) -> Self::V;

    /// Of lanes that are pairs of bfloat16, the one of the lower address.
    unsafe fn even(pairs: Self::V) -> Self::V;
    /// The other one.
    unsafe fn odd(pairs: Self::V) -> Self::V;
    /// Pairs of the nearest bfloat16.
    unsafe fn pairs(even: Self::V, odd: Self::V) -> Self::V;
    /// `sum` plus the products of two lanes' pairs, first of the odd ones.
    #[inline(always)]
    unsafe fn multiply_add_pairs(a: Self::V, b: Self::V, sum: Self::V) -> Self::V {
        // SAFETY: the caller's.
        unsafe {
            let sum = Self::fma(Self::odd(a), Self::odd(b), sum);
            Self::fma(Self::even(a), Self::even(b), sum)
        }
    }
    /// A vector of bfloat16.
    unsafe fn widen(from: *const u16) -> Self::V;
    /// The first lanes of it; the others are zeros.
    #[inline(always)]
    unsafe fn widen_first(from: *const u16, lanes: usize) -> Self::V {
        let mut first = [0; MOST_LANES];
        // SAFETY: the caller's, for as many lanes; a vector fits into the copy.
        unsafe {
            for (lane, value) in first.iter_mut().enumerate().take(lanes) {
                *value = from.add(lane).read();
            }
            Self::widen(first.as_ptr())
        }
    }
    /// Stores the nearest bfloat16.
    unsafe fn narrow(to: *mut u16, v: Self::V);
    /// Those of the first lanes.
    #[inline(always)]
    unsafe fn narrow_first(to: *mut u16, lanes: usize, v: Self::V) {
        let mut all = [0; MOST_LANES];
        // SAFETY: the caller's, for as many lanes; a vector fits into the copy.
        unsafe {
            Self::narrow(all.as_mut_ptr(), v);
            for (lane, &value) in all.iter().enumerate().take(lanes) {
                to.add(lane).write(value);
            }
        }
    }

    /// `sum`, lanes of 32-bit integers, plus the products of four codes of a lane with four signed weights.
    unsafe fn multiply_add_codes(codes: Self::V, weights: Self::V, sum: Self::V) -> Self::V;
    /// Lanes of 32-bit integers as floats, rounded to the nearest, ties to even.
    unsafe fn floats(integers: Self::V) -> Self::V;
    /// The nearest integer of 0 to 255, ties to even; 0 for what is no number.
    unsafe fn code(v: Self::V) -> Self::V;
    /// As many pixels of three floats as fit with a zero behind each, of which only the floats are read.
    unsafe fn load_pixels(from: *const f32) -> Self::V;
    /// A vector of codes.
    unsafe fn widen_codes(from: *const u8) -> Self::V;
    /// The first lanes of it; the others are zeros.
    #[inline(always)]
    unsafe fn widen_codes_first(from: *const u8, lanes: usize) -> Self::V {
        let mut first = [0; MOST_LANES];
        // SAFETY: the caller's, for as many lanes; a vector fits into the copy.
        unsafe {
            std::ptr::copy_nonoverlapping(from, first.as_mut_ptr(), lanes);
            Self::widen_codes(first.as_ptr())
        }
    }
    /// Stores the nearest codes, as [`Self::code`] rounds.
    unsafe fn narrow_codes(to: *mut u8, v: Self::V);
    /// Those of the first lanes.
    #[inline(always)]
    unsafe fn narrow_codes_first(to: *mut u8, lanes: usize, v: Self::V) {
        let mut all = [0; MOST_LANES];
        // SAFETY: the caller's, for as many lanes; a vector fits into the copy.
        unsafe {
            Self::narrow_codes(all.as_mut_ptr(), v);
            std::ptr::copy_nonoverlapping(all.as_ptr(), to, lanes);
        }
    }
}

/// Lanes of the widest vector.
const MOST_LANES: usize = 16;

/// [`Simd::opaque`] by way of a register.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn opaque(mut value: usize) -> usize {
    // SAFETY: no instruction at all.
    unsafe {
        std::arch::asm!("/* {0} */", inout(reg) value, options(nomem, nostack, preserves_flags));
    }
    value
}
