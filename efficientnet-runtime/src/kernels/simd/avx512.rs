//! AVX-512: 16 lanes, 32 registers, masks.

use std::arch::x86_64::*;

use super::Simd;
use crate::kernels::isa::Kernel;

/// Compiles a kernel with AVX-512 enabled.
///
/// # Safety
/// The processor must have the features.
#[target_feature(enable = "avx512f,avx2,fma")]
pub(crate) unsafe fn run<K: Kernel>(kernel: K) {
    kernel.run::<Avx512>();
}

/// AVX-512F.
#[derive(Clone, Copy)]
pub(crate) struct Avx512;

impl Simd for Avx512 {
    type V = __m512;
    type Mask = __mmask16;
    const LANES: usize = 16;
    // 8 x 3 + 3 + 1 and 12 x 2 + 2 + 1 of 32 registers; more than 16 rows of one vector would only
    // add pointers.
    const ROWS: [usize; 3] = [16, 12, 8];

    #[inline(always)]
    unsafe fn splat(value: f32) -> __m512 {
        // SAFETY: as the trait says.
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> __m512 {
        // SAFETY: as the trait says.
        unsafe { _mm512_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, v: __m512) {
        // SAFETY: as the trait says.
        unsafe { _mm512_storeu_ps(to, v) }
    }

    #[inline(always)]
    unsafe fn mask(lanes: usize) -> __mmask16 {
        ((1u32 << lanes) - 1) as __mmask16
    }

    #[inline(always)]
    unsafe fn load_masked(from: *const f32, mask: __mmask16) -> __m512 {
        // SAFETY: as the trait says.
        unsafe { _mm512_maskz_loadu_ps(mask, from) }
    }

    #[inline(always)]
    unsafe fn store_masked(to: *mut f32, mask: __mmask16, v: __m512) {
        // SAFETY: as the trait says.
        unsafe { _mm512_mask_storeu_ps(to, mask, v) }
    }

    #[inline(always)]
    unsafe fn add(a: __m512, b: __m512) -> __m512 {
        // SAFETY: as the trait says.
        unsafe { _mm512_add_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn mul(a: __m512, b: __m512) -> __m512 {
        // SAFETY: as the trait says.
        unsafe { _mm512_mul_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn div(a: __m512, b: __m512) -> __m512 {
        // SAFETY: as the trait says.
        unsafe { _mm512_div_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn fma(a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: as the trait says.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn min(a: __m512, b: __m512) -> __m512 {
        // SAFETY: as the trait says.
        unsafe { _mm512_min_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn max(a: __m512, b: __m512) -> __m512 {
        // SAFETY: as the trait says.
        unsafe { _mm512_max_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn fraction(v: __m512) -> (__m512, __m512) {
        const FLOOR: i32 = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC;
        // SAFETY: as the trait says.
        unsafe { (_mm512_sub_ps(v, _mm512_roundscale_ps::<FLOOR>(v)), v) }
    }

    #[inline(always)]
    unsafe fn scale(v: __m512, exponent: __m512) -> __m512 {
        // The instruction takes the floor itself.
        // SAFETY: as the trait says.
        unsafe { _mm512_scalef_ps(v, exponent) }
    }
}
