//! Instruction sets, and the one place where a kernel is compiled for each of them.

use std::fmt;
use std::str::FromStr;

use super::simd::{self, Simd};

/// Environment variable that overrides the choice of instruction set.
pub const ISA_VARIABLE: &str = "EFFICIENTNET_ISA";

/// An instruction set that this processor has: values come from [`Isa::detect`], [`Isa::available`]
/// and [`FromStr`] only, which look.
///
/// ```
/// use efficientnet_runtime::Isa;
///
/// let best = Isa::detect();
/// println!("{best}: {} floats a vector", best.lanes());
/// assert_eq!("portable".parse(), Ok(*Isa::available().last().unwrap()));
/// assert!("sse9".parse::<Isa>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Isa(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Avx512,
    Avx2,
    Portable,
}

/// All instruction sets, the widest first, with their names.
const KINDS: [(Kind, &str); 3] = [
    (Kind::Avx512, "avx512"),
    (Kind::Avx2, "avx2"),
    (Kind::Portable, "portable"),
];

/// Why an instruction set cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IsaError {
    /// No such name.
    #[error("unknown instruction set `{0}`, expected avx512, avx2 or portable")]
    Unknown(String),
    /// The processor lacks it.
    #[error("this processor has no {0}; unset {ISA_VARIABLE} or choose {available}", available = listed())]
    Missing(&'static str),
}

fn listed() -> String {
    Isa::available()
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" or ")
}

/// A computation that can be compiled for every instruction set.
///
/// `run` must be inlined into its caller, so that it is compiled with the caller's target features.
pub(crate) trait Kernel {
    /// Computes with the vectors of one instruction set.
    fn run<S: Simd>(self);
}

impl Isa {
    /// The widest instruction set that this processor has.
    pub fn detect() -> Self {
        Self::available()[0]
    }

    /// All that this processor has, the widest first; the portable one is always there.
    pub fn available() -> Vec<Self> {
        KINDS
            .iter()
            .filter(|(kind, _)| kind.is_present())
            .map(|&(kind, _)| Self(kind))
            .collect()
    }

    /// What the environment variable `EFFICIENTNET_ISA` names, the widest where it is unset or empty.
    ///
    /// # Errors
    /// If the variable names none, or one that the processor lacks.
    pub fn from_env_or_detect() -> Result<Self, IsaError> {
        match std::env::var(ISA_VARIABLE) {
            Ok(name) if !name.is_empty() => name.parse(),
            Ok(_) | Err(std::env::VarError::NotPresent) => Ok(Self::detect()),
            Err(std::env::VarError::NotUnicode(name)) => {
                Err(IsaError::Unknown(name.to_string_lossy().into_owned()))
            }
        }
    }

    /// Floats per vector.
    pub fn lanes(self) -> usize {
        self.geometry().0
    }

    /// Floats per vector, and vectors per panel of output channels at most.
    pub(super) fn geometry(self) -> (usize, usize) {
        struct Geometry<'a>(&'a mut (usize, usize));
        impl Kernel for Geometry<'_> {
            #[inline(always)]
            fn run<S: Simd>(self) {
                *self.0 = (S::LANES, S::ROWS.len());
            }
        }
        let mut geometry = (0, 0);
        self.run(Geometry(&mut geometry));
        geometry
    }

    /// Runs a kernel compiled for this instruction set.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => {
                // SAFETY: an `Isa` of this kind exists only where the processor has these features.
                unsafe { simd::avx512(kernel) }
            }
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => {
                // SAFETY: an `Isa` of this kind exists only where the processor has these features.
                unsafe { simd::avx2(kernel) }
            }
            #[cfg(not(target_arch = "x86_64"))]
            Kind::Avx512 | Kind::Avx2 => simd::portable(kernel),
            Kind::Portable => simd::portable(kernel),
        }
    }
}

impl Kind {
    #[cfg(target_arch = "x86_64")]
    fn is_present(self) -> bool {
        match self {
            Kind::Avx512 => is_x86_feature_detected!("avx512f") && Kind::Avx2.is_present(),
            Kind::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            Kind::Portable => true,
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_present(self) -> bool {
        self == Kind::Portable
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Avx512 => KINDS[0].1,
            Kind::Avx2 => KINDS[1].1,
            Kind::Portable => KINDS[2].1,
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.name())
    }
}

impl FromStr for Isa {
    type Err = IsaError;

    fn from_str(name: &str) -> Result<Self, IsaError> {
        match KINDS.iter().find(|(_, known)| *known == name) {
            None => Err(IsaError::Unknown(name.to_owned())),
            Some((kind, name)) if !kind.is_present() => Err(IsaError::Missing(name)),
            Some(&(kind, _)) => Ok(Self(kind)),
        }
    }
}
