//! AVX-512: 16 lanes, 32 registers, masks.

use std::arch::x86_64::*;

use super::Simd;
use crate::kernels::isa::Kernel;

/// Compiles a kernel with AVX-512 enabled.
///
/// # Safety
/// The processor must have the features.
#[target_feature(enable = "avx512f,avx2,fma")]
#[inline(never)]
pub(crate) unsafe fn run<K: Kernel>(kernel: K) {
    kernel.run::<Avx512>();
}

/// AVX-512F.
#[derive(Clone, Copy)]
pub(crate) struct Avx512;

/// Coefficients 1 and 2 of the quadratic `1 + c1 r + c2 r^2` that is nearest to `2^r` for `|r| <= 1 / 32`
/// in relative terms: 4.3e-7 at most.
const EXP2: [f32; 2] = [0.693_187_7, 0.240_226_43];

/// 1.5 * 2^19, whose unit in the last place is 1 / 16.
const ROUND: f32 = 786_432.0;

/// `2^(j / 16)`.
const ROOTS: [f32; 16] = [
    1.0,
    1.044_273_8,
    1.090_507_7,
    1.138_788_6,
    1.189_207_1,
    1.241_857_8,
    1.296_839_6,
    1.354_255_6,
    std::f32::consts::SQRT_2,
    1.476_826_1,
    1.542_210_8,
    1.610_490_3,
    1.681_792_9,
    1.756_252_2,
    1.834_008_1,
    1.915_206_6,
];

impl Simd for Avx512 {
    type V = __m512;
    type Mask = __mmask16;
    const LANES: usize = 16;
    // 8 x 3 + 3 + 1 and 12 x 2 + 2 + 1 of 32 registers; more than 16 rows of one vector would only
    // add pointers.
    const ROWS: &'static [usize] = &[16, 12, 8];
    const TILES: bool = true;

    #[inline(always)]
    fn opaque(value: usize) -> usize {
        super::opaque(value)
    }

    #[inline(always)]
    unsafe fn outlined<K: Kernel>(kernel: K) {
        // SAFETY: as the trait says.
        unsafe { run(kernel) }
    }

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
    unsafe fn prefetch(from: *const f32) {
        // SAFETY: a hint, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(from.cast()) }
    }

    #[inline(always)]
    unsafe fn prefetch_write(to: *mut f32) {
        // SAFETY: a hint, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_ET0>(to.cast_const().cast()) }
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

    /// `2^t = 2^whole 2^(j / 16) 2^r` for `t = -x log2(e)` and `|r| <= 1 / 32`: a permutation looks the
    /// second factor up, a quadratic does for the third.
    #[inline(always)]
    unsafe fn one_plus_exp_minus(x: __m512) -> __m512 {
        // SAFETY: as the trait says.
        unsafe {
            let t = _mm512_mul_ps(x, _mm512_set1_ps(-std::f32::consts::LOG2_E));
            let sixteenths = _mm512_add_ps(t, _mm512_set1_ps(ROUND));
            let rounded = _mm512_sub_ps(sixteenths, _mm512_set1_ps(ROUND));
            let r = _mm512_sub_ps(t, rounded);
            let table = _mm512_loadu_ps(ROOTS.as_ptr());
            // The lowest four bits are j; scaling takes the floor of the rest itself.
            let root = _mm512_permutexvar_ps(_mm512_castps_si512(sixteenths), table);
            let scaled = _mm512_scalef_ps(root, rounded);
            let slope = _mm512_fmadd_ps(_mm512_set1_ps(EXP2[1]), r, _mm512_set1_ps(EXP2[0]));
            let power = _mm512_fmadd_ps(slope, r, _mm512_set1_ps(1.0));
            _mm512_fmadd_ps(power, scaled, _mm512_set1_ps(1.0))
        }
    }
}
