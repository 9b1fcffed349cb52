//! What `bench` and `profile` share: a network on synthetic weights, and how it is timed.

use std::time::{Duration, Instant};

use efficientnet::codegen::plan::{Plan, Precision};
use efficientnet::interpreter::Interpreter;
use efficientnet::quantization::Calibration;
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::runtime::kernels::{codes_rate, fma_rate, pairs_rate};
use efficientnet::runtime::synthetic;
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::runtime::{Isa, Threads};
use efficientnet::spec::{Architecture, Options};

use crate::arguments::Measured;
use crate::failure::Failure;
use crate::network;

/// How long a network warms up at least, which is what processors take to reach their frequency, and pages
/// to be there.
const WARM_UP: Duration = Duration::from_millis(100);

/// Forwards that warm up at least.
const WARM_UPS: usize = 2;

/// What the processor computes at most, in operations per second; a multiply-accumulate is two.
pub(super) struct Peak {
    /// Of multiply-adds in registers.
    pub(super) fma: f64,
    /// Of multiply-adds of pairs of bfloat16 in registers.
    pub(super) pairs: f64,
    /// Of multiply-adds of codes of 8 bits in registers.
    pub(super) codes: f64,
}

impl Peak {
    pub(super) fn measure(subject: &Subject) -> Self {
        Self {
            fma: fma_rate(subject.isa, &subject.threads),
            pairs: pairs_rate(subject.isa, &subject.threads),
            codes: codes_rate(subject.isa, &subject.threads),
        }
    }

    /// Seconds that multiply-accumulates take at least, so many of each precision.
    pub(super) fn seconds(&self, macs: impl Fn(Precision) -> u64) -> f64 {
        let rates = [
            (Precision::F32, self.fma),
            (Precision::Bf16, self.pairs),
            (Precision::Int8, self.codes),
        ];
        let seconds = rates.map(|(precision, rate)| 2.0 * macs(precision) as f64 / rate);
        seconds.iter().sum()
    }

    /// Such as `265.0 GFLOP/s of multiply-adds in registers`, and of pairs or codes where there are any.
    pub(super) fn text(&self, precision: Precision) -> String {
        let fma = format!(
            "{:.1} GFLOP/s of multiply-adds in registers",
            self.fma / 1e9
        );
        match precision {
            Precision::F32 => fma,
            Precision::Bf16 => format!("{fma}, {:.1} of pairs of bf16", self.pairs / 1e9),
            Precision::Int8 => format!("{fma}, {:.1} GOP/s of int8", self.codes / 1e9),
        }
    }
}

/// A network to be timed, and who computes it.
pub(super) struct Subject {
    pub(super) model: Interpreter,
    pub(super) threads: Threads,
    pub(super) isa: Isa,
    /// One image, NHWC.
    pub(super) image: Vec<f32>,
}

impl Subject {
    pub(super) fn new(measured: &Measured) -> Result<Self, Failure> {
        let variant = &measured.variant.variant;
        let spec = network::spec(measured.variant.spec.as_deref(), variant)?;
        let options = Options {
            resolution: measured.resolution,
            padding: measured.padding.into(),
            ..Options::default()
        };
        let architecture = network::architecture(&spec, variant, &options)?;
        let compiled = network::compile(&architecture, measured.precision.into())?;
        let tensors = compiled.layers.all_tensors().into_iter();
        let tensors: Vec<_> = tensors.map(|tensor| (tensor.name, tensor.shape)).collect();
        let checkpoint = synthetic::checkpoint(&tensors, 0).map_err(Failure::mistake)?;
        let isa = Isa::from_env_or_detect().map_err(Failure::mistake)?;
        let load = LoadOptions {
            isa: Some(isa),
            ..LoadOptions::default()
        };
        let checkpoint = match compiled.plan.precision {
            Precision::F32 | Precision::Bf16 => checkpoint,
            Precision::Int8 => quantized(&architecture, &checkpoint)?,
        };
        let model =
            Interpreter::new(compiled.plan, &checkpoint, &load).map_err(Failure::mistake)?;
        let threads = Threads::new(measured.threads.get())
            .map_err(|error| Failure::System(format!("{} threads: {error}", measured.threads)))?;
        let shape = model.plan().input;
        Ok(Self {
            image: network::synthetic_image(1, shape.height, shape.width, shape.channels),
            model,
            threads,
            isa,
        })
    }

    pub(super) fn plan(&self) -> &Plan {
        self.model.plan()
    }

    /// What was timed, such as `efficientnet-b0, 224x224x3, f32, avx512, 2 threads`.
    pub(super) fn title(&self) -> String {
        let plan = self.plan();
        let count = self.threads.count();
        let threads = if count == 1 { "thread" } else { "threads" };
        format!(
            "{}-{}, {}, {}, {}, {count} {threads}",
            plan.family, plan.variant, plan.input, plan.precision, self.isa
        )
    }
}

/// Synthetic weights in int8, for what is common in a synthetic image.
fn quantized(architecture: &Architecture, checkpoint: &Checkpoint) -> Result<Checkpoint, Failure> {
    let calibration = Calibration::new(architecture, checkpoint, &LoadOptions::default());
    let mut calibration = calibration.map_err(Failure::mistake)?;
    let (height, width) = architecture.input.size();
    let channels = architecture.input.channels();
    calibration.observe(&network::synthetic_image(2, height, width, channels));
    calibration.quantize().map_err(Failure::mistake)
}

/// Runs something until it is warm.
pub(super) fn warm_up(mut run: impl FnMut()) {
    let begin = Instant::now();
    let mut runs = 0;
    while runs < WARM_UPS || begin.elapsed() < WARM_UP {
        run();
        runs += 1;
    }
}

/// The median of durations or the like; of an even number the mean of the middle two, 0 of none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match (sorted.len() / 2, sorted.len() % 2) {
        (0, 0) => 0.0,
        (middle, 0) => f64::midpoint(sorted[middle - 1], sorted[middle]),
        (middle, _) => sorted[middle],
    }
}

/// Operations per microsecond as billions a second.
pub(super) fn gflops(operations: f64, microseconds: f64) -> f64 {
    operations / microseconds / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_lie_in_the_middle() {
        let medians = [&[][..], &[3.0], &[3.0, 1.0], &[5.0, 1.0, 2.0]].map(median);
        assert_eq!(medians, [0.0, 3.0, 2.0, 2.0]);
    }
}
