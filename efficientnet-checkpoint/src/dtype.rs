//! Element types.

use std::fmt;

/// Element type of a tensor in a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dtype {
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary16.
    F16,
    /// The upper half of a binary32.
    BF16,
    /// Signed bytes: weights of quantised networks.
    I8,
    /// Unsigned bytes: zero points of quantised networks.
    U8,
    /// Any other type, which no weight of a model may have.
    Other(Element),
}

/// The element types of the safetensors format, which has all that other formats have, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the format's own")]
#[non_exhaustive]
pub enum Element {
    Bool,
    F4,
    F6E2M3,
    F6E3M2,
    U8,
    I8,
    F8E5M2,
    F8E4M3,
    F8E8M0,
    F8E4M3Fnuz,
    F8E5M2Fnuz,
    I16,
    U16,
    F16,
    BF16,
    I32,
    U32,
    F32,
    C64,
    F64,
    I64,
    U64,
}

/// Names and bits of the types (safetensors, `safetensors/src/tensor.rs`, version 0.8).
const ELEMENTS: [(Element, &str, usize); 22] = [
    (Element::Bool, "BOOL", 8),
    (Element::F4, "F4", 4),
    (Element::F6E2M3, "F6_E2M3", 6),
    (Element::F6E3M2, "F6_E3M2", 6),
    (Element::U8, "U8", 8),
    (Element::I8, "I8", 8),
    (Element::F8E5M2, "F8_E5M2", 8),
    (Element::F8E4M3, "F8_E4M3", 8),
    (Element::F8E8M0, "F8_E8M0", 8),
    (Element::F8E4M3Fnuz, "F8_E4M3FNUZ", 8),
    (Element::F8E5M2Fnuz, "F8_E5M2FNUZ", 8),
    (Element::I16, "I16", 16),
    (Element::U16, "U16", 16),
    (Element::F16, "F16", 16),
    (Element::BF16, "BF16", 16),
    (Element::I32, "I32", 32),
    (Element::U32, "U32", 32),
    (Element::F32, "F32", 32),
    (Element::C64, "C64", 64),
    (Element::F64, "F64", 64),
    (Element::I64, "I64", 64),
    (Element::U64, "U64", 64),
];

impl Element {
    /// The type of a name in a safetensors header.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let found = ELEMENTS.iter().find(|(_, known, _)| *known == name);
        found.map(|&(element, ..)| element)
    }

    /// Its name in a safetensors header.
    pub fn name(self) -> &'static str {
        ELEMENTS[self as usize].1
    }

    /// Bits of one element.
    pub(crate) fn bits(self) -> usize {
        ELEMENTS[self as usize].2
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Dtype {
    /// Whether values of this type are weights: they are read as f32, exactly.
    pub fn is_supported(self) -> bool {
        !matches!(self, Dtype::Other(_))
    }

    /// Whether they are bytes, which only quantised networks have.
    pub fn is_quantized(self) -> bool {
        matches!(self, Dtype::I8 | Dtype::U8)
    }

    /// Bytes of one element; 0 for types smaller than a byte.
    pub(crate) fn size(self) -> usize {
        Element::from(self).bits() / 8
    }
}

impl From<Element> for Dtype {
    fn from(element: Element) -> Self {
        match element {
            Element::F32 => Dtype::F32,
            Element::F16 => Dtype::F16,
            Element::BF16 => Dtype::BF16,
            Element::I8 => Dtype::I8,
            Element::U8 => Dtype::U8,
            other => Dtype::Other(other),
        }
    }
}

impl From<Dtype> for Element {
    fn from(dtype: Dtype) -> Self {
        match dtype {
            Dtype::F32 => Self::F32,
            Dtype::F16 => Self::F16,
            Dtype::BF16 => Self::BF16,
            Dtype::I8 => Self::I8,
            Dtype::U8 => Self::U8,
            Dtype::Other(other) => other,
        }
    }
}

/// As safetensors names it.
impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Element::from(*self).name())
    }
}

#[cfg(test)]
mod tests {
    use safetensors::Dtype as Reference;

    use super::*;

    #[test]
    fn types_are_those_of_the_reference_implementation() {
        for (place, (element, name, bits)) in ELEMENTS.into_iter().enumerate() {
            assert_eq!(element as usize, place, "{name}");
            assert_eq!(Element::from_name(name), Some(element));
            let reference: Reference = serde_json::from_str(&format!("{name:?}")).unwrap();
            assert_eq!(
                (reference.to_string().as_str(), reference.bitsize()),
                (name, bits)
            );
        }
        assert_eq!(Element::from_name("F128"), None);
        // What the reference knows and is not listed would be named in this message.
        let unknown = serde_json::from_str::<Reference>("\"F128\"").unwrap_err();
        assert_eq!(
            unknown.to_string().matches('`').count(),
            2 * (ELEMENTS.len() + 1),
            "{unknown}"
        );
    }
}
