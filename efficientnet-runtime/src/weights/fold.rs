//! Batch-norm folding, in f64.

use crate::checkpoint::InputTransform;

/// The statistics of a batch norm, one value a channel.
pub(super) struct BatchNorm {
    pub(super) gamma: Vec<f32>,
    pub(super) beta: Vec<f32>,
    pub(super) mean: Vec<f32>,
    pub(super) variance: Vec<f32>,
}

impl BatchNorm {
    /// Folds into the product before it, whose filters are the rows of `weight`; returns the bias.
    ///
    /// `gamma * (w x - mean) / sqrt(variance + epsilon) + beta` (Ioffe and Szegedy, 2015, algorithm 1)
    /// is a product with scaled weights and a bias. Computed in f64 and rounded once, so that folding
    /// costs no accuracy.
    pub(super) fn fold(&self, weight: &mut [f32], epsilon: f64) -> Vec<f32> {
        let filters = self.gamma.len();
        let per_filter = weight.len() / filters.max(1);
        let mut bias = Vec::with_capacity(filters);
        for channel in 0..filters {
            let deviation = (f64::from(self.variance[channel]) + epsilon).sqrt();
            let scale = f64::from(self.gamma[channel]) / deviation;
            for w in &mut weight[channel * per_filter..][..per_filter] {
                *w = (f64::from(*w) * scale) as f32;
            }
            let shift = f64::from(self.beta[channel]) - f64::from(self.mean[channel]) * scale;
            bias.push(shift as f32);
        }
        bias
    }
}

/// Folds `x * scale + shift`, of each input channel, into the dense convolution that reads it; returns
/// what a pad is worth then: the value that becomes zero.
///
/// Pads are zeros behind the transform (Keras pads what it has normalised), so that they are not zeros
/// in front of it.
pub(super) fn fold_input(input: &InputTransform, weight: &mut [f32], bias: &mut [f32]) -> Vec<f32> {
    let channels = input.scale.len();
    let taps = weight.len() / (bias.len() * channels).max(1);
    for (filter, bias) in weight.chunks_exact_mut((taps * channels).max(1)).zip(bias) {
        let mut sum = f64::from(*bias);
        let factors = input.scale.iter().zip(&input.shift);
        for (taps, (scale, shift)) in filter.chunks_exact_mut(taps).zip(factors) {
            for w in taps {
                sum += f64::from(*w) * shift;
                *w = (f64::from(*w) * scale) as f32;
            }
        }
        *bias = sum as f32;
    }
    let factors = input.scale.iter().zip(&input.shift);
    factors
        .map(|(scale, shift)| (-shift / scale) as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{BatchNorm, fold_input};
    use crate::checkpoint::InputTransform;

    #[test]
    fn a_folded_input_is_the_transform_and_then_the_product() {
        let input = InputTransform {
            scale: vec![0.25, 2.0],
            shift: vec![-1.0, 3.0],
        };
        // Two filters of two channels and two taps.
        let weight = [1.0f32, 2.0, -0.5, 0.25, 4.0, -3.0, 1.5, 0.0];
        let (mut folded, mut bias) = (weight, [0.5f32, -1.0]);
        let border = fold_input(&input, &mut folded, &mut bias);
        assert_eq!(border, [4.0, -1.5]);
        let x = [[8.0f32, -4.0], [0.5, 1.0]];
        for filter in 0..2 {
            let (mut expected, mut found) = ([0.5f32, -1.0][filter], bias[filter]);
            for (channel, taps) in x.iter().enumerate() {
                let (scale, shift) = (input.scale[channel] as f32, input.shift[channel] as f32);
                for (tap, x) in taps.iter().enumerate() {
                    let index = (filter * 2 + channel) * 2 + tap;
                    expected += weight[index] * (x * scale + shift);
                    found += folded[index] * x;
                }
            }
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_folded_product_is_the_product_and_then_the_norm() {
        let norm = BatchNorm {
            gamma: vec![1.25, -0.5],
            beta: vec![0.25, 3.0],
            mean: vec![0.75, -2.0],
            variance: vec![0.4375, 0.9375],
        };
        // Variances plus epsilon are 0.5^2 * 2 = 0.5 and 1: both exact.
        let (epsilon, x) = (0.0625, [2.0f32, -3.0]);
        let weight = [0.5f32, 1.5, -1.0, 0.25];
        let mut folded = weight;
        let bias = norm.fold(&mut folded, epsilon);
        for channel in 0..2 {
            let dot = |w: &[f32]| -> f64 {
                (0..2)
                    .map(|i| f64::from(w[channel * 2 + i]) * f64::from(x[i]))
                    .sum()
            };
            let variance = f64::from(norm.variance[channel]) + epsilon;
            let expected = f64::from(norm.gamma[channel])
                * (dot(&weight) - f64::from(norm.mean[channel]))
                / variance.sqrt()
                + f64::from(norm.beta[channel]);
            let found = dot(&folded) + f64::from(bias[channel]);
            assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
        }
    }
}
