//! What makes values of sums of products of codes.

/// Weights of a layer of codes: integers, with what makes values of their sums, a value a channel:
/// `(sum - zero_point * sum of the weights) * factor + bias`.
///
/// A value is what the output's codes are rounded from, where the output is codes: factors and biases are in units of
/// the output's scale then, and biases hold its zero point.
#[derive(Clone, Copy, Debug)]
pub struct Scaled<'a> {
    /// Weights as [`super::Pointwise::pack`] and its sisters take them.
    pub weight: &'a [i8],
    /// The input's code of zero.
    pub zero_point: u8,
    /// Factors of sums.
    pub factors: &'a [f32],
    /// Biases of values.
    pub biases: &'a [f32],
    /// Factor of a second step: of the codes of a shortcut, or of the mean of the output's codes where they are
    /// pooled.
    pub second: f32,
}

impl Scaled<'_> {
    /// What the sum of a channel begins with, whose weights are these: as many zero points less.
    pub(super) fn first(&self, weights: impl Iterator<Item = i8>) -> i32 {
        let sum: i32 = weights.map(i32::from).sum();
        -i32::from(self.zero_point) * sum
    }
}
