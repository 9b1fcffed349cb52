//! Places in tensors, whose precision is known when a kernel runs: loops over inputs are compiled once for all
//! precisions of an output.

use super::element::{Precision, in_bf16, in_int8};
use super::isa::Kernel;
use super::simd::Simd;

/// The place of an element of a tensor.
#[derive(Clone, Copy)]
pub(super) struct Place {
    address: *mut u8,
    precision: Precision,
}

impl Place {
    /// An element of a tensor that begins at `floats`.
    pub(super) fn new(precision: Precision, floats: *mut f32, element: usize) -> Self {
        let address = floats.cast();
        Self { address, precision }.further(element)
    }

    /// Of no tensor.
    pub(super) const fn nowhere() -> Self {
        Self {
            address: std::ptr::null_mut(),
            precision: Precision::F32,
        }
    }

    pub(super) fn precision(self) -> Precision {
        self.precision
    }

    /// So many elements further on.
    #[inline(always)]
    pub(super) fn further(self, elements: usize) -> Self {
        let bytes = elements * self.precision.bytes();
        Self {
            address: self.address.wrapping_add(bytes),
            ..self
        }
    }

    /// The address, where elements are f32; also for a hint to the processor.
    #[inline(always)]
    pub(super) fn floats(self) -> *mut f32 {
        self.address.cast()
    }

    /// The address.
    pub(super) fn bytes(self) -> *mut u8 {
        self.address
    }

    /// Runs a kernel that stores here, with the processor's instructions for rounding.
    ///
    /// # Safety
    /// The processor has the instruction set.
    #[inline(always)]
    pub(super) unsafe fn outlined<S: Simd, K: Kernel>(self, kernel: K) {
        // SAFETY: the caller's.
        unsafe {
            match self.precision {
                Precision::F32 => S::outlined(kernel),
                Precision::Bf16 => in_bf16!(S::outlined_pairs(kernel)),
                Precision::Int8 => in_int8!(S::outlined_codes(kernel)),
            }
        }
    }

    /// The first `lanes` elements from here on as floats, also where they are codes; the others are zeros.
    ///
    /// # Safety
    /// They are there; the processor has the instruction set.
    #[inline(always)]
    pub(super) unsafe fn load<S: Simd>(self, lanes: usize) -> S::V {
        // SAFETY: the caller's.
        unsafe {
            match (self.precision, lanes == S::LANES) {
                (Precision::F32, true) => S::load(self.floats()),
                (Precision::F32, false) => S::load_masked(self.floats(), S::mask(lanes)),
                (Precision::Bf16, true) => in_bf16!(S::widen(self.address.cast())),
                (Precision::Bf16, false) => in_bf16!(S::widen_first(self.address.cast(), lanes)),
                (Precision::Int8, true) => in_int8!(S::widen_codes(self.address)),
                (Precision::Int8, false) => in_int8!(S::widen_codes_first(self.address, lanes)),
            }
        }
    }

    /// Stores the first lanes, rounded where they have to be, and clamped to codes.
    ///
    /// # Safety
    /// There is room for them; the processor has the instruction set.
    #[inline(always)]
    pub(super) unsafe fn store<S: Simd>(self, lanes: usize, v: S::V) {
        // SAFETY: the caller's.
        unsafe {
            match (self.precision, lanes == S::LANES) {
                (Precision::F32, true) => S::store(self.floats(), v),
                (Precision::F32, false) => S::store_masked(self.floats(), S::mask(lanes), v),
                (Precision::Bf16, true) => in_bf16!(S::narrow(self.address.cast(), v)),
                (Precision::Bf16, false) => {
                    in_bf16!(S::narrow_first(self.address.cast(), lanes, v));
                }
                (Precision::Int8, true) => in_int8!(S::narrow_codes(self.address, v)),
                (Precision::Int8, false) => in_int8!(S::narrow_codes_first(self.address, lanes, v)),
            }
        }
    }
}
