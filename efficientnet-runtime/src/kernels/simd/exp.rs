//! `1 + exp(-x)`, the denominator of sigmoid and SiLU.

use super::Simd;

/// Coefficients 1 to 5 of the polynomial `1 + c1 g + ..` that is nearest to `2^-g` for `g` in
/// [-1/2, 1/2] in relative terms: 1.1e-7 at most (weighted least squares, iterated to the minimax).
/// The first coefficient is 1, so that `exp(0)` is exact.
#[expect(
    clippy::approx_constant,
    reason = "the nearest polynomial's is not ln 2"
)]
const EXP2_MINUS: [f32; 5] = [
    -0.693_147,
    0.240_222_42,
    -0.055_507_336,
    0.009_671_513,
    -0.001_326_472_7,
];

/// 1.5 * 2^23, whose unit in the last place is 1, plus the exponent's bias: added to `t`, it leaves
/// the biased exponent of `2^round(t)` in the lowest bits.
const ROUND: f32 = 12_582_912.0 + 127.0;

/// Where `2^round(t)` for `t = -x log2(e)` reaches infinity and zero.
const LOWEST: f32 = -88.8;
const HIGHEST: f32 = 88.1;

/// [`Simd::one_plus_exp_minus`] by a polynomial of degree 5; `shift` moves a vector's bits 23 places to the
/// left.
///
/// # Safety
/// As for [`Simd`].
#[inline(always)]
pub(super) unsafe fn one_plus_exp_minus<S: Simd>(x: S::V, shift: impl Fn(S::V) -> S::V) -> S::V {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    // SAFETY: the caller's.
    unsafe {
        // The value comes second: a NaN stays one.
        let x = S::max(S::splat(LOWEST), S::min(S::splat(HIGHEST), x));
        let whole = S::fma(x, S::splat(-LOG2_E), S::splat(ROUND));
        let g = S::fma(x, S::splat(LOG2_E), S::add(whole, S::splat(-ROUND)));
        let mut power = S::splat(EXP2_MINUS[4]);
        for coefficient in [
            EXP2_MINUS[3],
            EXP2_MINUS[2],
            EXP2_MINUS[1],
            EXP2_MINUS[0],
            1.0,
        ] {
            power = S::fma(power, g, S::splat(coefficient));
        }
        S::fma(power, shift(whole), S::splat(1.0))
    }
}
