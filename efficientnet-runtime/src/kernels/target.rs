//! Where the results of a product go, and what is done to them on the way: activation, shortcut, rounding.

use std::mem::MaybeUninit;

use super::activation::{Activation, Code, Epilogue, apply, with_epilogue};
use super::element::Precision;
use super::isa::Kernel;
use super::place::Place;
use super::simd::Simd;

/// Floats per cache line, and lanes of the widest vector.
const LINE: usize = 16;

/// Where the outputs of one panel go, from the next pixel on.
#[derive(Clone, Copy)]
pub(super) struct Target {
    /// First output channel of the next pixel.
    pub(super) output: Place,
    /// What is added behind the activation, placed as the output.
    pub(super) shortcut: Option<Place>,
    /// What it is multiplied with, where it is codes.
    pub(super) shortcut_factor: f32,
    pub(super) activation: Activation,
    /// Elements from one pixel to the next.
    pub(super) pitch: usize,
    /// Pixels of a row of the map, those left of it, and elements between the rows: outputs may stand in a map
    /// with a margin.
    pub(super) row: usize,
    pub(super) row_left: usize,
    pub(super) gap: usize,
    /// Lanes of the last vector that are written.
    pub(super) lanes: usize,
}

impl Target {
    /// Pixels that follow each other, of which all lanes are written.
    pub(super) fn dense<S: Simd>(pitch: usize) -> Self {
        Self {
            output: Place::nowhere(),
            shortcut: None,
            shortcut_factor: 1.0,
            activation: Activation::Identity,
            pitch,
            row: usize::MAX,
            row_left: usize::MAX,
            gap: 0,
            lanes: S::LANES,
        }
    }

    /// Whether whole vectors of floats are stored, and nothing is added.
    #[inline(always)]
    pub(super) fn is_common<S: Simd>(&self) -> bool {
        let is_f32 = self.output.precision() == Precision::F32;
        is_f32 && self.lanes == S::LANES && self.shortcut.is_none()
    }

    /// So many elements further on, in the same row.
    #[inline(always)]
    pub(super) fn further(self, elements: usize) -> Self {
        Self {
            output: self.output.further(elements),
            shortcut: self.shortcut.map(|shortcut| shortcut.further(elements)),
            ..self
        }
    }

    /// Moves on to the next pixel.
    #[inline(always)]
    pub(super) fn advance(&mut self) {
        let mut step = self.pitch;
        self.row_left -= 1;
        if self.row_left == 0 {
            self.row_left = self.row;
            step += self.gap;
        }
        *self = self.further(step);
    }

    /// Finishes and stores the next `R` pixels from their sums, `V` vectors each, and moves on behind them. With
    /// `CODES`, what is stored everywhere are codes as floats instead of activated values.
    ///
    /// # Safety
    /// As for [`Self::store_spilled`].
    #[inline(always)]
    pub(super) unsafe fn store<S: Simd, const CODES: bool, const R: usize, const V: usize>(
        &mut self,
        sums: &[[S::V; V]; R],
    ) {
        let is_common = self.is_common::<S>();
        // SAFETY: the caller's.
        unsafe {
            if const { CODES } {
                if is_common && self.activation == Activation::Code {
                    self.store_common::<S, _, R, V>(Code, sums);
                } else if self.output.precision() == Precision::Int8 {
                    self.store_codes::<S, R, V>(sums);
                } else {
                    self.spill::<S, R, V>(sums);
                }
            } else {
                with_epilogue!(is_common, self.activation, epilogue => {
                    self.store_common::<S, _, R, V>(epilogue, sums);
                }, _ => self.spill::<S, R, V>(sums));
            }
        }
    }

    /// [`Self::store`] where it is common.
    #[inline(always)]
    unsafe fn store_common<S: Simd, E: Epilogue<S>, const R: usize, const V: usize>(
        &mut self,
        epilogue: E,
        sums: &[[S::V; V]; R],
    ) {
        // SAFETY: as for `store`, which alone calls it.
        unsafe {
            unroll!(ROW < R => {
                for (vector, &sum) in sums[ROW].iter().enumerate() {
                    let to = self.output.floats().add(vector * S::LANES);
                    S::store(to, epilogue.apply(sum));
                }
                self.advance();
            });
        }
    }

    /// [`Self::store`] onto codes, which nothing activates, and a shortcut of codes.
    #[inline(always)]
    unsafe fn store_codes<S: Simd, const R: usize, const V: usize>(
        &mut self,
        sums: &[[S::V; V]; R],
    ) {
        // SAFETY: as for `store`, which alone calls it.
        unsafe {
            unroll!(ROW < R => {
                for (vector, &sum) in sums[ROW].iter().enumerate() {
                    let (mut value, at) = (sum, vector * S::LANES);
                    let is_whole = vector + 1 < V || self.lanes == S::LANES;
                    if let Some(shortcut) = self.shortcut {
                        let from = shortcut.bytes().add(at);
                        let added = match is_whole {
                            true => S::widen_codes(from),
                            false => S::widen_codes_first(from, self.lanes),
                        };
                        value = S::add(value, S::mul(added, S::splat(self.shortcut_factor)));
                    }
                    let to = self.output.bytes().add(at);
                    match is_whole {
                        true => S::narrow_codes(to, value),
                        false => S::narrow_codes_first(to, self.lanes, value),
                    }
                }
                self.advance();
            });
        }
    }

    /// [`Self::store`] by way of memory.
    #[inline(always)]
    unsafe fn spill<S: Simd, const R: usize, const V: usize>(&mut self, sums: &[[S::V; V]; R]) {
        let mut spilled = Spilled::<R, V>::new();
        // SAFETY: as for `store`, which alone calls it.
        unsafe {
            unroll!(ROW < R => {
                for (vector, &sum) in sums[ROW].iter().enumerate() {
                    S::store(spilled.at(ROW, vector), sum);
                }
            });
            self.store_spilled::<S>(spilled.at(0, 0), R, V);
        }
    }

    /// Finishes and stores the next `pixels` from their sums, `vectors` each, and moves on behind them.
    ///
    /// # Safety
    /// There is room for them but for lanes that are not written, and a shortcut; the sums are there; the processor
    /// has the instruction set.
    #[inline(always)]
    pub(super) unsafe fn store_spilled<S: Simd>(
        &mut self,
        sums: *const f32,
        pixels: usize,
        vectors: usize,
    ) {
        // SAFETY: the caller's.
        unsafe {
            self.output.outlined::<S, _>(StorePixels {
                target: self,
                sums,
                pixels,
                vectors,
            });
        }
    }
}

/// [`Target::store_spilled`].
struct StorePixels<'a> {
    target: &'a mut Target,
    sums: *const f32,
    pixels: usize,
    vectors: usize,
}

impl Kernel for StorePixels<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let target = &self.target;
        let is_f32 = |place: Place| place.precision() == Precision::F32;
        let all_f32 = is_f32(target.output) && target.shortcut.is_none_or(is_f32);
        // SAFETY: as for `store_spilled`, which alone makes one.
        unsafe {
            match all_f32 {
                true => self.store::<S, Floats>(),
                false => self.store::<S, Any>(),
            }
        }
    }
}

/// How a vector is stored onto a shortcut.
trait Finish {
    /// Stores the first `lanes` of a sum at `at`, onto as many elements of the shortcut there.
    ///
    /// # Safety
    /// As for [`Target::store_spilled`].
    unsafe fn store<S: Simd>(target: &Target, at: usize, lanes: usize, sum: S::V);
}

/// Output and shortcut are floats.
struct Floats;

impl Finish for Floats {
    #[inline(always)]
    unsafe fn store<S: Simd>(target: &Target, at: usize, lanes: usize, sum: S::V) {
        // SAFETY: the caller's.
        unsafe {
            let mask = S::mask(lanes);
            let mut value = apply::<S>(target.activation, sum);
            if let Some(shortcut) = target.shortcut {
                value = S::add(value, S::load_masked(shortcut.floats().add(at), mask));
            }
            S::store_masked(target.output.floats().add(at), mask, value);
        }
    }
}

/// Whatever they are.
struct Any;

impl Finish for Any {
    #[inline(always)]
    unsafe fn store<S: Simd>(target: &Target, at: usize, lanes: usize, sum: S::V) {
        // SAFETY: the caller's.
        unsafe {
            let mut value = apply::<S>(target.activation, sum);
            if let Some(shortcut) = target.shortcut {
                value = S::add(value, shortcut.further(at).load::<S>(lanes));
            }
            target.output.further(at).store::<S>(lanes, value);
        }
    }
}

impl StorePixels<'_> {
    /// Stores the pixels.
    ///
    /// # Safety
    /// As for [`Target::store_spilled`].
    #[inline(always)]
    unsafe fn store<S: Simd, F: Finish>(self) {
        let Self {
            target,
            mut sums,
            pixels,
            vectors,
        } = self;
        for _ in 0..pixels {
            for vector in 0..vectors {
                let lanes = match vector + 1 == vectors {
                    true => target.lanes,
                    false => S::LANES,
                };
                // SAFETY: the caller's.
                unsafe { F::store::<S>(target, vector * S::LANES, lanes, S::load(sums)) };
                sums = sums.wrapping_add(LINE);
            }
            target.advance();
        }
    }
}

/// Sums of a register tile in memory, for what is done in a loop instead of written out.
#[repr(align(64))]
pub(super) struct Spilled<const R: usize, const V: usize>(MaybeUninit<[[[f32; LINE]; V]; R]>);

impl<const R: usize, const V: usize> Spilled<R, V> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self(MaybeUninit::uninit())
    }

    /// The place of one vector.
    #[inline(always)]
    pub(super) fn at(&mut self, row: usize, vector: usize) -> *mut f32 {
        let first = self.0.as_mut_ptr().cast::<f32>();
        first.wrapping_add((row * V + vector) * LINE)
    }
}
