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
    /// `x * hard_sigmoid(x)` (Howard et al., "Searching for MobileNetV3", 2019).
    HardSwish,
    /// `min(max(x + 3, 0), 6) / 6`.
    HardSigmoid,
    /// The nearest integer of 0 to 255, ties to even: a code of 8 bits, which is also ReLU, or ReLU6, of what it
    /// stands for, where zero stands for zero.
    Code,
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

/// The nearest code.
#[derive(Clone, Copy)]
pub(crate) struct Code;

impl Clamp {
    /// Bounds of an activation; none for those that are no clamps.
    pub(crate) fn of(activation: Activation) -> Self {
        let low = match activation {
            Activation::Relu | Activation::Relu6 => 0.0,
            Activation::Identity
            | Activation::Silu
            | Activation::Sigmoid
            | Activation::HardSwish
            | Activation::HardSigmoid
            | Activation::Code => f32::NEG_INFINITY,
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
        unsafe { S::div(v, S::one_plus_exp_minus(v)) }
    }
}

impl<S: Simd> Epilogue<S> for Sigmoid {
    #[inline(always)]
    unsafe fn apply(self, v: S::V) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::div(S::splat(1.0), S::one_plus_exp_minus(v)) }
    }
}

impl<S: Simd> Epilogue<S> for Code {
    #[inline(always)]
    unsafe fn apply(self, v: S::V) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::code(v) }
    }
}

/// `min(max(x + 3, 0), 6) / 6`.
///
/// # Safety
/// As for [`Simd`].
#[inline(always)]
unsafe fn hard_sigmoid<S: Simd>(v: S::V) -> S::V {
    // SAFETY: the caller's.
    unsafe {
        let shifted = S::add(v, S::splat(3.0));
        let clamp = Clamp::of(Activation::Relu6);
        S::mul(Epilogue::<S>::apply(clamp, shifted), S::splat(1.0 / 6.0))
    }
}

/// Applies any activation to one vector.
///
/// # Safety
/// As for [`Simd`].
#[inline(always)]
pub(crate) unsafe fn apply<S: Simd>(activation: Activation, v: S::V) -> S::V {
    // SAFETY: the caller's.
    unsafe {
        match activation {
            Activation::Silu => Epilogue::<S>::apply(Silu, v),
            Activation::Sigmoid => Epilogue::<S>::apply(Sigmoid, v),
            Activation::HardSwish => S::mul(v, hard_sigmoid::<S>(v)),
            Activation::HardSigmoid => hard_sigmoid::<S>(v),
            Activation::Code => S::code(v),
            Activation::Identity | Activation::Relu | Activation::Relu6 => {
                Epilogue::<S>::apply(Clamp::of(activation), v)
            }
        }
    }
}

/// Stores register tiles: binds `$epilogue` to an activation that networks use everywhere and evaluates
/// `$common`, a copy for each of them, written out; whatever else there is to do shares `$any`.
macro_rules! with_epilogue {
    ($is_common:expr, $activation:expr, $epilogue:ident => $common:expr, _ => $any:expr) => {
        match $activation {
            $crate::kernels::Activation::Silu if $is_common => {
                let $epilogue = $crate::kernels::activation::Silu;
                $common
            }
            $crate::kernels::Activation::Identity
            | $crate::kernels::Activation::Relu
            | $crate::kernels::Activation::Relu6
                if $is_common =>
            {
                let $epilogue = $crate::kernels::activation::Clamp::of($activation);
                $common
            }
            _ => $any,
        }
    };
}
pub(crate) use with_epilogue;
