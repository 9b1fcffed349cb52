//! The header of a NumPy array: signature, version, length, a dictionary written as Python text
//! (NumPy, `numpy/lib/format.py`, versions 1.0 to 3.0).

use crate::dtype::Element;

const SIGNATURE: &[u8] = b"\x93NUMPY";

/// Bytes that tell a header's length: signature, version, length.
pub(crate) const BEGINNING: usize = SIGNATURE.len() + 2 + 4;

/// Longest header that is read, in bytes; [`MAX_RANK`] dimensions take less.
const MAX_HEADER: usize = 1 << 16;

/// Most dimensions of an array, as in NumPy.
const MAX_RANK: usize = 64;

/// The values of a written file begin at a multiple of this many bytes.
#[cfg(feature = "files")]
const ALIGNMENT: usize = 64;

/// Element types: kind and bytes, as NumPy writes them, and what they are.
const ELEMENTS: [(&str, Element); 12] = [
    ("f2", Element::F16),
    ("f4", Element::F32),
    ("f8", Element::F64),
    ("i1", Element::I8),
    ("i2", Element::I16),
    ("i4", Element::I32),
    ("i8", Element::I64),
    ("u1", Element::U8),
    ("u2", Element::U16),
    ("u4", Element::U32),
    ("u8", Element::U64),
    ("b1", Element::Bool),
];

/// What the values are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) element: Element,
    pub(crate) big_endian: bool,
    /// The first dimension is contiguous.
    pub(crate) fortran_order: bool,
    pub(crate) shape: Vec<usize>,
}

impl Header {
    /// The header of little-endian values in C order; `None` for types that NumPy does not have, and for
    /// more than [`MAX_RANK`] dimensions (fewer fit version 1.0).
    #[cfg(feature = "files")]
    pub(crate) fn encode(element: Element, shape: &[usize]) -> Option<Vec<u8>> {
        let &(kind, _) = ELEMENTS.iter().find(|(_, known)| *known == element)?;
        if shape.len() > MAX_RANK {
            return None;
        }
        let order = if element.bits() == 8 { '|' } else { '<' };
        let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
        let comma = if shape.len() == 1 { "," } else { "" };
        let lengths = lengths.join(", ") + comma;
        let text =
            format!("{{'descr': '{order}{kind}', 'fortran_order': False, 'shape': ({lengths}), }}");
        let mut bytes = [SIGNATURE, &[1, 0]].concat();
        let start = bytes.len() + 2;
        let padded = (start + text.len() + 1).next_multiple_of(ALIGNMENT) - start;
        bytes.extend((padded as u16).to_le_bytes());
        bytes.extend(format!("{text:<width$}\n", width = padded - 1).bytes());
        Some(bytes)
    }

    /// Number of bytes in front of the values, from the first [`BEGINNING`] bytes.
    pub(crate) fn length(bytes: &[u8]) -> Result<usize, String> {
        let rest = bytes
            .strip_prefix(SIGNATURE)
            .ok_or("it does not begin with NumPy's signature")?;
        let (start, length) = match *rest {
            [1, 0, a, b, ..] => (SIGNATURE.len() + 4, u32::from(u16::from_le_bytes([a, b]))),
            [2 | 3, 0, a, b, c, d, ..] => (BEGINNING, u32::from_le_bytes([a, b, c, d])),
            [1..=3, 0, ..] | [] | [_] => return Err("it ends inside its header".to_owned()),
            [major, minor, ..] => {
                return Err(format!(
                    "format version {major}.{minor}, expected 1.0, 2.0 or 3.0"
                ));
            }
        };
        let length = length as usize;
        if length > MAX_HEADER {
            return Err(format!(
                "a header of {length} bytes (the limit is {MAX_HEADER})"
            ));
        }
        Ok(start + length)
    }

    /// Reads a whole header, of [`Header::length`] bytes.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let start = match bytes.get(SIGNATURE.len()) {
            Some(1) => SIGNATURE.len() + 4,
            _ => BEGINNING,
        };
        let text = bytes.get(start..).unwrap_or_default();
        let text = str::from_utf8(text).map_err(|_| "its header is no text".to_owned())?;
        let header = Text { rest: text }.header().ok_or(format!(
            "broken header `{}`",
            text.trim_end().chars().take(100).collect::<String>()
        ))??;
        let rank = header.shape.len();
        if rank > MAX_RANK {
            return Err(format!(
                "it has {rank} dimensions (the limit is {MAX_RANK})"
            ));
        }
        Ok(header)
    }

    /// Checks that this many bytes of values follow.
    pub(crate) fn check_size(&self, found: u64) -> Result<(), String> {
        let size = (self.element.bits() / 8) as u64;
        let expected = self
            .shape
            .iter()
            .try_fold(size, |bytes, &length| bytes.checked_mul(length as u64));
        if expected == Some(found) {
            return Ok(());
        }
        let expected = expected.map_or("too many".to_owned(), |bytes| bytes.to_string());
        Err(format!(
            "shape {:?} needs {expected} bytes of values, found {found}",
            self.shape
        ))
    }

    /// Elements between neighbours along each dimension, for an array in Fortran order whose size has
    /// been checked.
    pub(crate) fn fortran_strides(&self) -> Vec<usize> {
        let steps = self.shape.iter();
        steps
            .scan(1usize, |stride, &length| {
                Some(std::mem::replace(stride, stride.saturating_mul(length)))
            })
            .collect()
    }

    /// An element type as NumPy writes it: byte order, kind, bytes.
    fn element(text: &str) -> Result<(Element, bool), String> {
        let unsupported = || match text.get(1..) {
            Some("V2") => format!(
                "values of type `{text}`, which is what NumPy makes of bfloat16: save them as float32"
            ),
            Some("O") => format!("Python objects (type `{text}`), expected numbers"),
            _ => format!("values of type `{text}`, expected numbers"),
        };
        let (order, kind) = text.split_at_checked(1).ok_or_else(unsupported)?;
        let &(_, element) = ELEMENTS
            .iter()
            .find(|(name, _)| *name == kind)
            .ok_or_else(unsupported)?;
        match order {
            "<" => Ok((element, false)),
            ">" => Ok((element, true)),
            "|" if element.bits() == 8 => Ok((element, false)),
            _ => Err(unsupported()),
        }
    }
}

/// What is left to read of a header's text. Each method is `None` where the text is not what it
/// reads.
struct Text<'a> {
    rest: &'a str,
}

impl<'a> Text<'a> {
    /// A dictionary with the three known keys, in any order.
    fn header(mut self) -> Option<Result<Header, String>> {
        let (mut element, mut fortran_order, mut shape) = (None, None, None);
        self.token("{")?;
        while self.token("}").is_none() {
            let key = self.string()?;
            self.token(":")?;
            match key {
                "descr" => match self.element_type()? {
                    Ok(found) => element = Some(found),
                    Err(unsupported) => return Some(Err(unsupported)),
                },
                "fortran_order" => fortran_order = Some(self.boolean()?),
                "shape" => shape = Some(self.lengths()?),
                _ => return None,
            }
            if self.token(",").is_none() {
                self.token("}")?;
                break;
            }
        }
        let (element, big_endian) = element?;
        let header = Header {
            element,
            big_endian,
            fortran_order: fortran_order?,
            shape: shape?,
        };
        self.rest.trim().is_empty().then_some(Ok(header))
    }

    fn token(&mut self, token: &str) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(token)?;
        Some(())
    }

    fn string(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start();
        let quote = rest
            .chars()
            .next()
            .filter(|quote| matches!(quote, '\'' | '"'))?;
        let (text, rest) = rest[1..].split_once(quote)?;
        self.rest = rest;
        Some(text)
    }

    /// A list stands for a record of several fields.
    fn element_type(&mut self) -> Option<Result<(Element, bool), String>> {
        if self.rest.trim_start().starts_with('[') {
            return Some(Err("records, expected numbers".to_owned()));
        }
        Some(Header::element(self.string()?))
    }

    fn boolean(&mut self) -> Option<bool> {
        let value = self.token("True").is_some();
        if !value {
            self.token("False")?;
        }
        Some(value)
    }

    /// A tuple: `()`, `(2,)`, `(2, 3)`.
    fn lengths(&mut self) -> Option<Vec<usize>> {
        let mut lengths = Vec::new();
        self.token("(")?;
        while self.token(")").is_none() {
            let rest = self.rest.trim_start();
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            lengths.push(rest[..end].parse().ok()?);
            self.rest = &rest[end..];
            if self.token(",").is_none() {
                self.token(")")?;
                break;
            }
        }
        Some(lengths)
    }
}
