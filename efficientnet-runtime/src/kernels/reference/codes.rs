//! Kernels of codes: sums of integers, then f32, each operation rounded by itself. Exact: kernels give the same bits.

use super::source;
use crate::kernels::{Activation, Convolution, Depthwise, Pads, Pointwise, Scaled};

/// The nearest code.
pub fn code(value: f32) -> u8 {
    super::activation(Activation::Code, f64::from(value)) as u8
}

/// What a sum over all inputs of a channel is worth.
fn value(scaled: &Scaled<'_>, channel: usize, sum: i32) -> f32 {
    let product = sum as f32 * scaled.factors[channel];
    product + scaled.biases[channel]
}

/// A code without its zero point, times a weight.
fn product(scaled: &Scaled<'_>, code: u8, weight: usize) -> i32 {
    (i32::from(code) - i32::from(scaled.zero_point)) * i32::from(scaled.weight[weight])
}

/// [`Pointwise`]: values, of which codes are the nearest.
pub fn pointwise(
    shape: &Pointwise,
    scaled: &Scaled<'_>,
    input: &[u8],
    residual: Option<&[u8]>,
) -> Vec<f32> {
    let (inputs, outputs) = (shape.in_channels, shape.out_channels);
    let mut output = Vec::with_capacity(shape.rows * outputs);
    for (row, pixel) in input.chunks_exact(inputs).enumerate() {
        for channel in 0..outputs {
            let products = pixel.iter().enumerate();
            let products = products.map(|(i, &code)| product(scaled, code, channel * inputs + i));
            let mut value = value(scaled, channel, products.sum());
            if let Some(residual) = residual {
                let added = f32::from(residual[row * outputs + channel]) * scaled.second;
                value += added;
            }
            output.push(value);
        }
    }
    output
}

/// [`crate::kernels::PooledPointwise`], from the values of the product that it averages: values, as above.
pub fn pooled(scaled: &Scaled<'_>, outputs: usize, values: &[f32]) -> Vec<f32> {
    let pixels = values.len() / outputs;
    let sum = |channel: usize| -> f32 {
        let codes = values.iter().skip(channel).step_by(outputs);
        codes.map(|&value| f32::from(code(value))).sum()
    };
    let factor = scaled.second / pixels as f32;
    (0..outputs).map(|channel| sum(channel) * factor).collect()
}

/// [`Depthwise`]: values, as above.
pub fn depthwise(shape: &Depthwise, scaled: &Scaled<'_>, input: &[u8]) -> Vec<f32> {
    let (size, window) = ((shape.height, shape.width), (shape.kernel, shape.stride));
    let mut output = Vec::new();
    for place in pixels(shape.out_height(), shape.out_width()) {
        for channel in 0..shape.channels {
            let products = taps(size, window, shape.pads, place).map(|(tap, pixel)| {
                let weight = channel * shape.kernel * shape.kernel + tap;
                product(scaled, input[pixel * shape.channels + channel], weight)
            });
            output.push(value(scaled, channel, products.sum()));
        }
    }
    output
}

/// [`Convolution`], whose input's channels are stored as they are for codes: values, as above.
pub fn convolution(shape: &Convolution, scaled: &Scaled<'_>, input: &[u8]) -> Vec<f32> {
    let (size, window) = ((shape.height, shape.width), (shape.kernel, shape.stride));
    let stored = shape.precision.stored_channels(shape.in_channels);
    let mut output = Vec::new();
    for place in pixels(shape.out_height(), shape.out_width()) {
        for out in 0..shape.out_channels {
            let mut sum = 0;
            for (tap, pixel) in taps(size, window, shape.pads, place) {
                for channel in 0..shape.in_channels {
                    let filter = out * shape.in_channels + channel;
                    let weight = filter * shape.kernel * shape.kernel + tap;
                    sum += product(scaled, input[pixel * stored + channel], weight);
                }
            }
            output.push(value(scaled, out, sum));
        }
    }
    output
}

/// Rows and columns of a map.
fn pixels(height: usize, width: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..height).flat_map(move |row| (0..width).map(move |column| (row, column)))
}

/// The taps of a window (kernel, stride) that lie inside a map, each with the number of its pixel.
fn taps(
    (height, width): (usize, usize),
    (kernel, stride): (usize, usize),
    pads: Pads,
    (out_row, out_column): (usize, usize),
) -> impl Iterator<Item = (usize, usize)> {
    (0..kernel * kernel).filter_map(move |tap| {
        let row = source(out_row, stride, tap / kernel, pads.top, height)?;
        let column = source(out_column, stride, tap % kernel, pads.left, width)?;
        Some((tap, row * width + column))
    })
}
