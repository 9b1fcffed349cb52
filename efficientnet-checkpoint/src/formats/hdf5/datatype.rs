//! Element types.

use super::super::Refusal;
use super::file::Cursor;
use crate::dtype::{Dtype, Element as Stored};

/// What the elements of a dataset or of an attribute are.
#[derive(Debug, PartialEq)]
pub(super) enum Datatype {
    Number {
        dtype: Dtype,
        big_endian: bool,
    },
    /// Text in as many bytes.
    Text(usize),
    /// Text of any length, in a heap.
    LongText,
    /// Bytes that HDF5 knows nothing of: as many.
    Opaque(usize),
    /// Nothing that weights are: what it is.
    Other(String),
}

/// Classes of types by their numbers.
const CLASSES: [&str; 12] = [
    "integers",
    "floats",
    "times",
    "text",
    "bit fields",
    "opaque values",
    "compound values",
    "references",
    "enumerations",
    "lists",
    "arrays",
    "complex numbers",
];

/// Bytes, exponent's and mantissa's bits of floats, sign first, as IEEE 754 has them.
const FLOATS: [(u32, [u8; 4], Dtype); 4] = [
    (2, [10, 5, 0, 10], Dtype::F16),
    (2, [7, 8, 0, 7], Dtype::BF16),
    (4, [23, 8, 0, 23], Dtype::F32),
    (8, [52, 11, 0, 52], Dtype::Other(Stored::F64)),
];

/// Bytes and signedness of integers.
const INTEGERS: [(u32, bool, Stored); 8] = [
    (1, true, Stored::I8),
    (1, false, Stored::U8),
    (2, true, Stored::I16),
    (2, false, Stored::U16),
    (4, true, Stored::I32),
    (4, false, Stored::U32),
    (8, true, Stored::I64),
    (8, false, Stored::U64),
];

impl Datatype {
    /// Class and version, bits of the class, size, properties of the class.
    pub(super) fn parse(mut cursor: Cursor<'_>) -> Result<Self, Refusal> {
        let class = usize::from(cursor.u8()? & 0xf);
        let bits = cursor.uint(3)?;
        let size = cursor.u32()?;
        let dtype = match class {
            0 => INTEGERS
                .iter()
                .find(|&&(bytes, signed, _)| bytes == size && signed == (bits >> 3 & 1 == 1))
                .map(|&(_, _, dtype)| Dtype::from(dtype)),
            1 => float(&mut cursor, size)?.filter(|_| bits >> 6 & 1 == 0),
            // h5py's bool.
            8 if size == 1 => Some(Dtype::Other(Stored::Bool)),
            _ => None,
        };
        if let Some(dtype) = dtype {
            let big_endian = class != 8 && bits & 1 == 1;
            return Ok(Datatype::Number { dtype, big_endian });
        }
        Ok(match (class, bits & 0xf) {
            (3, _) => Datatype::Text(size as usize),
            (9, 1) => Datatype::LongText,
            (5, _) => Datatype::Opaque(size as usize),
            (0 | 1, _) => Datatype::Other(format!("{} of {size} bytes", CLASSES[class])),
            _ => Datatype::Other(
                CLASSES
                    .get(class)
                    .map_or("unknown values", |name| name)
                    .to_owned(),
            ),
        })
    }
}

/// Offset and precision in bits, places and sizes of exponent and mantissa.
fn float(cursor: &mut Cursor<'_>, size: u32) -> Result<Option<Dtype>, Refusal> {
    let (offset, precision) = (cursor.u16()?, cursor.u16()?);
    let fields = cursor.take(4)?;
    if offset != 0 || u32::from(precision) != size.saturating_mul(8) {
        return Ok(None);
    }
    let found = FLOATS
        .iter()
        .find(|(bytes, places, _)| *bytes == size && places == fields);
    Ok(found.map(|&(_, _, dtype)| dtype))
}
