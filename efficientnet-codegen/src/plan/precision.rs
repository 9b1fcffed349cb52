//! What tensors and weights are made of.

use std::fmt;

/// Precision of a plan, of a tensor or of a layer's weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// 32 bits.
    #[default]
    F32,
    /// bfloat16, two to a float of the arena; sums, and all between two maps, are f32.
    Bf16,
    /// Codes of 8 bits with a scale, four to a float of the arena: unsigned ones of tensors, signed ones of weights.
    Int8,
}

impl Precision {
    /// All, with the names that users give them.
    pub const NAMES: [(Precision, &'static str); 3] = [
        (Precision::F32, "f32"),
        (Precision::Bf16, "bf16"),
        (Precision::Int8, "int8"),
    ];

    /// The one of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        let (precision, _) = Self::NAMES.iter().find(|(_, known)| *known == name)?;
        Some(*precision)
    }

    /// Floats of memory that so many values take.
    pub const fn floats(self, values: usize) -> usize {
        match self {
            Precision::F32 => values,
            Precision::Bf16 => values.div_ceil(2),
            Precision::Int8 => values.div_ceil(4),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Precision::F32 => "f32",
            Precision::Bf16 => "bf16",
            Precision::Int8 => "int8",
        })
    }
}
