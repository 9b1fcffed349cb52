//! The header: a JSON object of tensors by name, and of a file's metadata
//! (huggingface.co/docs/safetensors, "Format").

use super::{KERAS_MODEL, METADATA};
use crate::dtype::Element;
use crate::json::Tokens;
use crate::quote::quoted;

/// What a file's header says.
pub(super) struct Header {
    pub(super) tensors: Vec<(String, Info)>,
    /// Bytes of all tensors' values.
    pub(super) data_length: u64,
    /// Metadata under the name [`KERAS_MODEL`].
    pub(super) keras_model: Option<String>,
}

/// One tensor. Its values lie between two positions behind the header.
pub(super) struct Info {
    pub(super) element: Element,
    pub(super) shape: Vec<usize>,
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Header {
    /// Reads a header. The tensors' values lie one after the other, without gaps, from the beginning
    /// on; their sizes follow from shape and element type.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let mut tokens = Tokens::new(text);
        let (mut tensors, mut metadata) = (Vec::new(), None);
        tokens.object()?;
        while let Some(name) = tokens.key()? {
            if name != METADATA {
                let info = Info::parse(&mut tokens)
                    .map_err(|reason| format!("tensor {}: {reason}", quoted(&name)))?;
                tensors.push((name.into_owned(), info));
            } else if metadata.replace(keras_model(&mut tokens)?).is_some() {
                return Err(format!("`{METADATA}` is there twice"));
            }
        }
        tokens.end()?;
        Ok(Self {
            data_length: check_places(&tensors)?,
            tensors,
            keras_model: metadata.flatten(),
        })
    }
}

impl Info {
    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, String> {
        let (mut element, mut shape, mut offsets) = (None, None, None);
        tokens.object()?;
        while let Some(key) = tokens.key()? {
            let known = match &*key {
                "dtype" => element.replace(parse_element(&tokens.text()?)?).is_some(),
                "shape" => shape.replace(tokens.lengths()?).is_some(),
                "data_offsets" => offsets.replace(tokens.lengths()?).is_some(),
                _ => {
                    tokens.skip()?;
                    false
                }
            };
            if known {
                return Err(format!("its `{key}` is there twice"));
            }
        }
        let absent = |key: &str| format!("it has no `{key}`");
        let offsets = offsets.ok_or_else(|| absent("data_offsets"))?;
        let [start, end] = offsets[..] else {
            return Err("its `data_offsets` are not two".to_owned());
        };
        let info = Self {
            element: element.ok_or_else(|| absent("dtype"))?,
            shape: shape.ok_or_else(|| absent("shape"))?,
            start: start as u64,
            end: end as u64,
        };
        info.check_size()?;
        Ok(info)
    }

    fn check_size(&self) -> Result<(), String> {
        let Self {
            element,
            shape,
            start,
            end,
        } = self;
        let bits = shape
            .iter()
            .try_fold(element.bits() as u64, |bits, &length| {
                bits.checked_mul(length as u64)
            });
        let bytes = bits.filter(|bits| bits % 8 == 0).map(|bits| bits / 8);
        if bytes.is_none() || end.checked_sub(*start) != bytes {
            return Err(format!(
                "shape {shape:?} of {element} does not take the bytes {start} to {end}"
            ));
        }
        Ok(())
    }
}

fn parse_element(name: &str) -> Result<Element, String> {
    Element::from_name(name).ok_or_else(|| format!("its element type is {}", quoted(name)))
}

/// The Keras network among the metadata, all of which is text; null stands for none.
fn keras_model(tokens: &mut Tokens<'_>) -> Result<Option<String>, String> {
    let mut found = None;
    if !tokens.object_or_null()? {
        return Ok(None);
    }
    while let Some(name) = tokens.key()? {
        let text = tokens
            .text()
            .map_err(|reason| format!("metadata {}: {reason}", quoted(&name)))?;
        if name == KERAS_MODEL {
            found = Some(text.into_owned());
        }
    }
    Ok(found)
}

/// Where the last tensor ends.
fn check_places(tensors: &[(String, Info)]) -> Result<u64, String> {
    let places = tensors.iter().map(|(_, info)| (info.start, info.end));
    let mut places: Vec<_> = places.collect();
    places.sort_unstable();
    let mut position = 0;
    for (start, end) in places {
        if start != position {
            let name = tensors.iter().find(|(_, info)| info.start == start);
            let name = name.map_or("", |(name, _)| name);
            return Err(format!(
                "tensor {} begins at {start}, expected {position}",
                quoted(name)
            ));
        }
        position = end;
    }
    Ok(position)
}

#[cfg(test)]
mod tests;
