//! The tensors of a quantised network.

use std::collections::BTreeMap;

use efficientnet_runtime::checkpoint::{Checkpoint, Values};
use efficientnet_runtime::kernels::Coding;
use efficientnet_runtime::weights::FoldedFilter;

/// Greatest code of a weight; the least is its negative, so that zero is in the middle.
const MOST: f32 = i8::MAX as f32;

/// A tensor to write.
type Tensor = (String, Vec<usize>, Values);

/// The checkpoint of filters and activations.
pub(super) fn of(filters: &[FoldedFilter], activations: &BTreeMap<&str, Coding>) -> Checkpoint {
    let filters = filters.iter().flat_map(filter);
    let activations = activations.iter();
    let activations = activations.flat_map(|(name, codes)| activation(name, *codes));
    Checkpoint::from_values("quantised weights", filters.chain(activations))
}

fn filter(filter: &FoldedFilter) -> [Tensor; 3] {
    let outputs = filter.bias.len();
    let (codes, scales) = codes(&filter.weight, outputs);
    let name = &filter.name;
    [
        (
            format!("{name}.weight"),
            filter.shape.clone(),
            Values::I8(codes),
        ),
        (
            format!("{name}.weight_scale"),
            vec![outputs],
            Values::F32(scales),
        ),
        (
            format!("{name}.bias"),
            vec![outputs],
            Values::F32(filter.bias.clone()),
        ),
    ]
}

fn activation(name: &str, codes: Coding) -> [Tensor; 2] {
    [
        (
            format!("{name}.output_scale"),
            vec![1],
            Values::F32(vec![codes.scale]),
        ),
        (
            format!("{name}.output_zero_point"),
            vec![1],
            Values::U8(vec![codes.zero_point]),
        ),
    ]
}

/// Coding of weights and the scale of each filter: its greatest magnitude becomes the greatest code. Filters of
/// zeros have a scale of 1.
fn codes(weights: &[f32], outputs: usize) -> (Vec<i8>, Vec<f32>) {
    let (mut codes, mut scales) = (Vec::with_capacity(weights.len()), Vec::new());
    for filter in weights.chunks_exact((weights.len() / outputs.max(1)).max(1)) {
        let most = filter.iter().fold(0.0f32, |most, w| most.max(w.abs()));
        // Nor may that of weights which are next to nothing be zero.
        let scale = Some(most / MOST).filter(|scale| *scale > 0.0);
        let scale = scale.unwrap_or(1.0);
        let code = |w: &f32| (w / scale).round_ties_even().clamp(-MOST, MOST) as i8;
        codes.extend(filter.iter().map(code));
        scales.push(scale);
    }
    (codes, scales)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_s_greatest_weight_is_the_greatest_code() {
        let weights = [1.0, -2.54, 0.01, 0.03, 0.0, 0.0, 0.0, 0.0];
        let (codes, scales) = codes(&weights, 2);
        // 0.01 and 0.03 are half a step and one and a half: to even.
        assert_eq!(codes, [50, -127, 0, 2, 0, 0, 0, 0]);
        assert_eq!(scales, [0.02, 1.0]);
    }
}
