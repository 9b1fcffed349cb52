//! AVX2 with FMA: 8 lanes, 16 registers.

use std::arch::x86_64::*;
use std::sync::OnceLock;

use super::Simd;
use crate::kernels::isa::Kernel;

/// Compiles a kernel with AVX2 and FMA enabled.
///
/// # Safety
/// The processor must have the features.
#[target_feature(enable = "avx2,fma")]
#[inline(never)]
pub(crate) unsafe fn run<K: Kernel>(kernel: K) {
    kernel.run::<Avx2<false>>();
}

/// Compiles a kernel with AVX2, FMA and the instructions for products of codes enabled.
///
/// # Safety
/// The processor must have the features.
#[target_feature(enable = "avx2,fma,avxvnni")]
#[inline(never)]
unsafe fn run_codes<K: Kernel>(kernel: K) {
    kernel.run::<Avx2<true>>();
}

/// Whether [`run_codes`] may run: the processor has the instructions, and nobody asks to do without.
fn has_codes() -> bool {
    static HAS_CODES: OnceLock<bool> = OnceLock::new();
    *HAS_CODES.get_or_init(|| {
        is_x86_feature_detected!("avxvnni") && !super::wants_software(super::INT8_VARIABLE)
    })
}

/// AVX2 and FMA; with `CODES`, AVX-VNNI, too.
#[derive(Clone, Copy)]
pub(crate) struct Avx2<const CODES: bool>;

impl<const CODES: bool> Simd for Avx2<CODES> {
    type V = __m256;
    type Mask = __m256i;
    const LANES: usize = 8;
    // 12 + 1 + 1 and 6 x 2 + 2 + 1 of 16 registers; 4 x 3 + 3 + 1 would leave none to the compiler,
    // which then keeps accumulators in memory.
    const ROWS: &'static [usize] = &[12, 6];
    const MULTIPLIES_CODES: bool = CODES;
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
    unsafe fn outlined_pairs<K: Kernel>(kernel: K) {
        // SAFETY: as the trait says.
        unsafe { run(kernel) }
    }

    #[inline(always)]
    unsafe fn outlined_codes<K: Kernel>(kernel: K) {
        // SAFETY: as the trait says; `has_codes` has looked for the others.
        unsafe {
            match has_codes() {
                true => run_codes(kernel),
                false => run(kernel),
            }
        }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> __m256 {
        // SAFETY: as the trait says.
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> __m256 {
        // SAFETY: as the trait says.
        unsafe { _mm256_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, v: __m256) {
        // SAFETY: as the trait says.
        unsafe { _mm256_storeu_ps(to, v) }
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
    unsafe fn mask(lanes: usize) -> __m256i {
        // SAFETY: as the trait says.
        unsafe {
            let lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes as i32), lane)
        }
    }

    #[inline(always)]
    unsafe fn load_masked(from: *const f32, mask: __m256i) -> __m256 {
        // SAFETY: as the trait says.
        unsafe { _mm256_maskload_ps(from, mask) }
    }

    #[inline(always)]
    unsafe fn store_masked(to: *mut f32, mask: __m256i, v: __m256) {
        // SAFETY: as the trait says.
        unsafe { _mm256_maskstore_ps(to, mask, v) }
    }

    #[inline(always)]
    unsafe fn add(a: __m256, b: __m256) -> __m256 {
        // SAFETY: as the trait says.
        unsafe { _mm256_add_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn mul(a: __m256, b: __m256) -> __m256 {
        // SAFETY: as the trait says.
        unsafe { _mm256_mul_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn div(a: __m256, b: __m256) -> __m256 {
        // SAFETY: as the trait says.
        unsafe { _mm256_div_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn fma(a: __m256, b: __m256, c: __m256) -> __m256 {
        // SAFETY: as the trait says.
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn min(a: __m256, b: __m256) -> __m256 {
        // SAFETY: as the trait says.
        unsafe { _mm256_min_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn max(a: __m256, b: __m256) -> __m256 {
        // SAFETY: as the trait says.
        unsafe { _mm256_max_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn one_plus_exp_minus(x: __m256) -> __m256 {
        // SAFETY: as the trait says.
        unsafe {
            super::exp::one_plus_exp_minus::<Self>(x, |v| {
                _mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_castps_si256(v)))
            })
        }
    }

    #[inline(always)]
    unsafe fn even(pairs: __m256) -> __m256 {
        // SAFETY: as the trait says.
        unsafe { _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_castps_si256(pairs))) }
    }

    #[inline(always)]
    unsafe fn odd(pairs: __m256) -> __m256 {
        // SAFETY: as the trait says.
        unsafe { _mm256_castsi256_ps(upper(_mm256_castps_si256(pairs))) }
    }

    #[inline(always)]
    unsafe fn pairs(even: __m256, odd: __m256) -> __m256 {
        // SAFETY: as the trait says.
        unsafe {
            let even = _mm256_srli_epi32::<16>(round(even));
            _mm256_castsi256_ps(_mm256_or_si256(even, upper(round(odd))))
        }
    }

    #[inline(always)]
    unsafe fn widen(from: *const u16) -> __m256 {
        // SAFETY: as the trait says.
        unsafe {
            let halves = _mm256_cvtepu16_epi32(_mm_loadu_si128(from.cast()));
            _mm256_castsi256_ps(_mm256_slli_epi32::<16>(halves))
        }
    }

    #[inline(always)]
    unsafe fn narrow(to: *mut u16, v: __m256) {
        // SAFETY: as the trait says.
        unsafe {
            let upper = _mm256_srli_epi32::<16>(round(v));
            let (low, high) = (
                _mm256_castsi256_si128(upper),
                _mm256_extracti128_si256::<1>(upper),
            );
            _mm_storeu_si128(to.cast(), _mm_packus_epi32(low, high));
        }
    }

    /// Without an instruction for it, 16 bits at a time, since products of 8 bits would saturate: even and odd
    /// channels by themselves, two of either added up by the multiplication.
    #[inline(always)]
    unsafe fn multiply_add_codes(codes: __m256, weights: __m256, sum: __m256) -> __m256 {
        // SAFETY: as the trait says.
        unsafe {
            let codes = _mm256_castps_si256(codes);
            let weights = _mm256_castps_si256(weights);
            let sum = _mm256_castps_si256(sum);
            _mm256_castsi256_ps(if CODES {
                _mm256_dpbusd_avx_epi32(sum, codes, weights)
            } else {
                multiply_add_codes(codes, weights, sum)
            })
        }
    }

    #[inline(always)]
    unsafe fn floats(integers: __m256) -> __m256 {
        // SAFETY: as the trait says.
        unsafe { _mm256_cvtepi32_ps(_mm256_castps_si256(integers)) }
    }

    #[inline(always)]
    unsafe fn code(v: __m256) -> __m256 {
        // SAFETY: as the trait says.
        unsafe {
            let clamped =
                _mm256_min_ps(_mm256_max_ps(v, _mm256_setzero_ps()), _mm256_set1_ps(255.0));
            _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(clamped)
        }
    }

    #[inline(always)]
    unsafe fn load_pixels(from: *const f32) -> __m256 {
        // SAFETY: as the trait says.
        unsafe {
            let floats = Self::load_masked(from, Self::mask(6));
            // The sixth and seventh are zeros.
            _mm256_permutevar8x32_ps(floats, _mm256_setr_epi32(0, 1, 2, 6, 3, 4, 5, 7))
        }
    }

    #[inline(always)]
    unsafe fn widen_codes(from: *const u8) -> __m256 {
        // SAFETY: as the trait says.
        unsafe { _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(from.cast()))) }
    }

    #[inline(always)]
    unsafe fn narrow_codes(to: *mut u8, v: __m256) {
        // SAFETY: as the trait says.
        unsafe {
            let codes = _mm256_cvtps_epi32(Self::code(v));
            let (low, high) = (
                _mm256_castsi256_si128(codes),
                _mm256_extracti128_si256::<1>(codes),
            );
            let words = _mm_packus_epi32(low, high);
            _mm_storel_epi64(to.cast(), _mm_packus_epi16(words, words));
        }
    }
}

/// The upper halves of lanes.
///
/// # Safety
/// The processor has AVX2.
#[inline(always)]
unsafe fn upper(lanes: __m256i) -> __m256i {
    // SAFETY: the caller's.
    unsafe { _mm256_and_si256(lanes, _mm256_set1_epi32(0xffff_0000_u32.cast_signed())) }
}

/// Bits whose upper halves are the nearest bfloat16, as [`crate::kernels::element`] rounds.
///
/// # Safety
/// The processor has AVX2.
#[inline(always)]
unsafe fn round(v: __m256) -> __m256i {
    // SAFETY: the caller's.
    unsafe {
        let bits = _mm256_castps_si256(v);
        let even = _mm256_and_si256(_mm256_srli_epi32::<16>(bits), _mm256_set1_epi32(1));
        let half = _mm256_add_epi32(even, _mm256_set1_epi32(0x7fff));
        let rounded = _mm256_castsi256_ps(_mm256_add_epi32(bits, half));
        let sign = _mm256_set1_ps(-0.0);
        let tiny = _mm256_cmp_ps::<_CMP_LT_OQ>(
            _mm256_andnot_ps(sign, v),
            _mm256_set1_ps(f32::MIN_POSITIVE),
        );
        let rounded = _mm256_blendv_ps(rounded, _mm256_and_ps(sign, v), tiny);
        let quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x0040_0000));
        let nan = _mm256_cmp_ps::<_CMP_UNORD_Q>(v, v);
        _mm256_castps_si256(_mm256_blendv_ps(rounded, _mm256_castsi256_ps(quiet), nan))
    }
}

/// `sum` plus the products of four codes a lane with four weights, by multiplications of 16 bits.
///
/// # Safety
/// The processor has AVX2.
#[inline(always)]
pub(super) unsafe fn multiply_add_codes(codes: __m256i, weights: __m256i, sum: __m256i) -> __m256i {
    // SAFETY: the caller's.
    unsafe {
        let even = _mm256_and_si256(codes, _mm256_set1_epi16(0x00ff));
        let odd = _mm256_srli_epi16::<8>(codes);
        let even_weights = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(weights));
        let odd_weights = _mm256_srai_epi16::<8>(weights);
        let sum = _mm256_add_epi32(sum, _mm256_madd_epi16(even, even_weights));
        _mm256_add_epi32(sum, _mm256_madd_epi16(odd, odd_weights))
    }
}
