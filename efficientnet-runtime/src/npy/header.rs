//! The header of a `.npy` file: signature, version, length, a dictionary written as Python text
//! (NumPy, `numpy/lib/format.py`, versions 1.0 to 3.0).

use super::Float;

const SIGNATURE: &[u8] = b"\x93NUMPY";

/// The values begin at a multiple of this many bytes.
const ALIGNMENT: usize = 64;

/// What the values are.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) float: Float,
    pub(super) big_endian: bool,
    pub(super) fortran_order: bool,
    pub(super) shape: Vec<usize>,
}

impl Header {
    /// Reads the header; returns what follows it, too.
    pub(super) fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), String> {
        let rest = bytes
            .strip_prefix(SIGNATURE)
            .ok_or("it does not begin with NumPy's signature".to_owned())?;
        let (length, rest) = match rest {
            [1, 0, a, b, rest @ ..] => (u32::from(u16::from_le_bytes([*a, *b])), rest),
            [2 | 3, 0, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]), rest),
            [1..=3, 0, ..] | [] | [_] => return Err("it ends inside its header".to_owned()),
            [major, minor, ..] => {
                return Err(format!(
                    "format version {major}.{minor}, expected 1.0, 2.0 or 3.0"
                ));
            }
        };
        let (text, values) = usize::try_from(length)
            .ok()
            .and_then(|length| rest.split_at_checked(length))
            .ok_or("it ends inside its header".to_owned())?;
        let text = str::from_utf8(text).map_err(|_| "its header is no text".to_owned())?;
        let header = Text { rest: text }.header().ok_or(format!(
            "broken header `{}`",
            text.trim_end().chars().take(100).collect::<String>()
        ))??;
        Ok((header, values))
    }

    /// The header of little-endian float32 values in C order, for at most [`super::MAX_RANK`]
    /// dimensions, so that its length fits version 1.0.
    pub(super) fn encode(shape: &[usize]) -> Vec<u8> {
        let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
        let comma = if shape.len() == 1 { "," } else { "" };
        let lengths = lengths.join(", ") + comma;
        let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({lengths}), }}");
        let start = SIGNATURE.len() + 4;
        let padded = (start + text.len() + 1).next_multiple_of(ALIGNMENT) - start;
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([1, 0]);
        bytes.extend((padded as u16).to_le_bytes());
        bytes.extend(format!("{text:<width$}\n", width = padded - 1).bytes());
        bytes
    }

    /// An element type as NumPy writes it: byte order, kind, bytes.
    fn float(text: &str) -> Result<(Float, bool), String> {
        let unsupported =
            || format!("values of type `{text}`, expected float16, float32 or float64");
        let (order, kind) = text.split_at_checked(1).ok_or_else(unsupported)?;
        let float = match kind {
            "f2" => Float::F16,
            "f4" => Float::F32,
            "f8" => Float::F64,
            _ => return Err(unsupported()),
        };
        match order {
            "<" => Ok((float, false)),
            ">" => Ok((float, true)),
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
        let (mut float, mut fortran_order, mut shape) = (None, None, None);
        self.token("{")?;
        while self.token("}").is_none() {
            let key = self.string()?;
            self.token(":")?;
            match key {
                "descr" => match self.element_type()? {
                    Ok(found) => float = Some(found),
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
        let (float, big_endian) = float?;
        let header = Header {
            float,
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
    fn element_type(&mut self) -> Option<Result<(Float, bool), String>> {
        if self.rest.trim_start().starts_with('[') {
            return Some(Err(
                "records, expected float16, float32 or float64".to_owned()
            ));
        }
        Some(Header::float(self.string()?))
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
