//! The header of a packed file, little endian.

use std::ops::Range;

use super::ALIGNMENT;

/// First bytes; outside ASCII, so that no text begins so.
pub(super) const MAGIC: &[u8; 8] = b"\x93EFFNET\n";

/// Version of the header.
const VERSION: u32 = 1;

/// What a packed file says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct PackedHeader {
    /// Family and variant of the model that it was packed for, such as `efficientnet-b0`.
    pub model: String,
    /// Instruction set whose panels it holds.
    pub isa: String,
    /// Precision of the weights: `f32` or `bf16`.
    pub precision: String,
    /// Padding of the model.
    pub padding: String,
    /// Hash of the names and shapes of all layers: the part of the spec that weights depend on.
    pub layers: u64,
    /// Version of the panel layouts.
    pub layout: u32,
    /// Batch-norm epsilon that is folded in.
    pub epsilon: f64,
    /// Classes of the model, 0 without classifier.
    pub classes: u64,
    /// Channels of the model's input.
    pub in_channels: u64,
    /// Length of each layer's floats.
    pub(super) lengths: Vec<u64>,
}

impl PackedHeader {
    #[cfg(feature = "files")]
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(self.layout.to_le_bytes());
        for number in [
            self.layers,
            self.epsilon.to_bits(),
            self.classes,
            self.in_channels,
        ] {
            bytes.extend(number.to_le_bytes());
        }
        for text in [&self.model, &self.isa, &self.precision, &self.padding] {
            bytes.extend((text.len() as u64).to_le_bytes());
            bytes.extend(text.as_bytes());
        }
        bytes.extend((self.lengths.len() as u64).to_le_bytes());
        for length in &self.lengths {
            bytes.extend(length.to_le_bytes());
        }
        bytes
    }

    /// The header at the beginning of a file, and its length; or what is wrong with it.
    pub(super) fn decode(bytes: &[u8]) -> Result<(Self, usize), String> {
        let ends = || "it ends inside its header".to_owned();
        let mut rest = bytes
            .strip_prefix(MAGIC)
            .ok_or("it does not begin with the format's signature")?;
        let version = take_u32(&mut rest).ok_or_else(ends)?;
        if version != VERSION {
            return Err(format!("format version {version}, expected {VERSION}"));
        }
        let layout = take_u32(&mut rest).ok_or_else(ends)?;
        let mut number = || take_u64(&mut rest).ok_or_else(ends);
        let (layers, epsilon) = (number()?, f64::from_bits(number()?));
        let (classes, in_channels) = (number()?, number()?);
        let mut text = || take_text(&mut rest).ok_or_else(ends);
        let (model, isa, precision, padding) = (text()?, text()?, text()?, text()?);
        let count = take_u64(&mut rest).ok_or_else(ends)?;
        // Each length takes bytes, so that their number cannot be larger than the file.
        let lengths = (0..count)
            .map(|_| take_u64(&mut rest))
            .collect::<Option<_>>()
            .ok_or_else(ends)?;
        let header = Self {
            model,
            isa,
            precision,
            padding,
            layers,
            layout,
            epsilon,
            classes,
            in_channels,
            lengths,
        };
        Ok((header, bytes.len() - rest.len()))
    }

    /// Where each layer's floats lie in a file whose header has this length, and the file's length.
    pub(super) fn ranges(&self, header: usize) -> (Vec<Range<usize>>, usize) {
        let mut end = header;
        let ranges = self
            .lengths
            .iter()
            .map(|&length| {
                let bytes = usize::try_from(length)
                    .unwrap_or(usize::MAX)
                    .saturating_mul(4);
                // Saturating: what is too long ends beyond the file, and is refused.
                let start = end
                    .checked_next_multiple_of(ALIGNMENT)
                    .unwrap_or(usize::MAX);
                end = start.saturating_add(bytes);
                start..end
            })
            .collect();
        (ranges, end)
    }
}

fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    let (value, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u32::from_le_bytes(*value))
}

fn take_u64(rest: &mut &[u8]) -> Option<u64> {
    let (value, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u64::from_le_bytes(*value))
}

fn take_text(rest: &mut &[u8]) -> Option<String> {
    let length = usize::try_from(take_u64(rest)?).ok()?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    String::from_utf8(text.to_vec()).ok()
}
