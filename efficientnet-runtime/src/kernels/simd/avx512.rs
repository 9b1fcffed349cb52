//! AVX-512: 16 lanes, 32 registers, masks.

use std::arch::x86_64::*;
use std::mem::transmute;
use std::sync::OnceLock;

use super::Simd;
use crate::kernels::isa::Kernel;

/// Compiles a kernel with AVX-512 enabled.
///
/// # Safety
/// The processor must have the features.
#[target_feature(enable = "avx512f,avx2,fma")]
#[inline(never)]
pub(crate) unsafe fn run<K: Kernel>(kernel: K) {
    kernel.run::<Avx512<PLAIN>>();
}

/// Compiles a kernel with AVX-512 and its instructions for bfloat16 enabled.
///
/// # Safety
/// The processor must have the features.
#[target_feature(enable = "avx512f,avx512bf16,avx512bw,avx512vl,avx2,fma")]
#[inline(never)]
unsafe fn run_pairs<K: Kernel>(kernel: K) {
    kernel.run::<Avx512<PAIRS>>();
}

/// Whether [`run_pairs`] may run: the processor has the instructions, and nobody asks to do without.
fn has_pairs() -> bool {
    static HAS_PAIRS: OnceLock<bool> = OnceLock::new();
    *HAS_PAIRS.get_or_init(|| {
        is_x86_feature_detected!("avx512bf16")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && !super::wants_software(super::BF16_VARIABLE)
    })
}

/// Compiles a kernel with AVX-512 and its instructions for products of codes enabled.
///
/// # Safety
/// The processor must have the features.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2,fma")]
#[inline(never)]
unsafe fn run_codes<K: Kernel>(kernel: K) {
    kernel.run::<Avx512<CODES>>();
}

/// Whether [`run_codes`] may run: the processor has the instructions, and nobody asks to do without.
fn has_codes() -> bool {
    static HAS_CODES: OnceLock<bool> = OnceLock::new();
    *HAS_CODES.get_or_init(|| {
        is_x86_feature_detected!("avx512vnni")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && !super::wants_software(super::INT8_VARIABLE)
    })
}

/// AVX-512F alone.
const PLAIN: u8 = 0;
/// With BF16, BW and VL.
const PAIRS: u8 = 1;
/// With VNNI, BW and VL.
const CODES: u8 = 2;

/// AVX-512F, and what else `WITH` stands for.
#[derive(Clone, Copy)]
pub(crate) struct Avx512<const WITH: u8>;

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

impl<const WITH: u8> Simd for Avx512<WITH> {
    type V = __m512;
    type Mask = __mmask16;
    const LANES: usize = 16;
    // 8 x 3 + 3 + 1 and 12 x 2 + 2 + 1 of 32 registers; more than 16 rows of one vector would only
    // add pointers.
    const ROWS: &'static [usize] = &[16, 12, 8];
    const MULTIPLIES_CODES: bool = WITH == CODES;
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
        // SAFETY: as the trait says, and `has_pairs`.
        unsafe {
            match has_pairs() {
                true => run_pairs(kernel),
                false => run(kernel),
            }
        }
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

    #[inline(always)]
    unsafe fn even(pairs: __m512) -> __m512 {
        // SAFETY: as the trait says.
        unsafe { _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_castps_si512(pairs))) }
    }

    #[inline(always)]
    unsafe fn odd(pairs: __m512) -> __m512 {
        // SAFETY: as the trait says.
        unsafe { _mm512_castsi512_ps(upper(_mm512_castps_si512(pairs))) }
    }

    #[inline(always)]
    unsafe fn pairs(even: __m512, odd: __m512) -> __m512 {
        // SAFETY: as the trait says.
        unsafe {
            let even = _mm512_srli_epi32::<16>(round(even));
            _mm512_castsi512_ps(_mm512_or_si512(even, upper(round(odd))))
        }
    }

    #[inline(always)]
    unsafe fn multiply_add_pairs(a: __m512, b: __m512, sum: __m512) -> __m512 {
        // SAFETY: as the trait says; the vectors of both types are the same bits.
        unsafe {
            if WITH == PAIRS {
                let pairs = transmute::<__m512, __m512bh>;
                return _mm512_dpbf16_ps(sum, pairs(a), pairs(b));
            }
            let sum = Self::fma(Self::odd(a), Self::odd(b), sum);
            Self::fma(Self::even(a), Self::even(b), sum)
        }
    }

    #[inline(always)]
    unsafe fn widen(from: *const u16) -> __m512 {
        // SAFETY: as the trait says.
        unsafe {
            let halves = _mm512_cvtepu16_epi32(_mm256_loadu_si256(from.cast()));
            _mm512_castsi512_ps(_mm512_slli_epi32::<16>(halves))
        }
    }

    #[inline(always)]
    unsafe fn narrow(to: *mut u16, v: __m512) {
        // SAFETY: as the trait says; the vectors of both types are the same bits.
        unsafe {
            let halves = if WITH == PAIRS {
                transmute::<__m256bh, __m256i>(_mm512_cvtneps_pbh(v))
            } else {
                _mm512_cvtepi32_epi16(_mm512_srli_epi32::<16>(round(v)))
            };
            _mm256_storeu_si256(to.cast(), halves);
        }
    }

    #[inline(always)]
    unsafe fn widen_first(from: *const u16, lanes: usize) -> __m512 {
        // SAFETY: as the trait says.
        unsafe {
            let mask = Self::mask(lanes);
            let halves = if WITH == PAIRS {
                _mm256_maskz_loadu_epi16(mask, from.cast())
            } else {
                let mut first = [0; 16];
                for (lane, value) in first.iter_mut().enumerate().take(lanes) {
                    *value = from.add(lane).read();
                }
                _mm256_loadu_si256(first.as_ptr().cast())
            };
            _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(halves)))
        }
    }

    #[inline(always)]
    unsafe fn narrow_first(to: *mut u16, lanes: usize, v: __m512) {
        // SAFETY: as the trait says; the vectors of both types are the same bits.
        unsafe {
            let mask = Self::mask(lanes);
            if WITH == PAIRS {
                let halves = transmute::<__m256bh, __m256i>(_mm512_cvtneps_pbh(v));
                _mm256_mask_storeu_epi16(to.cast(), mask, halves);
            } else {
                let upper = _mm512_srli_epi32::<16>(round(v));
                _mm512_mask_cvtepi32_storeu_epi16(to.cast(), mask, upper);
            }
        }
    }

    /// Without an instruction for it, as AVX2 does: AVX-512F has none for 16 bits.
    #[inline(always)]
    unsafe fn multiply_add_codes(codes: __m512, weights: __m512, sum: __m512) -> __m512 {
        // SAFETY: as the trait says.
        unsafe {
            let codes = _mm512_castps_si512(codes);
            let weights = _mm512_castps_si512(weights);
            let sum = _mm512_castps_si512(sum);
            _mm512_castsi512_ps(if WITH == CODES {
                _mm512_dpbusd_epi32(sum, codes, weights)
            } else {
                let halves = |v| (_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64::<1>(v));
                let (codes, weights, sum) = (halves(codes), halves(weights), halves(sum));
                let low = super::avx2::multiply_add_codes(codes.0, weights.0, sum.0);
                let high = super::avx2::multiply_add_codes(codes.1, weights.1, sum.1);
                _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
            })
        }
    }

    #[inline(always)]
    unsafe fn floats(integers: __m512) -> __m512 {
        // SAFETY: as the trait says.
        unsafe { _mm512_cvtepi32_ps(_mm512_castps_si512(integers)) }
    }

    #[inline(always)]
    unsafe fn code(v: __m512) -> __m512 {
        // SAFETY: as the trait says.
        unsafe {
            let clamped =
                _mm512_min_ps(_mm512_max_ps(v, _mm512_setzero_ps()), _mm512_set1_ps(255.0));
            _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(clamped)
        }
    }

    #[inline(always)]
    unsafe fn load_pixels(from: *const f32) -> __m512 {
        // SAFETY: as the trait says.
        unsafe {
            let floats = Self::load_masked(from, Self::mask(12));
            let places = _mm512_setr_epi32(0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0);
            _mm512_maskz_permutexvar_ps(0x7777, places, floats)
        }
    }

    #[inline(always)]
    unsafe fn widen_codes(from: *const u8) -> __m512 {
        // SAFETY: as the trait says.
        unsafe { _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(from.cast()))) }
    }

    #[inline(always)]
    unsafe fn widen_codes_first(from: *const u8, lanes: usize) -> __m512 {
        // SAFETY: as the trait says.
        unsafe {
            let codes = if WITH == CODES {
                _mm_maskz_loadu_epi8(Self::mask(lanes), from.cast())
            } else {
                let mut first = [0; 16];
                for (lane, code) in first.iter_mut().enumerate().take(lanes) {
                    *code = from.add(lane).read();
                }
                _mm_loadu_si128(first.as_ptr().cast())
            };
            _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(codes))
        }
    }

    /// Integers that are too large saturate as they are stored.
    #[inline(always)]
    unsafe fn narrow_codes(to: *mut u8, v: __m512) {
        // SAFETY: as the trait says.
        unsafe {
            let codes = _mm512_cvtps_epi32(_mm512_max_ps(v, _mm512_setzero_ps()));
            _mm_storeu_si128(to.cast(), _mm512_cvtusepi32_epi8(codes));
        }
    }

    #[inline(always)]
    unsafe fn narrow_codes_first(to: *mut u8, lanes: usize, v: __m512) {
        // SAFETY: as the trait says.
        unsafe {
            let codes = _mm512_cvtps_epi32(_mm512_max_ps(v, _mm512_setzero_ps()));
            _mm512_mask_cvtusepi32_storeu_epi8(to.cast(), Self::mask(lanes), codes);
        }
    }
}

/// The upper halves of lanes.
///
/// # Safety
/// The processor has AVX-512F.
#[inline(always)]
unsafe fn upper(lanes: __m512i) -> __m512i {
    // SAFETY: the caller's.
    unsafe { _mm512_and_si512(lanes, _mm512_set1_epi32(0xffff_0000_u32.cast_signed())) }
}

/// Bits whose upper halves are the nearest bfloat16, as [`crate::kernels::element`] rounds.
///
/// # Safety
/// The processor has AVX-512F.
#[inline(always)]
unsafe fn round(v: __m512) -> __m512i {
    // SAFETY: the caller's.
    unsafe {
        let bits = _mm512_castps_si512(v);
        let even = _mm512_and_si512(_mm512_srli_epi32::<16>(bits), _mm512_set1_epi32(1));
        let half = _mm512_add_epi32(even, _mm512_set1_epi32(0x7fff));
        let rounded = _mm512_add_epi32(bits, half);
        let magnitude = _mm512_and_si512(bits, _mm512_set1_epi32(i32::MAX));
        let smallest = _mm512_set1_epi32(f32::MIN_POSITIVE.to_bits().cast_signed());
        let tiny = _mm512_cmplt_epi32_mask(magnitude, smallest);
        let sign = _mm512_set1_epi32(i32::MIN);
        let rounded = _mm512_mask_and_epi32(rounded, tiny, bits, sign);
        let nan = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(v, v);
        _mm512_mask_or_epi32(rounded, nan, bits, _mm512_set1_epi32(0x0040_0000))
    }
}
