//! Activations, as epilogues of kernels.

use super::simd::Simd;

/// A non-linearity, applied to each value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// `x`.
    Identity,
    /// `x * sigmoid(x)` (Ramachandran et al., "Searching for Activation Functions", 2017).
    Silu,
    /// `max(x, 0)`.
    Relu,
    /// `min(max(x, 0), 6)`.
    Relu6,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
}

/// An activation with its constants in registers.
///
/// A kernel is compiled once per implementation; everything that is a clamp shares one.
pub(crate) trait Epilogue<S: Simd>: Copy {
    /// # Safety
    /// As for [`Simd`].
    unsafe fn apply(self, v: S::V) -> S::V;
}

/// `min(max(x, low), high)`: identity, ReLU and ReLU6.
#[derive(Clone, Copy)]
pub(crate) struct Clamp {
    pub(crate) low: f32,
    pub(crate) high: f32,
}

/// `x * sigmoid(x)`.
#[derive(Clone, Copy)]
pub(crate) struct Silu;

/// `1 / (1 + exp(-x))`.
#[derive(Clone, Copy)]
pub(crate) struct Sigmoid;

impl Clamp {
    /// Bounds of an activation; none for those that are no clamps.
    pub(crate) fn of(activation: Activation) -> Self {
        let low = match activation {
            Activation::Relu | Activation::Relu6 => 0.0,
            Activation::Identity | Activation::Silu | Activation::Sigmoid => f32::NEG_INFINITY,
        };
        let high = if activation == Activation::Relu6 {
            6.0
        } else {
            f32::INFINITY
        };
        Self { low, high }
    }
}

impl<S: Simd> Epilogue<S> for Clamp {
    #[inline(always)]
    unsafe fn apply(self, v: S::V) -> S::V {
        // The value comes second: a NaN stays one.
        // SAFETY: the caller's.
        unsafe { S::min(S::splat(self.high), S::max(S::splat(self.low), v)) }
    }
}

impl<S: Simd> Epilogue<S> for Silu {
    #[inline(always)]
    unsafe fn apply(self, v: S::V) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::div(v, S::add(S::splat(1.0), exp_minus::<S>(v))) }
    }
}

impl<S: Simd> Epilogue<S> for Sigmoid {
    #[inline(always)]
    unsafe fn apply(self, v: S::V) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::div(S::splat(1.0), S::add(S::splat(1.0), exp_minus::<S>(v))) }
    }
}

/// Coefficients of the polynomial of degree 5 that is nearest to `2^f` for `f` in [0, 1) in relative
/// terms: 7.5e-8 at most before rounding (Remez exchange).
const EXP2: [f32; 6] = [
    0.99999994,
    0.693_153_1,
    0.240_153_61,
    0.055_826_318,
    0.008_989_34,
    0.001_877_576_7,
];

/// `exp(-x)`, as `2^t` for `t = -x log2(e)`: the whole part of `t` goes into the exponent, the rest
/// into a polynomial.
///
/// Relative error below `2.5e-7 + 7.5e-8 |x|`: the polynomial's, and the roundings of `t` and its
/// constant. SiLU and sigmoid inherit at most as much; where `x` is large and positive, `exp(-x)` vanishes beside 1.
///
/// # Safety
/// As for [`Simd`].
#[inline(always)]
unsafe fn exp_minus<S: Simd>(x: S::V) -> S::V {
    // SAFETY: the caller's.
    unsafe {
        let t = S::mul(x, S::splat(-std::f32::consts::LOG2_E));
        let (f, whole) = S::fraction(t);
        let mut p = S::splat(EXP2[5]);
        let mut degree = 5;
        while degree > 0 {
            degree -= 1;
            p = S::fma(p, f, S::splat(EXP2[degree]));
        }
        S::scale(p, whole)
    }
}

/// Binds `$epilogue` to the activation's implementation and evaluates `$body`, once per implementation.
macro_rules! with_epilogue {
    ($activation:expr, $epilogue:ident => $body:expr) => {
        match $activation {
            $crate::kernels::Activation::Silu => {
                let $epilogue = $crate::kernels::activation::Silu;
                $body
            }
            $crate::kernels::Activation::Sigmoid => {
                let $epilogue = $crate::kernels::activation::Sigmoid;
                $body
            }
            $crate::kernels::Activation::Identity
            | $crate::kernels::Activation::Relu
            | $crate::kernels::Activation::Relu6 => {
                let $epilogue = $crate::kernels::activation::Clamp::of($activation);
                $body
            }
        }
    };
}
pub(crate) use with_epilogue;
