//! Scalar references of all kernels: plain loops over unpacked weights, summed in f64.
//!
//! Slices have the lengths that the kernels of the same names ask for.

pub mod codes;

use super::{
    Activation, Bf16, Convolution, Depthwise, Gate, GateMode, Mean, Pointwise, SqueezeExcite,
};

/// An activation, by its definition.
pub fn activation(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Code => x.round_ties_even().clamp(0.0, 255.0),
        Activation::Identity => x,
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::Relu => x.max(0.0),
        Activation::Relu6 => x.clamp(0.0, 6.0),
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::HardSwish => x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
        Activation::HardSigmoid => (x + 3.0).clamp(0.0, 6.0) / 6.0,
    }
}

/// [`Pointwise`]: `output[r][o] = act(sum_i input[r][i] gate[i] weight[o][i] + bias[o]) + residual[r][o]`.
pub fn pointwise(
    shape: &Pointwise,
    (weight, bias): (&[f32], &[f32]),
    input: &[f32],
    gate: Option<&[f32]>,
    residual: Option<&[f32]>,
) -> Vec<f32> {
    let Pointwise {
        rows,
        in_channels,
        out_channels,
        ..
    } = *shape;
    let mut output = Vec::with_capacity(rows * out_channels);
    for row in 0..rows {
        for out in 0..out_channels {
            let mut sum = f64::from(bias[out]);
            for channel in 0..in_channels {
                let factor = gate.map_or(1.0, |gate| f64::from(gate[channel]));
                let x = f64::from(input[row * in_channels + channel]) * factor;
                sum += x * f64::from(weight[out * in_channels + channel]);
            }
            let shortcut = residual.map_or(0.0, |r| f64::from(r[row * out_channels + out]));
            output.push((activation(shape.activation, sum) + shortcut) as f32);
        }
    }
    output
}

/// [`Pointwise`] of bfloat16, before the output is rounded: what every instruction set computes, bit for bit, where the
/// activation is a clamp. `input` (and `residual`, where it is of bfloat16) holds values that bfloat16 has; weights
/// are rounded here. A gate is multiplied in before its operand is rounded, weights twice. Sums are f32: the bias, then
/// pair by pair the odd channel's product and the even one's, each exact until it is added.
pub fn pointwise_bf16(
    shape: &Pointwise,
    (weight, bias): (&[f32], &[f32]),
    input: &[f32],
    gate: Option<Gate<'_>>,
    residual: Option<&[f32]>,
) -> Vec<f32> {
    let round = |value: f32| Bf16::from_f32(value).to_f32();
    let Pointwise {
        rows,
        in_channels,
        out_channels,
        ..
    } = *shape;
    let factor = |mode, channel: usize| match gate {
        Some(gate) if gate.mode == mode => gate.values[channel],
        _ => 1.0,
    };
    let mut output = Vec::with_capacity(rows * out_channels);
    for row in 0..rows {
        for out in 0..out_channels {
            let product = |channel: usize| {
                let x = input[row * in_channels + channel] * factor(GateMode::Input, channel);
                let w = round(weight[out * in_channels + channel]);
                round(x) * round(w * factor(GateMode::Weights, channel))
            };
            let mut sum = bias[out];
            for even in (0..in_channels).step_by(2) {
                if even + 1 < in_channels {
                    sum += product(even + 1);
                }
                sum += product(even);
            }
            let value = activation(shape.activation, f64::from(sum)) as f32;
            output.push(value + residual.map_or(0.0, |r| r[row * out_channels + out]));
        }
    }
    output
}

/// The input that a tap reads, or `None` in the zeros around the map.
fn source(output: usize, stride: usize, tap: usize, zeros: usize, size: usize) -> Option<usize> {
    (output * stride + tap)
        .checked_sub(zeros)
        .filter(|&position| position < size)
}

/// [`Depthwise`]: the output, and the sums over the pixels of each strip.
pub fn depthwise(
    shape: &Depthwise,
    (weight, bias): (&[f32], &[f32]),
    input: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let Depthwise {
        height,
        width,
        channels,
        kernel,
        stride,
        pads,
        ..
    } = *shape;
    let mut output = Vec::new();
    let mut sums = vec![0.0f64; shape.strips() * channels];
    for out_row in 0..shape.out_height() {
        for out_column in 0..shape.out_width() {
            for channel in 0..channels {
                let mut sum = f64::from(bias[channel]);
                for tap in 0..kernel * kernel {
                    let row = source(out_row, stride, tap / kernel, pads.top, height);
                    let column = source(out_column, stride, tap % kernel, pads.left, width);
                    let (Some(row), Some(column)) = (row, column) else {
                        continue;
                    };
                    let x = f64::from(input[(row * width + column) * channels + channel]);
                    sum += x * f64::from(weight[channel * kernel * kernel + tap]);
                }
                let value = activation(shape.activation, sum);
                sums[out_row / shape.strip * channels + channel] += value;
                output.push(value as f32);
            }
        }
    }
    (output, sums.into_iter().map(|sum| sum as f32).collect())
}

/// [`Convolution`] without residual, pads being worth `border` in each input channel.
pub fn convolution(
    shape: &Convolution,
    (weight, bias): (&[f32], &[f32]),
    border: &[f32],
    input: &[f32],
) -> Vec<f32> {
    let Convolution {
        height,
        width,
        in_channels,
        out_channels,
        kernel,
        stride,
        pads,
        ..
    } = *shape;
    let taps = kernel * kernel;
    let mut output = Vec::new();
    for out_row in 0..shape.out_height() {
        for out_column in 0..shape.out_width() {
            for out in 0..out_channels {
                let mut sum = f64::from(bias[out]);
                for tap in 0..taps {
                    let row = source(out_row, stride, tap / kernel, pads.top, height);
                    let column = source(out_column, stride, tap % kernel, pads.left, width);
                    let pixel = row.zip(column).map(|(row, column)| row * width + column);
                    for channel in 0..in_channels {
                        let x = f64::from(match pixel {
                            Some(pixel) => input[pixel * in_channels + channel],
                            None => border[channel],
                        });
                        let w = weight[(out * in_channels + channel) * taps + tap];
                        sum += x * f64::from(w);
                    }
                }
                output.push(activation(shape.activation, sum) as f32);
            }
        }
    }
    output
}

/// [`Mean`].
pub fn mean(shape: &Mean, input: &[f32]) -> Vec<f32> {
    let Mean { pixels, channels } = *shape;
    let sum = |channel| -> f64 {
        (0..pixels)
            .map(|pixel| f64::from(input[pixel * channels + channel]))
            .sum()
    };
    (0..channels)
        .map(|channel| (sum(channel) / pixels as f64) as f32)
        .collect()
}

/// One fully connected layer, which [`super::Dense`] and both halves of [`SqueezeExcite`] are.
pub fn dense(kind: Activation, (weight, bias): (&[f32], &[f32]), input: &[f64]) -> Vec<f64> {
    let product = |out: usize| -> f64 {
        let row = &weight[out * input.len()..][..input.len()];
        row.iter().zip(input).map(|(&w, x)| f64::from(w) * x).sum()
    };
    (0..bias.len())
        .map(|out| activation(kind, product(out) + f64::from(bias[out])))
        .collect()
}

/// [`SqueezeExcite`].
pub fn squeeze_excite(
    shape: &SqueezeExcite,
    reduce: (&[f32], &[f32]),
    expand: (&[f32], &[f32]),
    sums: &[f32],
) -> Vec<f32> {
    let sum = |channel: usize| -> f64 {
        let strips = sums.chunks_exact(shape.channels);
        strips.map(|strip| f64::from(strip[channel])).sum()
    };
    let means: Vec<f64> = (0..shape.channels)
        .map(|channel| sum(channel) / shape.pixels as f64)
        .collect();
    let squeezed = dense(shape.activation, reduce, &means);
    dense(shape.gate, expand, &squeezed)
        .into_iter()
        .map(|gate| gate as f32)
        .collect()
}
