//! The comparison as one JSON document.

use serde_json::{Map, Value, json};

use super::print::TOTALS;
use super::{Comparison, Pair, Side, Stage, TRAINING, Trait, WHOLE};

impl Comparison {
    pub(super) fn document(&self) -> Value {
        let [a, b] = &self.sides;
        let ratios: Map<String, Value> = TOTALS
            .iter()
            .map(|total| {
                let [a, b] = [a, b].map(|side| (total.count)(side) as f64);
                (total.key.to_owned(), json!(b / a))
            })
            .collect();
        let stages = self.pairs.iter().map(|pair| self.pair(pair));
        json!({
            "a": side(a),
            "b": side(b),
            "stages": stages.collect::<Vec<_>>(),
            "different": self.aspects(true),
            "equal": self.aspects(false),
            "different_while_training": self.training,
            "ratios": ratios,
            "statements": self.statements(),
        })
    }

    fn pair(&self, pair: &Pair) -> Value {
        let stage = |index: usize| {
            let number = pair.stages[index]?;
            Some(stage(&self.sides[index].stages[number]))
        };
        json!({
            "name": pair.name,
            "a": stage(0),
            "b": stage(1),
            "different": pair.different,
        })
    }
}

fn side(side: &Side) -> Value {
    let traits = WHOLE.iter().chain(TRAINING);
    let traits = traits
        .map(|Trait { name, value }| (name.replace(' ', "_"), json!(value(&side.architecture))));
    let totals = TOTALS
        .iter()
        .map(|total| (total.key.to_owned(), json!((total.count)(side))));
    let mut document: Map<String, Value> = traits.chain(totals).collect();
    document.insert("family".to_owned(), json!(side.architecture.family));
    document.insert("variant".to_owned(), json!(side.architecture.variant));
    document.insert("sub_blocks".to_owned(), json!(side.sub_blocks()));
    Value::Object(document)
}

fn stage(stage: &Stage) -> Value {
    let words = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    json!({
        "kind": stage.kind,
        "kernel": stage.kernel,
        "stride": stage.stride,
        "channels": stage.channels,
        "repeats": stage.repeats,
        "expand_ratios": stage.ratios,
        "squeeze_excite": words(&stage.squeeze),
        "activation": stage.activation,
        "shortcut": stage.shortcut,
    })
}
