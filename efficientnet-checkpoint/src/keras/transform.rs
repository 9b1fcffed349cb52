//! All input layers of a Keras network as one factor and one summand a channel.

use super::{InputLayer, KerasModel};

/// What Keras networks do with an image of values 0..255 before the first convolution:
/// `x * scale + shift`, with one of each a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct InputTransform {
    /// Factors.
    pub scale: Vec<f64>,
    /// Summands.
    pub shift: Vec<f64>,
}

/// A layer does not fit the number of channels.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the input's {layer} has {found} values, expected 1 or {channels}, one a channel")]
pub struct TransformError {
    /// The layer's class.
    pub layer: &'static str,
    /// How many numbers it has.
    pub found: usize,
    /// The network's input channels.
    pub channels: usize,
}

/// ImageNet's means and standard deviations, red, green and blue. The published weights have the
/// deviations as `variance`, and make up for it by a second rescaling with their square roots
/// (`IMAGENET_STDDEV_RGB` in keras/src/applications/efficientnet.py).
const IMAGENET_MEAN: [f64; 3] = [0.485, 0.456, 0.406];
const IMAGENET_STD: [f64; 3] = [0.229, 0.224, 0.225];

/// Difference that half precision makes to them, but not another channel.
const TOLERANCE: f64 = 4e-4;

/// Smallest divisor of a normalization (`keras.backend.epsilon`).
const EPSILON: f64 = 1e-7;

impl InputTransform {
    /// The transform of a network by its configuration; of a file of weights alone, by what
    /// `keras.applications` builds: `Rescaling(1 / 255)`, `Normalization`, and for its published
    /// weights a second rescaling by `1 / sqrt(std)`, which has no weights to tell by. These are
    /// recognised by ImageNet's mean and standard deviation.
    ///
    /// `mean` and `variance` are the normalization's tensors, one value a channel.
    /// `second_rescaling` overrides whether there is a rescaling after the normalization.
    ///
    /// # Errors
    /// If a layer has neither one value nor one a channel.
    pub fn new(
        model: Option<&KerasModel>,
        mean: &[f32],
        variance: &[f32],
        second_rescaling: Option<bool>,
    ) -> Result<Self, TransformError> {
        let tensors = [mean, variance].map(|tensor| tensor.iter().map(|&x| x.into()).collect());
        let [mean, variance]: [Vec<f64>; 2] = tensors;
        let published = is_near(&mean, IMAGENET_MEAN) && is_near(&variance, IMAGENET_STD);
        let mut layers = match model {
            Some(model) => model.input.clone(),
            None => applications(published),
        };
        if let Some(wanted) = second_rescaling {
            set_second_rescaling(&mut layers, wanted);
        }
        let mut transform = Self {
            scale: vec![1.0; mean.len()],
            shift: vec![0.0; mean.len()],
        };
        for layer in &layers {
            transform.append(layer, &mean, &variance)?;
        }
        Ok(transform)
    }

    /// Whether it leaves all values as they are.
    pub fn is_identity(&self) -> bool {
        self.scale.iter().all(|&scale| scale == 1.0) && self.shift.iter().all(|&shift| shift == 0.0)
    }

    fn append(
        &mut self,
        layer: &InputLayer,
        mean: &[f64],
        variance: &[f64],
    ) -> Result<(), TransformError> {
        let (name, first, second) = match layer {
            InputLayer::Rescaling { scale, offset } => ("Rescaling", &scale[..], &offset[..]),
            InputLayer::Normalization => ("Normalization", mean, variance),
            InputLayer::ConstantNormalization { mean, variance } => {
                ("Normalization", &mean[..], &variance[..])
            }
        };
        let channels = self.scale.len();
        for found in [first.len(), second.len()] {
            if found != 1 && found != channels {
                return Err(TransformError {
                    layer: name,
                    found,
                    channels,
                });
            }
        }
        for (channel, (scale, shift)) in self.scale.iter_mut().zip(&mut self.shift).enumerate() {
            let (first, second) = (first[channel % first.len()], second[channel % second.len()]);
            match layer {
                InputLayer::Rescaling { .. } => {
                    *scale *= first;
                    *shift = *shift * first + second;
                }
                _ => {
                    let divisor = second.sqrt().max(EPSILON);
                    *scale /= divisor;
                    *shift = (*shift - first) / divisor;
                }
            }
        }
        Ok(())
    }
}

fn is_near(found: &[f64], expected: [f64; 3]) -> bool {
    found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|(found, expected)| (found - expected).abs() < TOLERANCE)
}

/// The input layers of `keras.applications.EfficientNetB0` to `B7`.
fn applications(published: bool) -> Vec<InputLayer> {
    let first = InputLayer::Rescaling {
        scale: vec![1.0 / 255.0],
        offset: vec![0.0],
    };
    let mut layers = vec![first, InputLayer::Normalization];
    set_second_rescaling(&mut layers, published);
    layers
}

/// Adds the rescaling after the normalization, or takes it away; an existing one stays as it is.
fn set_second_rescaling(layers: &mut Vec<InputLayer>, wanted: bool) {
    let is_rescaling = |layer: &InputLayer| matches!(layer, InputLayer::Rescaling { .. });
    let normalized = layers.iter().position(|layer| !is_rescaling(layer));
    let after = normalized.map_or(layers.len(), |position| position + 1);
    match (wanted, layers[after..].iter().any(is_rescaling)) {
        (true, false) => layers.push(InputLayer::Rescaling {
            scale: IMAGENET_STD.map(|std| std.sqrt().recip()).to_vec(),
            offset: vec![0.0],
        }),
        (false, true) => {
            let mut position = 0;
            layers.retain(|layer| {
                position += 1;
                position <= after || !is_rescaling(layer)
            });
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
