//! The configuration of a network, as Keras 2 and 3 serialise it.

use super::{InputLayer, KerasModel};
use crate::json::Value;

/// Longest configuration that is read, in bytes: B7's is 1 MB.
pub(crate) const MAX_CONFIG: usize = 8 << 20;

/// Classes of networks: those whose layers are listed in order.
const NETWORKS: [&str; 3] = ["Functional", "Model", "Sequential"];

/// Classes of layers in front of the first convolution that leave values as they are, at inference.
const INERT: [&str; 8] = [
    "InputLayer",
    "ZeroPadding2D",
    "Resizing",
    "CenterCrop",
    "Cropping2D",
    "Dropout",
    "GaussianNoise",
    "Identity",
];

/// How the classes of augmenting layers begin, which are inert, too.
const AUGMENTING: &str = "Random";

impl KerasModel {
    /// Reads a configuration (JSON); `None` if it is of a kind whose input layers are not known, such
    /// as a subclass of `keras.Model` or a `Lambda` layer.
    pub(crate) fn parse(config: &str) -> Option<Self> {
        if config.len() > MAX_CONFIG {
            return None;
        }
        let config = Value::parse(config.as_bytes()).ok()?;
        let mut reader = Reader::default();
        reader.network(&config)?;
        let first = reader.epsilons.first();
        Some(Self {
            batch_norm_epsilon: first
                .filter(|first| reader.epsilons.iter().all(|epsilon| epsilon == *first))
                .copied(),
            input: reader.input,
        })
    }

    /// A configuration of these layers alone, which [`KerasModel::parse`] reads as this.
    #[cfg(feature = "files")]
    pub(crate) fn to_config(&self) -> Value<'_> {
        let norm = self.batch_norm_epsilon.map(|epsilon| {
            let config = Value::object([("epsilon", Value::float(epsilon))]);
            of_class("BatchNormalization", config)
        });
        let layers = self.input.iter().map(InputLayer::to_config);
        let layers = Value::Array(layers.chain(norm).collect());
        of_class("Functional", Value::object([("layers", layers)]))
    }
}

#[cfg(feature = "files")]
impl InputLayer {
    fn to_config(&self) -> Value<'_> {
        let numbers = |numbers: &[f64]| {
            let numbers = numbers.iter().copied();
            Value::Array(numbers.map(Value::float).collect())
        };
        let (class, config) = match self {
            InputLayer::Rescaling { scale, offset } => {
                ("Rescaling", vec![("scale", scale), ("offset", offset)])
            }
            InputLayer::Normalization => ("Normalization", vec![]),
            InputLayer::ConstantNormalization { mean, variance } => (
                "Normalization",
                vec![("mean", mean), ("variance", variance)],
            ),
        };
        let config = config.into_iter();
        let config = config.map(|(key, values)| (key.into(), numbers(values)));
        of_class(class, Value::Object(config.collect()))
    }
}

#[cfg(feature = "files")]
fn of_class<'a>(class: &'a str, config: Value<'a>) -> Value<'a> {
    Value::object([("class_name", Value::text(class)), ("config", config)])
}

/// What has been found so far.
#[derive(Default)]
struct Reader {
    input: Vec<InputLayer>,
    epsilons: Vec<f64>,
    /// Whether a convolution has been seen.
    convolved: bool,
}

impl Reader {
    /// A network's layers in the order of its graph, those of networks inside included. How deep they
    /// lie is limited by the depth of JSON that is read.
    fn network(&mut self, network: &Value<'_>) -> Option<()> {
        if !NETWORKS.contains(&network["class_name"].as_str()?) {
            return None;
        }
        let config = &network["config"];
        // Old sequential networks are their list of layers.
        let layers = config["layers"].as_array().or_else(|| config.as_array())?;
        for layer in layers {
            self.layer(layer)?;
        }
        Some(())
    }

    fn layer(&mut self, layer: &Value<'_>) -> Option<()> {
        let config = &layer["config"];
        match layer["class_name"].as_str()? {
            class if NETWORKS.contains(&class) => self.network(layer)?,
            "BatchNormalization" => self.epsilons.extend(config["epsilon"].as_f64()),
            "Conv2D" => self.convolved = true,
            _ if self.convolved => {}
            "Rescaling" => self.input.push(InputLayer::Rescaling {
                scale: numbers(&config["scale"])?,
                offset: numbers(&config["offset"])?,
            }),
            "Normalization" => self.input.push(normalization(config)?),
            "TFOpLambda" => self.input.push(division(layer)?),
            class if INERT.contains(&class) || class.starts_with(AUGMENTING) => {}
            _ => return None,
        }
        Some(())
    }
}

fn normalization(config: &Value<'_>) -> Option<InputLayer> {
    if config["invert"] == Value::Bool(true) {
        return None;
    }
    let [mean, variance] = [&config["mean"], &config["variance"]];
    if [mean, variance] == [&Value::Null; 2] {
        return Some(InputLayer::Normalization);
    }
    Some(InputLayer::ConstantNormalization {
        mean: numbers(mean)?,
        variance: numbers(variance)?,
    })
}

/// TensorFlow 2.7 to 2.9 have `x / tf.math.sqrt(IMAGENET_STDDEV_RGB)` for what later became a
/// rescaling (keras/applications/efficientnet.py): an operation whose divisor is among the arguments of
/// its only node.
fn division(layer: &Value<'_>) -> Option<InputLayer> {
    if layer["config"]["function"].as_str() != Some("math.truediv") {
        return None;
    }
    let divisor = numbers(&layer["inbound_nodes"][0][3]["y"])
        .or_else(|| numbers(&layer["inbound_nodes"][0][0][3]["y"]))?;
    Some(InputLayer::Rescaling {
        scale: divisor.into_iter().map(f64::recip).collect(),
        offset: vec![0.0],
    })
}

/// A number, a list of any depth, or an array or a tuple as Keras serialises them; not empty.
fn numbers(value: &Value<'_>) -> Option<Vec<f64>> {
    let mut numbers = Vec::new();
    collect(value, &mut numbers)?;
    (!numbers.is_empty()).then_some(numbers)
}

fn collect(value: &Value<'_>, numbers: &mut Vec<f64>) -> Option<()> {
    match value {
        Value::Number(_) => numbers.push(value.as_f64()?),
        Value::Array(values) => {
            for value in values {
                collect(value, numbers)?;
            }
        }
        Value::Object(_) => match value["class_name"].as_str()? {
            "__numpy__" | "__tensor__" => collect(&value["config"]["value"], numbers)?,
            "__tuple__" => collect(&value["items"], numbers)?,
            _ => return None,
        },
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests;
