//! The layers' formulas, written as their definitions read.

use efficientnet_spec::{Activation, Pads, Shape};

/// A layer's output: NHWC, or a vector.
#[derive(Clone)]
pub(super) struct Map {
    pub(super) shape: Shape,
    pub(super) values: Vec<f64>,
}

/// Sliding windows and their weights, in PyTorch's order: filter, input channel, row, column.
pub(super) struct Filters<'a> {
    pub(super) weights: &'a [f64],
    pub(super) kernel: usize,
    pub(super) stride: usize,
}

impl Map {
    pub(super) fn image(shape: Shape, image: &[f64]) -> Self {
        assert_eq!(image.len(), shape.elements(), "length of the image");
        let values = image.to_vec();
        Self { shape, values }
    }

    fn zeros(shape: Shape) -> Self {
        let values = vec![0.0; shape.elements()];
        Self { shape, values }
    }

    /// The channels of a pixel.
    fn pixel(&self, y: usize, x: usize) -> &[f64] {
        let ((_, width), channels) = (self.shape.size(), self.shape.channels());
        &self.values[(y * width + x) * channels..][..channels]
    }

    /// Replaces every value by a function of its channel and itself.
    pub(super) fn each_channel(&mut self, function: impl Fn(usize, f64) -> f64) {
        for pixel in self.values.chunks_exact_mut(self.shape.channels()) {
            for (channel, value) in pixel.iter_mut().enumerate() {
                *value = function(channel, *value);
            }
        }
    }

    /// Gives every pixel its channels, as a function of row and column.
    fn each_pixel(&mut self, mut fill: impl FnMut(usize, usize, &mut [f64])) {
        let ((_, width), channels) = (self.shape.size(), self.shape.channels());
        for (index, pixel) in self.values.chunks_exact_mut(channels).enumerate() {
            fill(index / width, index % width, pixel);
        }
    }
}

/// Shape of a map with zeros around it.
pub(super) fn padded(shape: Shape, pads: Pads) -> Shape {
    let (height, width) = shape.size();
    Shape::Map {
        height: height + pads.top + pads.bottom,
        width: width + pads.left + pads.right,
        channels: shape.channels(),
    }
}

/// A map with zeros around it.
pub(super) fn pad(input: &Map, shape: Shape, pads: Pads) -> Map {
    let (height, width) = input.shape.size();
    let mut output = Map::zeros(shape);
    output.each_pixel(|y, x, pixel| {
        let inside = (pads.top..pads.top + height).contains(&y)
            && (pads.left..pads.left + width).contains(&x);
        if inside {
            pixel.copy_from_slice(input.pixel(y - pads.top, x - pads.left));
        }
    });
    output
}

/// A dense convolution of a padded map.
pub(super) fn convolution(input: &Map, shape: Shape, filters: &Filters<'_>) -> Map {
    let (kernel, channels) = (filters.kernel, input.shape.channels());
    let taps = kernel * kernel;
    // Filter, row, column, input channel: the innermost loop reads neighbours.
    let weights: Vec<f64> = (0..filters.weights.len())
        .map(|index| {
            let (channel, tap, filter) = (
                index % channels,
                index / channels % taps,
                index / (channels * taps),
            );
            filters.weights[(filter * channels + channel) * taps + tap]
        })
        .collect();
    let mut output = Map::zeros(shape);
    output.each_pixel(|y, x, pixel| {
        for (value, weights) in pixel.iter_mut().zip(weights.chunks_exact(taps * channels)) {
            for (tap, weights) in weights.chunks_exact(channels).enumerate() {
                let (dy, dx) = (tap / kernel, tap % kernel);
                let pixel = input.pixel(y * filters.stride + dy, x * filters.stride + dx);
                *value += dot(pixel, weights);
            }
        }
    });
    output
}

/// A depthwise convolution of a padded map.
pub(super) fn depthwise(input: &Map, shape: Shape, filters: &Filters<'_>) -> Map {
    let taps = filters.kernel * filters.kernel;
    let mut output = Map::zeros(shape);
    output.each_pixel(|y, x, pixel| {
        for tap in 0..taps {
            let (dy, dx) = (tap / filters.kernel, tap % filters.kernel);
            let from = input.pixel(y * filters.stride + dy, x * filters.stride + dx);
            for (channel, value) in pixel.iter_mut().enumerate() {
                *value += from[channel] * filters.weights[channel * taps + tap];
            }
        }
    });
    output
}

/// The mean of each channel.
pub(super) fn mean(input: &Map, shape: Shape) -> Map {
    let (height, width) = input.shape.size();
    let mut output = Map::zeros(shape);
    for pixel in input.values.chunks_exact(input.shape.channels()) {
        let sums = output.values.iter_mut().zip(pixel);
        sums.for_each(|(sum, value)| *sum += value);
    }
    output.each_channel(|_, sum| sum / (height * width) as f64);
    output
}

/// A fully connected layer.
pub(super) fn dense(input: &Map, shape: Shape, weights: &[f64], bias: &[f64]) -> Map {
    let rows = weights.chunks_exact(input.values.len());
    let values = rows
        .zip(bias)
        .map(|(weights, bias)| dot(&input.values, weights) + bias)
        .collect();
    Map { shape, values }
}

pub(super) fn activation(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::Relu6 => x.clamp(0.0, 6.0),
        Activation::Relu => x.max(0.0),
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::HardSwish => x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
        Activation::HardSigmoid => (x + 3.0).clamp(0.0, 6.0) / 6.0,
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for index in 0..a.len() {
        sum += a[index] * b[index];
    }
    sum
}
