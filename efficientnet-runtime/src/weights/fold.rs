//! Batch-norm folding, in f64.

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

#[cfg(test)]
mod tests {
    use super::BatchNorm;

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
