//! JSON as trees of values, and as the tokens of a text for what is read without a tree.

use std::borrow::Cow;
#[cfg(feature = "files")]
use std::io;
use std::ops::Index;

#[cfg(feature = "files")]
use json_event_parser::WriterJsonSerializer;
use json_event_parser::{JsonEvent, SliceJsonParser};

use crate::quote::escaped;

/// Arrays and objects inside each other that are read.
const MAX_DEPTH: usize = 128;

/// Numbers of a list of lengths: more than any format has dimensions.
const MAX_LENGTHS: usize = 64;

/// A value; text that needs no unescaping is borrowed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// As it is written; not beyond float64.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    Array(Vec<Value<'a>>),
    /// Keys in the order of the text. Of those that are there twice, the last one counts.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl<'a> Value<'a> {
    /// Reads a whole text.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub(crate) fn parse(text: &'a [u8]) -> Result<Self, String> {
        let mut tokens = Tokens::new(text);
        let first = tokens.next()?;
        let value = tokens.value(first, MAX_DEPTH)?;
        tokens.end()?;
        Ok(value)
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number, rounded to float64.
    pub(crate) fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Number(number) => number.parse().ok(),
            _ => None,
        }
    }

    pub(crate) fn as_array(&self) -> Option<&[Value<'a>]> {
        match self {
            Value::Array(values) => Some(values),
            _ => None,
        }
    }

    /// The text of it.
    #[cfg(feature = "files")]
    pub(crate) fn to_text(&self) -> io::Result<Vec<u8>> {
        let mut out = WriterJsonSerializer::new(Vec::new());
        self.write(&mut out)?;
        out.finish()
    }

    #[cfg(feature = "files")]
    fn write(&self, out: &mut WriterJsonSerializer<Vec<u8>>) -> io::Result<()> {
        match self {
            Value::Null => out.serialize_event(JsonEvent::Null),
            Value::Bool(value) => out.serialize_event(JsonEvent::Boolean(*value)),
            Value::Number(number) => out.serialize_event(JsonEvent::Number(number.as_ref().into())),
            Value::Text(text) => out.serialize_event(JsonEvent::String(text.as_ref().into())),
            Value::Array(values) => {
                out.serialize_event(JsonEvent::StartArray)?;
                values.iter().try_for_each(|value| value.write(out))?;
                out.serialize_event(JsonEvent::EndArray)
            }
            Value::Object(entries) => {
                out.serialize_event(JsonEvent::StartObject)?;
                for (key, value) in entries {
                    out.serialize_event(JsonEvent::ObjectKey(key.as_ref().into()))?;
                    value.write(out)?;
                }
                out.serialize_event(JsonEvent::EndObject)
            }
        }
    }

    /// The value of a key; `None` if it is not there, or if this is no object.
    pub(crate) fn get(&self, key: &str) -> Option<&Value<'a>> {
        match self {
            Value::Object(entries) => {
                let found = entries.iter().rfind(|(found, _)| found == key);
                found.map(|(_, value)| value)
            }
            _ => None,
        }
    }
}

#[cfg(feature = "files")]
impl<'a> Value<'a> {
    pub(crate) fn object<const N: usize>(entries: [(&'a str, Self); N]) -> Self {
        let entries = entries.into_iter();
        Value::Object(entries.map(|(key, value)| (key.into(), value)).collect())
    }

    pub(crate) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Value::Text(text.into())
    }

    pub(crate) fn length(length: usize) -> Self {
        Value::Number(length.to_string().into())
    }

    /// Null if it is not finite, which JSON has no numbers for.
    pub(crate) fn float(value: f64) -> Self {
        match value.is_finite() {
            true => Value::Number(format!("{value:?}").into()),
            false => Value::Null,
        }
    }
}

/// Null where there is nothing of this key.
impl<'a> Index<&str> for Value<'a> {
    type Output = Value<'a>;

    fn index(&self, key: &str) -> &Value<'a> {
        self.get(key).unwrap_or(&Value::Null)
    }
}

/// Null where there is nothing at this place.
impl<'a> Index<usize> for Value<'a> {
    type Output = Value<'a>;

    fn index(&self, place: usize) -> &Value<'a> {
        let values = self.as_array().unwrap_or_default();
        values.get(place).unwrap_or(&Value::Null)
    }
}

/// The tokens of a text, read from beginning to end. Errors say what is wrong, and where.
pub(crate) struct Tokens<'a> {
    parser: SliceJsonParser<'a>,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self {
            parser: SliceJsonParser::new(text),
        }
    }

    fn next(&mut self) -> Result<JsonEvent<'a>, String> {
        self.parser.parse_next().map_err(|error| {
            let at = error.location().start;
            format!(
                "{} at line {} column {}",
                escaped(error.message()),
                at.line + 1,
                at.column + 1
            )
        })
    }

    /// The end of the text.
    pub(crate) fn end(&mut self) -> Result<(), String> {
        self.next().map(|_| ())
    }

    /// The beginning of an object.
    pub(crate) fn object(&mut self) -> Result<(), String> {
        match self.object_or_null()? {
            true => Ok(()),
            false => Err("expected an object, found null".to_owned()),
        }
    }

    /// The beginning of an object, or null: whether it is an object.
    pub(crate) fn object_or_null(&mut self) -> Result<bool, String> {
        match self.next()? {
            JsonEvent::StartObject => Ok(true),
            JsonEvent::Null => Ok(false),
            _ => Err("expected an object".to_owned()),
        }
    }

    /// The next key of an object that has begun; `None` at its end.
    pub(crate) fn key(&mut self) -> Result<Option<Cow<'a, str>>, String> {
        match self.next()? {
            JsonEvent::ObjectKey(key) => Ok(Some(key)),
            _ => Ok(None),
        }
    }

    pub(crate) fn text(&mut self) -> Result<Cow<'a, str>, String> {
        match self.next()? {
            JsonEvent::String(text) => Ok(text),
            _ => Err("expected text".to_owned()),
        }
    }

    /// An array of whole numbers.
    pub(crate) fn lengths(&mut self) -> Result<Vec<usize>, String> {
        let expected = || "expected a list of whole numbers".to_owned();
        let mut lengths = Vec::new();
        let mut token = self.next()?;
        if token != JsonEvent::StartArray {
            return Err(expected());
        }
        loop {
            token = self.next()?;
            match token {
                JsonEvent::EndArray => return Ok(lengths),
                _ if lengths.len() == MAX_LENGTHS => {
                    return Err(format!("a list of more than {MAX_LENGTHS} numbers"));
                }
                JsonEvent::Number(number) => {
                    lengths.push(number.parse().map_err(|_| expected())?);
                }
                _ => return Err(expected()),
            }
        }
    }

    /// Passes over any value.
    pub(crate) fn skip(&mut self) -> Result<(), String> {
        let mut open = 0usize;
        loop {
            match self.next()? {
                JsonEvent::StartArray | JsonEvent::StartObject => open += 1,
                JsonEvent::EndArray | JsonEvent::EndObject => open = open.saturating_sub(1),
                _ => {}
            }
            if open == 0 {
                return Ok(());
            }
        }
    }

    /// The value that begins with a token, nested at most so deeply.
    fn value(&mut self, first: JsonEvent<'a>, depth: usize) -> Result<Value<'a>, String> {
        if depth == 0 {
            return Err(format!("nested more than {MAX_DEPTH} deep"));
        }
        match first {
            JsonEvent::Null => Ok(Value::Null),
            JsonEvent::Boolean(value) => Ok(Value::Bool(value)),
            JsonEvent::Number(number) => match number.parse().is_ok_and(f64::is_finite) {
                true => Ok(Value::Number(number)),
                false => Err("a number beyond float64".to_owned()),
            },
            JsonEvent::String(text) => Ok(Value::Text(text)),
            JsonEvent::StartArray => {
                let mut values = Vec::new();
                loop {
                    match self.next()? {
                        JsonEvent::EndArray => return Ok(Value::Array(values)),
                        first => values.push(self.value(first, depth - 1)?),
                    }
                }
            }
            JsonEvent::StartObject => {
                let mut entries = Vec::new();
                while let Some(key) = self.key()? {
                    let first = self.next()?;
                    entries.push((key, self.value(first, depth - 1)?));
                }
                Ok(Value::Object(entries))
            }
            _ => Err("expected a value".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
