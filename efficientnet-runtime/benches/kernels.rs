//! Throughput of the kernels over the layer shapes of EfficientNet-B0, for every instruction set of this
//! processor: criterion's elements are floating-point operations, so `Gelem/s` reads GFLOP/s.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use efficientnet_runtime::kernels::{Activation, Depthwise, Isa, Pads, Pointwise};

/// Rows, input channels, output channels: expansions and the head, which end in SiLU.
const EXPANSIONS: [(usize, usize, usize); 7] = [
    (12544, 16, 96),
    (3136, 24, 144),
    (784, 40, 240),
    (196, 80, 480),
    (196, 112, 672),
    (49, 192, 1152),
    (49, 320, 1280),
];

/// Rows, input channels, output channels: projections, which are linear.
const PROJECTIONS: [(usize, usize, usize); 12] = [
    (12544, 32, 16),
    (3136, 96, 24),
    (3136, 144, 24),
    (784, 144, 40),
    (784, 240, 40),
    (196, 240, 80),
    (196, 480, 80),
    (196, 480, 112),
    (196, 672, 112),
    (49, 672, 192),
    (49, 1152, 192),
    (49, 1152, 320),
];

/// Height and width, channels, kernel, stride.
const DEPTHWISE: [(usize, usize, usize, usize); 12] = [
    (112, 32, 3, 1),
    (112, 96, 3, 2),
    (56, 144, 3, 1),
    (56, 144, 5, 2),
    (28, 240, 5, 1),
    (28, 240, 3, 2),
    (14, 480, 3, 1),
    (14, 480, 5, 1),
    (14, 672, 5, 1),
    (14, 672, 5, 2),
    (7, 1152, 5, 1),
    (7, 1152, 3, 1),
];

/// Pixels per strip, so that a strip's input and output stay within half a megabyte.
fn strip(rows: usize, in_channels: usize, out_channels: usize) -> usize {
    (128 * 1024 / (in_channels + out_channels)).clamp(48, rows.max(48))
}

/// Values between -1 and 1 over the square root of the products summed, without a pattern that the
/// activation could meet.
fn values(len: usize, summed: usize) -> Vec<f32> {
    let scale = 1.0 / (summed as f64).sqrt();
    let wave = |index| (f64::from(index) * 1.7).sin();
    (0..len as u32)
        .map(|index| (wave(index) * scale) as f32)
        .collect()
}

fn pointwise(criterion: &mut Criterion) {
    let expansions = EXPANSIONS.iter().map(|shape| (shape, Activation::Silu));
    let linear = EXPANSIONS
        .iter()
        .chain(&PROJECTIONS)
        .map(|shape| (shape, Activation::Identity));
    for (&(rows, in_channels, out_channels), activation) in linear.chain(expansions) {
        let name = format!("pointwise {rows}x{in_channels}->{out_channels} {activation:?}");
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(
            (2 * rows * in_channels * out_channels) as u64,
        ));
        let weight = values(in_channels * out_channels, in_channels);
        let (bias, input) = (values(out_channels, 1), values(rows * in_channels, 1));
        let strip = strip(rows, in_channels, out_channels);
        let shape = Pointwise {
            rows,
            in_channels,
            out_channels,
            activation,
            strip,
        };
        let mut output = vec![0.0; rows * out_channels];
        for isa in Isa::available() {
            let packed = Pointwise::pack(isa, in_channels, out_channels, &weight, &bias);
            group.bench_function(BenchmarkId::from_parameter(isa), |bencher| {
                bencher.iter(|| shape.run(isa, &packed, &input, None, None, &mut output));
            });
        }
    }
}

fn depthwise(criterion: &mut Criterion) {
    for (size, channels, kernel, stride) in DEPTHWISE {
        for activation in [Activation::Identity, Activation::Silu] {
            let name =
                format!("depthwise {size}x{size}x{channels} {kernel}/{stride} {activation:?}");
            let each = kernel / 2;
            let pads = Pads {
                top: each,
                bottom: each,
                left: each,
                right: each,
            };
            let (height, width) = (size, size);
            let shape = Depthwise {
                height,
                width,
                channels,
                kernel,
                stride,
                pads,
                activation,
            };
            let len = shape.out_height() * shape.out_width() * channels;
            let mut group = criterion.benchmark_group(name);
            group.throughput(Throughput::Elements((2 * len * kernel * kernel) as u64));
            let weight = values(channels * kernel * kernel, kernel * kernel);
            let (bias, input) = (values(channels, 1), values(size * size * channels, 1));
            let (mut output, mut sums) = (vec![0.0; len], vec![0.0; channels]);
            for isa in Isa::available() {
                let packed = Depthwise::pack(isa, channels, kernel, &weight, &bias);
                group.bench_function(BenchmarkId::from_parameter(isa), |bencher| {
                    bencher.iter(|| {
                        shape.run(isa, &packed, &input, &mut output, Some(&mut sums));
                    });
                });
            }
        }
    }
}

criterion_group!(benches, pointwise, depthwise);
criterion_main!(benches);
