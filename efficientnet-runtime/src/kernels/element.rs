//! What tensors and weights are made of: f32, bfloat16, two to a float of the arena, or codes of 8 bits, four to a
//! float.
//!
//! bfloat16 is the upper half of an f32 (8 bits of exponent, 7 of mantissa). Values are rounded to the nearest,
//! ties to even; subnormal ones become zeros; a NaN stays one. A product of two is exact in f32, so that all
//! instruction sets agree in every bit of a sum of products: pair by pair of input channels, the odd one before the
//! even one, as AVX-512's `VDPBF16PS` does. Everything else is computed in f32. Kernels of bfloat16 are behind the
//! feature `bf16`.
//!
//! A code `q` stands for `scale * (q - zero_point)`; scale and zero point are a tensor's, and are in the weights of
//! the kernels that read and write it. Weights are integers of -128 to 127 with a scale a channel. Sums of
//! products of both are integers, so that all instruction sets agree: in 32 bits where a kernel multiplies four
//! channels at a time, in floats, exactly, where a window slides over a map (a depthwise window of 5 x 5 sums up to
//! 816,000, and floats are exact up to 2^24). What follows a sum is f32, each operation rounded by itself, and rounded
//! to a code in the end. Kernels of codes are behind the feature `int8`.

use super::isa::Kernel;
use super::simd::Simd;

/// Precision of a tensor, or of a layer's weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// 32 bits.
    F32,
    /// bfloat16.
    Bf16,
    /// Codes of 8 bits; weights are signed, tensors not.
    Int8,
}

impl Precision {
    /// Floats of memory that so many values take.
    pub const fn floats(self, values: usize) -> usize {
        match self {
            Precision::F32 => values,
            Precision::Bf16 => values.div_ceil(2),
            Precision::Int8 => values.div_ceil(4),
        }
    }

    /// Whether values are codes.
    pub(crate) const fn is_int8(self) -> bool {
        matches!(self, Precision::Int8)
    }

    /// Bytes of a value.
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Precision::F32 => 4,
            Precision::Bf16 => 2,
            Precision::Int8 => 1,
        }
    }

    /// Input channels that one step of a product takes: as many as a float of memory holds.
    pub(crate) const fn channels_per_step(self) -> usize {
        match self {
            Precision::F32 => 1,
            Precision::Bf16 => 2,
            Precision::Int8 => 4,
        }
    }

    /// Rows of a panel before its weights: biases; of codes, what a sum begins with, factors, biases.
    pub(crate) const fn header_rows(self) -> usize {
        match self {
            Precision::F32 | Precision::Bf16 => 1,
            Precision::Int8 => 3,
        }
    }

    /// Channels of the network's input as they are stored: whole steps.
    pub const fn stored_channels(self, channels: usize) -> usize {
        match self {
            Precision::F32 | Precision::Bf16 => channels,
            Precision::Int8 => channels.next_multiple_of(4),
        }
    }

    /// Its name in the command, macros and files.
    pub const fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::Bf16 => "bf16",
            Precision::Int8 => "int8",
        }
    }
}

/// A bfloat16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Bf16(u16);

impl Bf16 {
    /// The nearest.
    pub fn from_f32(value: f32) -> Self {
        Self((round(value).to_bits() >> 16) as u16)
    }

    /// The same value.
    pub fn to_f32(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }

    /// The first `values` of those that lie two in each of these floats.
    pub fn unpack(floats: &[f32], values: usize) -> Vec<f32> {
        let pair = |float: &f32| [float.to_bits() << 16, float.to_bits() & 0xffff_0000];
        let bits = floats.iter().flat_map(pair).take(values);
        bits.map(f32::from_bits).collect()
    }

    /// Two neighbours in one float's memory, the lower address first.
    pub(crate) fn pair(even: Self, odd: Self) -> f32 {
        f32::from_bits(u32::from(even.0) | u32::from(odd.0) << 16)
    }
}

/// The nearest bfloat16, as an f32.
#[inline(always)]
pub(super) fn round(value: f32) -> f32 {
    const QUIET: u32 = 0x0040_0000;
    let bits = value.to_bits();
    let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1));
    let rounded = if value.is_nan() {
        bits | QUIET
    } else if value.abs() < f32::MIN_POSITIVE {
        bits & 0x8000_0000
    } else {
        rounded
    };
    f32::from_bits(rounded & 0xffff_0000)
}

/// A code of 8 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Q8(u8);

impl Q8 {
    /// The first `values` of the codes that lie four in each of these floats.
    pub fn unpack(floats: &[f32], values: usize) -> Vec<u8> {
        let codes = floats
            .iter()
            .flat_map(|float| float.to_bits().to_le_bytes());
        codes.take(values).collect()
    }

    /// Four neighbours in one float's memory, the lowest address first.
    pub(crate) fn pack(codes: [u8; 4]) -> f32 {
        f32::from_bits(u32::from_le_bytes(codes))
    }
}

/// The type of a tensor's values.
pub trait Element: Copy + Send + Sync + 'static {
    /// The same as a value.
    const PRECISION: Precision;
}

impl Element for f32 {
    const PRECISION: Precision = Precision::F32;
}

impl Element for Bf16 {
    const PRECISION: Precision = Precision::Bf16;
}

impl Element for Q8 {
    const PRECISION: Precision = Precision::Int8;
}

/// Evaluates an expression that is compiled with the feature `bf16` alone, since it doubles the kernels' code.
///
/// # Panics
/// Without the feature.
macro_rules! in_bf16 {
    ($run:expr) => {{
        #[cfg(feature = "bf16")]
        {
            $run
        }
        #[cfg(not(feature = "bf16"))]
        $crate::kernels::element::missing("bf16")
    }};
}
pub(super) use in_bf16;

/// [`in_bf16`] for codes and the feature `int8`.
macro_rules! in_int8 {
    ($run:expr) => {{
        #[cfg(feature = "int8")]
        {
            $run
        }
        #[cfg(not(feature = "int8"))]
        $crate::kernels::element::missing("int8")
    }};
}
pub(super) use in_int8;

/// There are no such kernels in this build.
#[cfg(not(all(feature = "bf16", feature = "int8")))]
#[cold]
pub(super) fn missing(feature: &str) -> ! {
    panic!("these kernels need the feature `{feature}`")
}

/// Evaluates `$run` with `$element` standing for the type of a precision.
macro_rules! with_element {
    ($precision:expr, $element:ident => $run:expr) => {
        match $precision {
            $crate::kernels::Precision::F32 => {
                type $element = f32;
                $run
            }
            $crate::kernels::Precision::Bf16 => $crate::kernels::element::in_bf16!({
                type $element = $crate::kernels::Bf16;
                $run
            }),
            $crate::kernels::Precision::Int8 => $crate::kernels::element::in_int8!({
                type $element = $crate::kernels::Q8;
                $run
            }),
        }
    };
}
pub(super) use with_element;

/// What products read: a step takes as many channels as a float of memory holds.
///
/// # Safety
/// As for [`Simd`]; loads need as many elements behind the pointer as they say.
pub(super) trait Operand: Element {
    /// Runs a kernel on such elements as [`Simd::outlined`] does.
    unsafe fn outlined<S: Simd, K: Kernel>(kernel: K);
    /// The channels of one step, the same in all lanes.
    unsafe fn broadcast<S: Simd>(from: *const Self) -> S::V;
    /// The last `channels`, where they are not enough for a step.
    unsafe fn broadcast_last<S: Simd>(from: *const Self, channels: usize) -> S::V;
    /// `sum` plus the products of one step.
    unsafe fn multiply_add<S: Simd>(x: S::V, weights: S::V, sum: S::V) -> S::V;
    /// Weights of one step, each times its channel's of `factors`, of which the last step may have fewer.
    unsafe fn scale_weights<S: Simd>(weights: S::V, factors: &[f32]) -> S::V;
    /// The value of a complete sum; what follows the first row of the panel's header are factors and biases.
    #[inline(always)]
    unsafe fn finish<S: Simd>(sum: S::V, _factor: S::V, _bias: S::V) -> S::V {
        sum
    }
}

impl Operand for f32 {
    #[inline(always)]
    unsafe fn outlined<S: Simd, K: Kernel>(kernel: K) {
        // SAFETY: the caller's.
        unsafe { S::outlined(kernel) }
    }

    #[inline(always)]
    unsafe fn broadcast<S: Simd>(from: *const f32) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::splat(*from) }
    }

    #[inline(always)]
    unsafe fn broadcast_last<S: Simd>(from: *const f32, _: usize) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::splat(*from) }
    }

    #[inline(always)]
    unsafe fn multiply_add<S: Simd>(x: S::V, weights: S::V, sum: S::V) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::fma(x, weights, sum) }
    }

    #[inline(always)]
    unsafe fn scale_weights<S: Simd>(weights: S::V, factors: &[f32]) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::mul(weights, S::splat(factors[0])) }
    }
}

impl Operand for Bf16 {
    #[inline(always)]
    unsafe fn outlined<S: Simd, K: Kernel>(kernel: K) {
        // SAFETY: the caller's.
        unsafe { S::outlined_pairs(kernel) }
    }

    #[inline(always)]
    unsafe fn broadcast<S: Simd>(from: *const Bf16) -> S::V {
        // SAFETY: the caller's; two elements are a float's memory, at the alignment of one.
        unsafe { S::splat(from.cast::<f32>().read_unaligned()) }
    }

    #[inline(always)]
    unsafe fn broadcast_last<S: Simd>(from: *const Bf16, _: usize) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::splat(Bf16::pair(*from, Bf16(0))) }
    }

    #[inline(always)]
    unsafe fn multiply_add<S: Simd>(x: S::V, weights: S::V, sum: S::V) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::multiply_add_pairs(x, weights, sum) }
    }

    #[inline(always)]
    unsafe fn scale_weights<S: Simd>(weights: S::V, factors: &[f32]) -> S::V {
        let odd = factors.get(1).copied().unwrap_or(0.0);
        // SAFETY: the caller's.
        unsafe {
            let even = S::mul(S::even(weights), S::splat(factors[0]));
            let odd = S::mul(S::odd(weights), S::splat(odd));
            S::pairs(even, odd)
        }
    }
}

impl Operand for Q8 {
    #[inline(always)]
    unsafe fn outlined<S: Simd, K: Kernel>(kernel: K) {
        // SAFETY: the caller's.
        unsafe { S::outlined_codes(kernel) }
    }

    #[inline(always)]
    unsafe fn broadcast<S: Simd>(from: *const Q8) -> S::V {
        // SAFETY: the caller's; four elements are a float's memory, at the alignment of one.
        unsafe { S::splat(from.cast::<f32>().read_unaligned()) }
    }

    #[inline(always)]
    unsafe fn broadcast_last<S: Simd>(from: *const Q8, channels: usize) -> S::V {
        let mut codes = [0; 4];
        for (channel, code) in codes.iter_mut().enumerate().take(channels) {
            // SAFETY: the caller's.
            *code = unsafe { from.add(channel).read().0 };
        }
        // SAFETY: the caller's.
        unsafe { S::splat(Q8::pack(codes)) }
    }

    #[inline(always)]
    unsafe fn multiply_add<S: Simd>(x: S::V, weights: S::V, sum: S::V) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::multiply_add_codes(x, weights, sum) }
    }

    #[inline(always)]
    unsafe fn scale_weights<S: Simd>(_: S::V, _: &[f32]) -> S::V {
        unreachable!("no gate is multiplied into codes")
    }

    #[inline(always)]
    unsafe fn finish<S: Simd>(sum: S::V, factor: S::V, bias: S::V) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::add(S::mul(S::floats(sum), factor), bias) }
    }
}

#[cfg(test)]
mod tests {
    use super::Bf16;

    /// Against the crate that other projects round with, but for subnormals.
    #[test]
    fn rounds_as_half_does() {
        let mut bits = 1u32;
        for _ in 0..1_000_000 {
            // A generator of full period (Knuth's multiplier).
            bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = f32::from_bits(bits);
            let (found, expected) = (Bf16::from_f32(value), half::bf16::from_f32(value));
            if value.is_subnormal() {
                assert_eq!(found.to_f32(), 0.0);
            } else {
                assert_eq!(found.0, expected.to_bits(), "{value:e}");
            }
        }
    }

    #[test]
    fn ties_go_to_even() {
        let between = |bits: u32| Bf16::from_f32(f32::from_bits(bits)).0;
        assert_eq!(between(0x3f80_8000), 0x3f80);
        assert_eq!(between(0x3f81_8000), 0x3f82);
        assert_eq!(between(0x3f80_8001), 0x3f81);
    }
}
