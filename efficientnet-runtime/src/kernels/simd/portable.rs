//! Plain Rust: arrays of 8 that the compiler turns into whatever vectors the target has: SSE2, NEON, and
//! simd128 where it is enabled.

use super::Simd;
use crate::kernels::element::round;
use crate::kernels::isa::Kernel;

/// Compiles a kernel for any processor.
#[inline(never)]
pub(crate) fn run<K: Kernel>(kernel: K) {
    kernel.run::<Portable>();
}

/// Any processor.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

const LANES: usize = 8;

/// The upper half of a lane: the odd one of a pair.
const ODD: u32 = 0xffff_0000;

/// AArch64's vectors, which every such processor has.
const NEON: bool = cfg!(all(target_arch = "aarch64", target_feature = "neon"));

/// Whether the target multiplies and adds in one instruction; elsewhere `mul_add` is a library call a lane.
const FUSED: bool = NEON || cfg!(target_feature = "fma");

#[inline(always)]
fn map(a: [f32; LANES], f: impl Fn(f32) -> f32) -> [f32; LANES] {
    let mut out = a;
    for lane in &mut out {
        *lane = f(*lane);
    }
    out
}

#[inline(always)]
fn zip(a: [f32; LANES], b: [f32; LANES], f: impl Fn(f32, f32) -> f32) -> [f32; LANES] {
    let mut out = a;
    for (lane, &other) in out.iter_mut().zip(&b) {
        *lane = f(*lane, other);
    }
    out
}

impl Simd for Portable {
    type V = [f32; LANES];
    type Mask = usize;
    const LANES: usize = LANES;
    // A vector takes two registers, of which NEON has 32 and SSE2 16.
    const ROWS: &'static [usize] = if NEON { &[12, 6] } else { &[4, 2] };
    const MULTIPLIES_CODES: bool = false;
    const TILES: bool = NEON;

    #[inline(always)]
    fn opaque(value: usize) -> usize {
        value
    }

    #[inline(always)]
    unsafe fn outlined<K: Kernel>(kernel: K) {
        run(kernel);
    }

    #[inline(always)]
    unsafe fn outlined_pairs<K: Kernel>(kernel: K) {
        run(kernel);
    }

    #[inline(always)]
    unsafe fn outlined_codes<K: Kernel>(kernel: K) {
        run(kernel);
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self::V {
        [value; LANES]
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::V {
        // SAFETY: as the trait says; arrays of floats have the alignment of floats.
        unsafe { from.cast::<Self::V>().read() }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, v: Self::V) {
        // SAFETY: as the trait says; arrays of floats have the alignment of floats.
        unsafe { to.cast::<Self::V>().write(v) }
    }

    #[inline(always)]
    unsafe fn prefetch(_: *const f32) {}

    #[inline(always)]
    unsafe fn prefetch_write(_: *mut f32) {}

    #[inline(always)]
    unsafe fn mask(lanes: usize) -> usize {
        lanes
    }

    #[inline(always)]
    unsafe fn load_masked(from: *const f32, mask: usize) -> Self::V {
        let mut v = [0.0; LANES];
        for (lane, value) in v.iter_mut().enumerate().take(mask) {
            // SAFETY: as the trait says, for lanes below the mask.
            *value = unsafe { from.add(lane).read() };
        }
        v
    }

    #[inline(always)]
    unsafe fn store_masked(to: *mut f32, mask: usize, v: Self::V) {
        for (lane, &value) in v.iter().enumerate().take(mask) {
            // SAFETY: as the trait says, for lanes below the mask.
            unsafe { to.add(lane).write(value) }
        }
    }

    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a + b)
    }

    #[inline(always)]
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a * b)
    }

    #[inline(always)]
    unsafe fn div(a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a / b)
    }

    #[inline(always)]
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        if FUSED {
            let mut out = c;
            for (lane, (&a, &b)) in out.iter_mut().zip(a.iter().zip(&b)) {
                *lane = a.mul_add(b, *lane);
            }
            return out;
        }
        zip(zip(a, b, |a, b| a * b), c, |product, c| product + c)
    }

    #[inline(always)]
    unsafe fn min(a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    unsafe fn one_plus_exp_minus(x: Self::V) -> Self::V {
        // SAFETY: as the trait says.
        unsafe {
            super::exp::one_plus_exp_minus::<Self>(x, |v| {
                map(v, |lane| f32::from_bits(lane.to_bits() << 23))
            })
        }
    }

    #[inline(always)]
    unsafe fn even(pairs: Self::V) -> Self::V {
        map(pairs, |lane| f32::from_bits(lane.to_bits() << 16))
    }

    #[inline(always)]
    unsafe fn odd(pairs: Self::V) -> Self::V {
        map(pairs, |lane| f32::from_bits(lane.to_bits() & ODD))
    }

    #[inline(always)]
    unsafe fn pairs(even: Self::V, odd: Self::V) -> Self::V {
        zip(even, odd, |even, odd| {
            f32::from_bits(round(even).to_bits() >> 16 | round(odd).to_bits())
        })
    }

    #[inline(always)]
    unsafe fn widen(from: *const u16) -> Self::V {
        // SAFETY: as the trait says.
        let halves = unsafe { from.cast::<[u16; LANES]>().read() };
        halves.map(|half| f32::from_bits(u32::from(half) << 16))
    }

    #[inline(always)]
    unsafe fn narrow(to: *mut u16, v: Self::V) {
        let halves = v.map(|lane| (round(lane).to_bits() >> 16) as u16);
        // SAFETY: as the trait says.
        unsafe { to.cast::<[u16; LANES]>().write(halves) }
    }

    #[inline(always)]
    unsafe fn multiply_add_codes(codes: Self::V, weights: Self::V, sum: Self::V) -> Self::V {
        let mut out = sum;
        for (lane, (codes, weights)) in out.iter_mut().zip(codes.iter().zip(&weights)) {
            let codes = codes.to_bits().to_le_bytes();
            let weights = weights.to_bits().to_le_bytes().map(u8::cast_signed);
            let products = codes.iter().zip(weights);
            let products = products.map(|(&code, weight)| i32::from(code) * i32::from(weight));
            let total = lane.to_bits().cast_signed() + products.sum::<i32>();
            *lane = f32::from_bits(total.cast_unsigned());
        }
        out
    }

    #[inline(always)]
    unsafe fn floats(integers: Self::V) -> Self::V {
        map(integers, |lane| lane.to_bits().cast_signed() as f32)
    }

    #[inline(always)]
    unsafe fn code(v: Self::V) -> Self::V {
        map(v, |lane| f32::from(code(lane)))
    }

    #[inline(always)]
    unsafe fn load_pixels(from: *const f32) -> Self::V {
        // SAFETY: as the trait says.
        let [a, b, c, d, e, f] = unsafe { from.cast::<[f32; 6]>().read() };
        [a, b, c, 0.0, d, e, f, 0.0]
    }

    #[inline(always)]
    unsafe fn widen_codes(from: *const u8) -> Self::V {
        // SAFETY: as the trait says.
        let codes = unsafe { from.cast::<[u8; LANES]>().read() };
        codes.map(f32::from)
    }

    #[inline(always)]
    unsafe fn narrow_codes(to: *mut u8, v: Self::V) {
        // SAFETY: as the trait says.
        unsafe { to.cast::<[u8; LANES]>().write(v.map(code)) }
    }
}

/// The nearest code: a cast saturates, and gives 0 for what is no number.
#[inline(always)]
fn code(value: f32) -> u8 {
    value.round_ties_even() as u8
}
