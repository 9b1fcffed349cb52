//! Plain Rust: arrays of 8 that the compiler turns into whatever vectors the target has.

use super::Simd;

/// Any processor.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

const LANES: usize = 8;

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
    // A vector takes two of SSE2's 16 registers.
    const ROWS: &'static [usize] = &[4, 2];
    const TILES: bool = false;

    #[inline(always)]
    fn opaque(value: usize) -> usize {
        value
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
        // Not `f32::mul_add`: without the instruction that is a library call a lane.
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
}
