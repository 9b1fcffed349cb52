//! EfficientNet-Lite0 trained on ImageNet, and the names of its classes, as bytes: a crate of their own, as
//! registries limit the size of one.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

/// A checkpoint in the format of safetensors: 224 x 224 pixels in, 1000 classes out.
///
/// Variant `lite0` of the bundled spec `lite`, under timm's names, for `same` padding; matrices are float16.
pub static WEIGHTS: &[u8] = include_bytes!("../lite0.safetensors");

/// Names of the classes, one a line, in the order of the network's outputs.
pub static LABELS: &str = include_str!("../imagenet_labels.txt");
