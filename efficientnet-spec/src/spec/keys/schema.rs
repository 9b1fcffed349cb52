//! The tables of keys as a JSON Schema, by which editors complete and check specs.
//!
//! What the parser refuses beyond it: keys that stand twice, anchors, tags and further documents;
//! whole numbers with a point (`3.0`); more ratios than sub-blocks; a squeeze and excite that the
//! family does not describe; variants that are too large once scaled.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::{BLOCK, CONVOLUTION, Key, Keys, SPEC, Takes, VARIANT, Without};
use crate::diagnostics::Expected;
use crate::limits::{MAX_BLOCKS, MAX_COEFFICIENT, MAX_EXPAND_RATIO, MAX_KERNEL, MAX_REPEATS};
use crate::spec::values::RESERVED;
use crate::{BlockKind, Spec};

/// The JSON Schema of the spec language, draft 7, which all editors know.
pub fn schema() -> Schema {
    let generator = SchemaSettings::draft07().into_generator();
    generator.into_root_schema_for::<Spec>()
}

impl JsonSchema for Spec {
    fn schema_name() -> Cow<'static, str> {
        "A family of networks".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        mapping(&SPEC, generator)
    }
}

fn mapping(keys: &'static Keys, generator: &mut SchemaGenerator) -> Schema {
    let properties: Map<String, Value> = keys
        .keys
        .iter()
        .map(|key| (key.name.into(), property(key, generator)))
        .collect();
    let required: Vec<_> = keys.required().collect();
    json_schema!({
        "type": "object",
        "description": keys.doc,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The name of a mapping's definition, which is made once.
fn defined(keys: &'static Keys, generator: &mut SchemaGenerator) -> Value {
    if !generator.definitions().contains_key(keys.name) {
        let schema = mapping(keys, generator).to_value();
        generator.definitions_mut().insert(keys.name.into(), schema);
    }
    let path = generator.settings().definitions_path.clone();
    Schema::new_ref(format!("#{path}/{}", keys.name)).to_value()
}

fn property(key: &Key, generator: &mut SchemaGenerator) -> Value {
    let mut schema = match &key.takes {
        Takes::Value(expected) => value(*expected),
        Takes::Values(expected) => json!({ "oneOf": [
            value(*expected),
            { "type": "array", "items": value(*expected), "minItems": 1, "maxItems": MAX_REPEATS },
        ] }),
        // Draft 7 reads nothing beside a reference.
        Takes::Mapping(keys) => json!({ "allOf": [defined(keys, generator)] }),
        Takes::Blocks => blocks(generator),
        Takes::Variants => json!({
            "type": "object",
            "propertyNames": value(Expected::Name),
            "additionalProperties": defined(&VARIANT, generator),
            "minProperties": 1,
        }),
    };
    schema["description"] = match key.without {
        Without::Required | Without::Default(_) => key.doc.into(),
        Without::Else(what) => format!("{} Without it: {what}.", key.doc).into(),
    };
    if let Without::Default(default) = key.without {
        schema["default"] = match default {
            "true" => true.into(),
            "false" => false.into(),
            word => word.into(),
        };
    }
    schema
}

fn blocks(generator: &mut SchemaGenerator) -> Value {
    let convolution = BlockKind::Convolution.word();
    json!({
        "type": "array",
        "items": {
            "if": { "properties": { "kind": { "const": convolution } }, "required": ["kind"] },
            "then": defined(&CONVOLUTION, generator),
            "else": defined(&BLOCK, generator),
        },
        "minItems": 1,
        "maxItems": MAX_BLOCKS,
    })
}

fn value(expected: Expected) -> Value {
    match expected {
        Expected::Size { most } => json!({ "type": "integer", "minimum": 1, "maximum": most }),
        Expected::Kernel => {
            let odd: Vec<_> = (1..=MAX_KERNEL).step_by(2).collect();
            json!({ "enum": odd })
        }
        Expected::Stride => json!({ "enum": [1, 2] }),
        Expected::Coefficient => {
            json!({ "type": "number", "exclusiveMinimum": 0, "maximum": MAX_COEFFICIENT })
        }
        Expected::Share => json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 1 }),
        Expected::Floor => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        Expected::ExpandRatio => {
            json!({ "type": "number", "minimum": 1, "maximum": MAX_EXPAND_RATIO })
        }
        Expected::Rate => json!({ "type": "number", "minimum": 0, "exclusiveMaximum": 1 }),
        Expected::Name => json!({
            "type": "string",
            "pattern": "^[a-z][a-z0-9_-]*$",
            "not": { "enum": RESERVED },
        }),
        Expected::Switch => json!({ "type": "boolean" }),
        Expected::OneOf(words) => json!({ "enum": words }),
    }
}
