use proptest::prelude::*;
use serde_json::json;

use super::*;

/// The same value, as serde_json has it.
fn reference(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => json!(value),
        Value::Number(_) => json!(value.as_f64()),
        Value::Text(text) => json!(text),
        Value::Array(values) => values.iter().map(reference).collect(),
        Value::Object(entries) => {
            let entries = entries.iter();
            entries
                .map(|(key, value)| (key.to_string(), reference(value)))
                .collect()
        }
    }
}

/// Any JSON, but for numbers that float64 rounds.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i32>().prop_map(|value| json!(f64::from(value) / 16.0)),
        any::<String>().prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(|values| json!(values)),
            prop::collection::hash_map(any::<String>(), inner, 0..8)
                .prop_map(|entries| json!(entries)),
        ]
    })
}

proptest! {
    #[test]
    fn what_serde_json_writes_is_read(expected in any_json()) {
        for text in [expected.to_string(), format!("{expected:#}")] {
            let value = Value::parse(text.as_bytes()).unwrap();
            prop_assert_eq!(&reference(&value), &expected);
        }
    }

    #[cfg(feature = "files")]
    #[test]
    fn serde_json_reads_what_is_written(expected in any_json()) {
        let text = expected.to_string();
        let written = Value::parse(text.as_bytes()).unwrap().to_text().unwrap();
        let read: serde_json::Value = serde_json::from_slice(&written).unwrap();
        prop_assert_eq!(read, expected);
    }

    /// Text that serde_json refuses is refused.
    #[test]
    fn damage_is_refused_as_serde_json_refuses_it(
        value in any_json(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut text = value.to_string().into_bytes();
        for (index, byte) in edits {
            let index = index.index(text.len());
            text[index] = byte;
        }
        let expected = serde_json::from_slice::<serde_json::Value>(&text).is_ok();
        prop_assert_eq!(Value::parse(&text).is_ok(), expected, "{}", text.escape_ascii());
    }
}

#[test]
fn broken_text_is_refused() {
    for (text, reason) in [
        (&b""[..], "line 1 column 1"),
        (b"{", "line 1"),
        (b"[1,\n2", "line 2"),
        (b"[1,]", "Trailing commas"),
        (b"{} {}", "one root element"),
        (b"\"\xff\"", "UTF-8"),
        (br#""\ud800\u0041""#, "surrogate"),
        (b"\"\n\"", "not allowed"),
        (b"01", "line 1"),
        (b"nul", "line 1"),
        (b"NaN", "line 1"),
        (b"1e999", "beyond float64"),
        (b"\x1b", r"\u{1b}"),
    ] {
        let error = Value::parse(text).unwrap_err();
        assert!(error.contains(reason), "{}: {error}", text.escape_ascii());
    }
}

#[test]
fn nesting_is_limited() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(Value::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
    for bomb in [
        nested(MAX_DEPTH + 1),
        nested(1 << 20),
        "[".repeat(1 << 20),
        r#"{"a":"#.repeat(1 << 20),
    ] {
        let error = Value::parse(bomb.as_bytes()).unwrap_err();
        assert_eq!(error, "nested more than 128 deep");
        let error = Tokens::new(bomb.as_bytes()).skip();
        assert_eq!(error.is_ok(), bomb.len() < 1 << 20, "{error:?}");
    }
}

#[test]
fn what_is_not_there_is_null() {
    let value = Value::parse(br#"{"a": [1, {"b": "c"}], "a2": 1, "twice": 1, "twice": 2.5}"#);
    let value = value.unwrap();
    assert_eq!(value["a"][1]["b"].as_str(), Some("c"));
    assert_eq!(value["twice"].as_f64(), Some(2.5));
    for absent in [
        &value["b"],
        &value["a"][2],
        &value["a"]["b"],
        &value[0],
        &value["a2"][0],
    ] {
        assert_eq!(*absent, Value::Null);
    }
}
