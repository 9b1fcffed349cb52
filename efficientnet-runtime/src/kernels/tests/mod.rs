//! One suite for every kernel and every instruction set of this machine, against the scalar reference.

#[cfg(feature = "int8")]
mod codes;
#[cfg(all(unix, not(miri)))]
mod fence;
mod lengths;
mod maps;
#[cfg(feature = "bf16")]
mod pairs;
mod products;

/// Where pages cannot be forbidden, or Miri looks at every access itself.
#[cfg(any(not(unix), miri))]
mod fence {
    pub(super) fn on_both_sides(test: impl Fn()) {
        test();
    }

    pub(super) fn margins(floats: usize) -> [usize; 2] {
        [floats; 2]
    }
}

use super::{Activation, Isa};
use crate::synthetic::uniform;

/// All activations of floats.
const ACTIVATIONS: [Activation; 7] = [
    Activation::Identity,
    Activation::Silu,
    Activation::Relu,
    Activation::Relu6,
    Activation::Sigmoid,
    Activation::HardSwish,
    Activation::HardSigmoid,
];

/// Deterministic values in [-1, 1), different for every name.
fn values(name: &str, len: usize) -> Vec<f32> {
    uniform(name, len, 0)
        .map(|u| (2.0 * u - 1.0) as f32)
        .collect()
}

/// Weights in [-1, 1) over the square root of the products summed, so that results are about 1.
fn weights(name: &str, len: usize, summed: usize) -> Vec<f32> {
    let scale = 1.0 / (summed as f32).sqrt();
    values(name, len)
        .into_iter()
        .map(|value| value * scale)
        .collect()
}

/// Largest error allowed beside values of about 1: a few hundred roundings of f32 (6e-8 each).
const TOLERANCE: f32 = 5e-6;

/// Fails at the first value that is further away than the tolerance allows, relative to its size
/// where that is above 1.
fn assert_close(what: &str, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len(), "{what}: length");
    for (index, (&found, &expected)) in found.iter().zip(expected).enumerate() {
        let allowed = TOLERANCE * expected.abs().max(1.0);
        assert!(
            (found - expected).abs() <= allowed,
            "{what}: value {index} is {found}, expected {expected}"
        );
    }
}

/// A value that no kernel writes.
const GUARD: f32 = 12345.0;
/// Floats around an output that must stay [`GUARD`].
const MARGIN: usize = 64;

/// Runs `kernel` on an output of `len` floats between guards or forbidden pages, all of it set to the guard
/// before, so that a value that is not written shows as well as one written outside.
fn guarded(len: usize, kernel: impl FnOnce(&mut [f32])) -> Vec<f32> {
    let [front, back] = fence::margins(MARGIN);
    let mut buffer = vec![GUARD; front + len + back];
    kernel(&mut buffer[front..front + len]);
    let (before, rest) = buffer.split_at(front);
    let (output, after) = rest.split_at(len);
    assert!(
        before.iter().chain(after).all(|&v| v == GUARD),
        "written outside the output"
    );
    output.to_vec()
}

/// Calls `test` for every instruction set of this machine, with its buffers between forbidden pages.
fn every_isa(test: impl Fn(Isa)) {
    let available = Isa::available();
    assert!(available.iter().any(|isa| isa.to_string() == "portable"));
    for isa in available {
        fence::on_both_sides(|| test(isa));
    }
}

#[test]
fn names_of_instruction_sets_parse_back() {
    every_isa(|isa| assert_eq!(isa.to_string().parse(), Ok(isa)));
    let error = "sse9".parse::<Isa>().unwrap_err().to_string();
    assert_eq!(
        error,
        "unknown instruction set `sse9`, expected avx512, avx2 or portable"
    );
}
