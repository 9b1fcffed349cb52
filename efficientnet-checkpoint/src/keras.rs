//! Keras networks rescale and normalise their input themselves.

mod config;
mod transform;

pub(crate) use config::MAX_CONFIG;
pub use transform::{InputTransform, TransformError};

/// What a file says of the Keras network that its weights come from.
#[derive(Clone, Debug, PartialEq)]
pub struct KerasModel {
    /// The layers in front of the first convolution that compute with the image's values, in order.
    pub input: Vec<InputLayer>,
    /// The epsilon of all batch normalizations; `None` if they differ, or if there are none.
    pub batch_norm_epsilon: Option<f64>,
}

/// One layer in front of the first convolution. Its numbers are one for all channels or one a channel.
#[derive(Clone, Debug, PartialEq)]
pub enum InputLayer {
    /// `x * scale + offset`.
    Rescaling {
        /// Factors.
        scale: Vec<f64>,
        /// Summands.
        offset: Vec<f64>,
    },
    /// `(x - mean) / sqrt(variance)` of the tensors `mean` and `variance`.
    Normalization,
    /// `(x - mean) / sqrt(variance)` of constants.
    ConstantNormalization {
        /// Means.
        mean: Vec<f64>,
        /// Variances.
        variance: Vec<f64>,
    },
}
