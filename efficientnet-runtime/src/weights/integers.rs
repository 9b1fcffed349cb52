//! Weights of int8 layers, as a quantised checkpoint has them: integers with a scale a channel, floats as biases, and
//! for each activation a scale and the code of zero.

use super::filter::{Filter, NamedShape, Reader};
use crate::checkpoint::CheckpointError;
use crate::kernels::{Coding, Scaled};

/// What integers are multiplied with, and what becomes of it. Activations have the names of the layers that give them,
/// `input`, or `global_pool`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Integers<'a> {
    /// The activation that the layer reads.
    pub(super) input: &'a str,
    pub(super) results: Results<'a>,
}

/// The results of a layer of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Results<'a> {
    /// Codes of the activation of the layer's name.
    Codes,
    /// Those, of the sum with a shortcut, an activation.
    Onto(&'a str),
    /// Codes of another activation: the mean over the pixels.
    Pooled(&'a str),
    /// Floats.
    Floats,
}

/// A product's integers, with what makes values of their sums.
pub(super) struct ScaledFilter {
    weight: Vec<i8>,
    zero_point: u8,
    factors: Vec<f32>,
    biases: Vec<f32>,
    second: f32,
}

impl ScaledFilter {
    /// As the kernels take it.
    pub(super) fn view(&self) -> Scaled<'_> {
        Scaled {
            weight: &self.weight,
            zero_point: self.zero_point,
            factors: &self.factors,
            biases: &self.biases,
            second: self.second,
        }
    }
}

/// What an activation's codes stand for.
pub(super) fn coding(reader: &Reader<'_>, name: &str) -> Result<Coding, CheckpointError> {
    let scale = value(reader, &format!("{name}.output_scale"))?;
    let zero_point = value(reader, &format!("{name}.output_zero_point"))?;
    let is_code = (0.0..=255.0).contains(&zero_point) && zero_point.fract() == 0.0;
    let positive = scale.is_normal() && scale > 0.0;
    let selection = &reader.selection;
    selection.check(
        positive,
        &format!("{name}.output_scale"),
        scale,
        "a positive scale",
    )?;
    let tensor = format!("{name}.output_zero_point");
    selection.check(is_code, &tensor, zero_point, "an integer of 0 to 255")?;
    Ok(Coding {
        scale,
        zero_point: zero_point as u8,
    })
}

/// A tensor of one value.
fn value(reader: &Reader<'_>, name: &str) -> Result<f32, CheckpointError> {
    let values = reader.selection.read(name)?;
    Ok(values.first().copied().unwrap_or_default())
}

/// The tensors of an activation in a quantised checkpoint.
pub(super) fn activation_tensors(name: &str) -> Vec<NamedShape> {
    vec![
        (format!("{name}.output_scale"), vec![1]),
        (format!("{name}.output_zero_point"), vec![1]),
    ]
}

impl Filter<'_> {
    /// The tensors of a quantised checkpoint.
    pub(super) fn integer_tensors(
        &self,
        window: &[usize],
        results: Results<'_>,
    ) -> Vec<NamedShape> {
        let name = self.weight;
        let mut tensors = vec![
            (format!("{name}.weight"), self.shape(window)),
            (format!("{name}.weight_scale"), vec![self.outputs]),
            (format!("{name}.bias"), vec![self.outputs]),
        ];
        match results {
            Results::Floats => {}
            Results::Codes | Results::Onto(_) => tensors.extend(activation_tensors(name)),
            Results::Pooled(pooled) => {
                tensors.extend(activation_tensors(name));
                tensors.extend(activation_tensors(pooled));
            }
        }
        tensors
    }

    /// Reads the filter of an int8 layer. Computed in f64 and rounded once.
    pub(super) fn read_integers(
        &self,
        reader: &Reader<'_>,
        integers: &Integers<'_>,
    ) -> Result<ScaledFilter, CheckpointError> {
        let selection = &reader.selection;
        let name = format!("{}.weight", self.weight);
        let mut weight = Vec::new();
        for value in selection.read(&name)? {
            let is_integer = (-128.0..=127.0).contains(&value) && value.fract() == 0.0;
            selection.check(is_integer, &name, value, "integers of -128 to 127")?;
            weight.push(value as i8);
        }
        let scales = selection.read(&format!("{}.weight_scale", self.weight))?;
        let biases = selection.read(&format!("{}.bias", self.weight))?;
        let input = coding(reader, integers.input)?;
        let output = match integers.results {
            Results::Floats => Coding {
                scale: 1.0,
                zero_point: 0,
            },
            Results::Codes | Results::Onto(_) | Results::Pooled(_) => coding(reader, self.weight)?,
        };
        let (per_input, per_output) = (f64::from(input.scale), f64::from(output.scale));
        let (second, shift) = match integers.results {
            Results::Codes | Results::Floats => (1.0, 0.0),
            Results::Onto(shortcut) => {
                let shortcut = coding(reader, shortcut)?;
                let factor = f64::from(shortcut.scale) / per_output;
                (factor, factor * f64::from(shortcut.zero_point))
            }
            Results::Pooled(pooled) => {
                let pooled = coding(reader, pooled)?;
                (per_output / f64::from(pooled.scale), 0.0)
            }
        };
        let zero_point = f64::from(output.zero_point);
        let factor = |&scale: &f32| (per_input * f64::from(scale) / per_output) as f32;
        let bias = |&bias: &f32| (f64::from(bias) / per_output + zero_point - shift) as f32;
        Ok(ScaledFilter {
            weight,
            zero_point: input.zero_point,
            factors: scales.iter().map(factor).collect(),
            biases: biases.iter().map(bias).collect(),
            second: second as f32,
        })
    }
}
