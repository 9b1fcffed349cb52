//! Quantised inference in plain loops over integers, as `docs/quantization.md` has it: no pass that fuses, no
//! kernel of ours.

use std::collections::HashMap;

use efficientnet::codegen::ir::{Shape, Window};
use efficientnet::codegen::plan::{BufferId, Kernel, Plan};
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::spec::Pads;

/// An activation: its codes, less the zero point (NHWC).
struct Map {
    codes: Vec<i32>,
    scale: f64,
    zero_point: i32,
}

/// Scale and zero point.
#[derive(Clone, Copy)]
struct Codes {
    scale: f64,
    zero_point: i32,
}

impl Codes {
    fn of(checkpoint: &Checkpoint, activation: &str) -> Self {
        let [scale, zero_point] = ["output_scale", "output_zero_point"].map(|part| {
            let values = checkpoint.read(&format!("{activation}.{part}"));
            values.expect("it is in the checkpoint")[0]
        });
        Self {
            scale: scale.into(),
            zero_point: zero_point as i32,
        }
    }

    /// The codes of reals that are divided by the scale already, with the zero point added.
    fn map(self, values: impl IntoIterator<Item = f32>) -> Map {
        let code = |value: f32| (value.round_ties_even() as i32).clamp(0, 255) - self.zero_point;
        Map {
            codes: values.into_iter().map(code).collect(),
            scale: self.scale,
            zero_point: self.zero_point,
        }
    }
}

/// A product's weights: codes by filter, row, column, channel.
struct Filters {
    weights: Vec<i32>,
    scales: Vec<f32>,
    bias: Vec<f32>,
}

impl Filters {
    fn of(checkpoint: &Checkpoint, name: &str) -> Self {
        let tensor = |part: &str| checkpoint.tensor(&format!("{name}.{part}")).expect("there");
        let read = |part: &str| tensor(part).to_f32().expect("it is readable");
        let shape = tensor("weight").shape();
        let (channels, taps) = (shape[1], shape[2..].iter().product::<usize>());
        let weights = read("weight");
        let order = |index: usize| {
            let (channel, tap) = (index % channels, index / channels % taps);
            (index / (channels * taps) * channels + channel) * taps + tap
        };
        Self {
            weights: (0..weights.len())
                .map(|i| weights[order(i)] as i32)
                .collect(),
            scales: read("weight_scale"),
            bias: read("bias"),
        }
    }

    /// What the sums over a map's codes come to in units of `output`, less the zero point of a shortcut in the same
    /// units. Each operation is rounded by itself.
    fn requantize(&self, sums: &[i32], input: f64, output: Codes, shortcut: f64) -> Vec<f32> {
        let outputs = self.bias.len();
        let factors: Vec<(f32, f32)> = (0..outputs)
            .map(|c| {
                let factor = input * f64::from(self.scales[c]) / output.scale;
                let bias = f64::from(self.bias[c]) / output.scale + f64::from(output.zero_point);
                (factor as f32, (bias - shortcut) as f32)
            })
            .collect();
        let sums = sums.iter().zip(factors.iter().cycle());
        let values = sums.map(|(&sum, &(factor, bias))| {
            let product = sum as f32 * factor;
            product + bias
        });
        values.collect()
    }
}

/// The logits of one image (NHWC), by a plan whose products are not fused and a quantised checkpoint.
pub(crate) fn forward(plan: &Plan, checkpoint: &Checkpoint, image: &[f32]) -> Vec<f32> {
    let mut maps: HashMap<BufferId, Map> = HashMap::new();
    for call in &plan.calls {
        let output = match &call.kernel {
            Kernel::Stem {
                input,
                window,
                filter,
                ..
            } => {
                let codes = Codes::of(checkpoint, "input");
                let (scale, zero) = (codes.scale as f32, codes.zero_point as f32);
                let image = codes.map(image.iter().map(|x| x * (1.0 / scale) + zero));
                let filters = Filters::of(checkpoint, &filter.weight);
                let sums = convolution(&image.codes, *input, call.output_shape, *window, &filters);
                let codes = Codes::of(checkpoint, &filter.weight);
                codes.map(filters.requantize(&sums, image.scale, codes, 0.0))
            }
            Kernel::Depthwise {
                input,
                window,
                filter,
                ..
            } => {
                let map = &maps[&call.input];
                let filters = Filters::of(checkpoint, &filter.weight);
                let sums = depthwise(&map.codes, *input, call.output_shape, *window, &filters);
                let codes = Codes::of(checkpoint, &filter.weight);
                codes.map(filters.requantize(&sums, map.scale, codes, 0.0))
            }
            Kernel::Pointwise {
                input,
                filter,
                residual,
                ..
            } => {
                let map = &maps[&call.input];
                let filters = Filters::of(checkpoint, &filter.weight);
                let sums = convolution(&map.codes, *input, call.output_shape, PIXEL, &filters);
                let codes = Codes::of(checkpoint, &filter.weight);
                let shortcut = residual.map(|residual| &maps[&residual]);
                let factor = shortcut.map_or(0.0, |map| map.scale / codes.scale);
                let zero = shortcut.map_or(0.0, |map| factor * f64::from(map.zero_point));
                let mut values = filters.requantize(&sums, map.scale, codes, zero);
                if let Some(shortcut) = shortcut {
                    for (value, code) in values.iter_mut().zip(&shortcut.codes) {
                        let added = factor as f32 * (code + shortcut.zero_point) as f32;
                        *value += added;
                    }
                }
                codes.map(values)
            }
            Kernel::Mean { input } => {
                let (map, codes) = (&maps[&call.input], Codes::of(checkpoint, "global_pool"));
                let mut sums = vec![0; input.channels];
                for pixel in map.codes.chunks_exact(input.channels) {
                    sums.iter_mut()
                        .zip(pixel)
                        .for_each(|(sum, code)| *sum += code);
                }
                let factor = (map.scale / codes.scale) as f32 / input.pixels() as f32;
                codes.map(sums.into_iter().map(|sum| sum as f32 * factor))
            }
            Kernel::Dense { filter, .. } => {
                let map = &maps[&call.input];
                let filters = Filters::of(checkpoint, &filter.weight);
                let rows = filters.weights.chunks_exact(map.codes.len());
                let sums: Vec<i32> = rows.map(|row| dot(row, &map.codes)).collect();
                let reals = Codes {
                    scale: 1.0,
                    zero_point: 0,
                };
                return filters.requantize(&sums, map.scale, reals, 0.0);
            }
            other => panic!("{} is not quantised", other.name()),
        };
        maps.insert(call.output, output);
    }
    panic!("a plan of logits ends with them")
}

/// The window of a pointwise convolution.
const PIXEL: Window = Window {
    kernel: 1,
    stride: 1,
    pads: Pads {
        top: 0,
        bottom: 0,
        left: 0,
        right: 0,
    },
};

/// The pixels of a window that lie inside of a map: number of the tap, and where the pixel begins.
fn taps(
    input: Shape,
    output: Shape,
    window: Window,
    pixel: usize,
) -> impl Iterator<Item = (usize, usize)> {
    let (y, x) = (pixel / output.width, pixel % output.width);
    (0..window.kernel * window.kernel).filter_map(move |tap| {
        let row = (y * window.stride + tap / window.kernel).checked_sub(window.pads.top)?;
        let column = (x * window.stride + tap % window.kernel).checked_sub(window.pads.left)?;
        let is_inside = row < input.height && column < input.width;
        is_inside.then_some((tap, (row * input.width + column) * input.channels))
    })
}

fn convolution(
    map: &[i32],
    input: Shape,
    output: Shape,
    window: Window,
    filters: &Filters,
) -> Vec<i32> {
    let channels = input.channels;
    let filter_len = window.kernel * window.kernel * channels;
    let mut sums = vec![0; output.len()];
    for (pixel, sums) in sums.chunks_exact_mut(output.channels).enumerate() {
        for (tap, start) in taps(input, output, window, pixel) {
            let values = &map[start..start + channels];
            let filters = filters.weights.chunks_exact(filter_len);
            for (sum, filter) in sums.iter_mut().zip(filters) {
                *sum += dot(values, &filter[tap * channels..][..channels]);
            }
        }
    }
    sums
}

fn depthwise(
    map: &[i32],
    input: Shape,
    output: Shape,
    window: Window,
    filters: &Filters,
) -> Vec<i32> {
    let taps_len = window.kernel * window.kernel;
    let mut sums = vec![0; output.len()];
    for (pixel, sums) in sums.chunks_exact_mut(output.channels).enumerate() {
        for (tap, start) in taps(input, output, window, pixel) {
            let values = &map[start..start + input.channels];
            for (channel, (sum, value)) in sums.iter_mut().zip(values).enumerate() {
                *sum += value * filters.weights[channel * taps_len + tap];
            }
        }
    }
    sums
}

fn dot(a: &[i32], b: &[i32]) -> i32 {
    let mut sum = 0;
    for index in 0..a.len() {
        sum += a[index] * b[index];
    }
    sum
}
