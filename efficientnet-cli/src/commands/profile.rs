//! `profile`: how long each kernel call takes, and how near that is to its bound.

use std::fmt;
use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use efficientnet::codegen::ir::{Matrix, Producer, Shape};
use efficientnet::codegen::plan::{Call, Kernel};
use efficientnet::runtime::kernels::read_rate;
use efficientnet::spec::{Module, Part};
use serde_json::{Value, json};

use super::measure::{self, Peak, Subject};
use crate::arguments::{Profile, Sort};
use crate::failure::Failure;
use crate::text;

pub(crate) fn run(arguments: &Profile, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let subject = Subject::new(&arguments.measured)?;
    let rates = Rates::measure(&subject);
    let runs = arguments.measured.runs.get();
    let times = time(&subject, runs);
    let calls = subject.plan().calls.iter().zip(&times);
    let mut calls: Vec<Timed> = calls
        .map(|(call, times)| Timed::new(call, measure::median(times), &rates))
        .collect();
    let kinds = Total::by_kind(&calls);
    if arguments.sort == Sort::Time {
        calls.sort_by(|a, b| b.median.total_cmp(&a.median));
    }
    let report = Report {
        subject: &subject,
        rates,
        runs,
        calls,
        kinds,
    };
    match arguments.measured.json {
        true => writeln!(out, "{:#}", report.document())?,
        false => report.print(out)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Microseconds of each call, in each of the runs.
fn time(subject: &Subject, runs: usize) -> Vec<Vec<f64>> {
    let mut workspace = subject.model.workspace_with(&subject.threads);
    let calls = subject.plan().calls.len();
    let mut forward = || {
        let mut times = Vec::with_capacity(calls);
        let mut start = Instant::now();
        subject
            .model
            .forward_observed(&subject.image, &mut workspace, |_, _| {
                times.push(start.elapsed().as_secs_f64() * 1e6);
                start = Instant::now();
            });
        times
    };
    measure::warm_up(|| drop(forward()));
    let mut of_calls = vec![Vec::with_capacity(runs); calls];
    for _ in 0..runs {
        for (times, time) in of_calls.iter_mut().zip(forward()) {
            times.push(time);
        }
    }
    of_calls
}

/// What the processor can do at most, per second.
struct Rates {
    peak: Peak,
    /// Bytes read of as much memory as all weights take: between two reads of one weight, a forward reads
    /// all others.
    read: f64,
}

impl Rates {
    fn measure(subject: &Subject) -> Self {
        let bytes: usize = subject.plan().calls.iter().map(Call::weights_bytes).sum();
        let weights = bytes / size_of::<f32>();
        Self {
            peak: Peak::measure(subject),
            read: read_rate(subject.isa, &subject.threads, weights),
        }
    }
}

/// What a call cannot be faster than.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Limit {
    /// Its multiply-accumulates in registers.
    Fma,
    /// Its weights, read once.
    Read,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Limit::Fma => "fma",
            Limit::Read => "read",
        })
    }
}

/// One call, timed.
struct Timed<'a> {
    call: &'a Call,
    macs: u64,
    /// Median in microseconds.
    median: f64,
    /// Microseconds that it takes at least.
    bound: f64,
    limit: Limit,
}

impl<'a> Timed<'a> {
    fn new(call: &'a Call, median: f64, rates: &Rates) -> Self {
        let macs = call.macs();
        let computed = rates.peak.seconds(|precision| call.macs_in(precision)) * 1e6;
        let read = call.weights_bytes() as f64 / rates.read * 1e6;
        Self {
            call,
            macs,
            median,
            bound: computed.max(read),
            limit: if read > computed {
                Limit::Read
            } else {
                Limit::Fma
            },
        }
    }

    fn gflops(&self) -> f64 {
        measure::gflops(2.0 * self.macs as f64, self.median)
    }

    /// Such as `71 % fma`, or nothing where the call has no products.
    fn share(&self) -> String {
        match self.macs {
            0 => "-".to_owned(),
            _ => format!("{} {:<4}", percent(self.bound / self.median), self.limit),
        }
    }

    fn document(&self) -> Value {
        let shape = |Shape {
                         height,
                         width,
                         channels,
                     }| [height, width, channels];
        json!({
            "name": self.call.name,
            "kind": kind(self.call),
            "kernel": self.call.kernel.name(),
            "input_shape": shape(self.call.kernel.input_shape()),
            "output_shape": shape(self.call.output_shape),
            "macs": self.macs,
            "weights_bytes": self.call.weights_bytes(),
            "median_us": self.median,
            "gflops": self.gflops(),
            "bound_us": self.bound,
            "bound": self.limit.to_string(),
        })
    }
}

/// Which of the network's operations a call computes; `+` joins those that one kernel does.
fn kind(call: &Call) -> &'static str {
    match &call.kernel {
        Kernel::Stem { .. } => "stem",
        Kernel::Convolution { .. } => match call.place.module {
            Some(Module::One) => "fused expansion",
            _ => "convolution",
        },
        Kernel::Pointwise { .. } => match (call.place.part, call.place.module) {
            (Part::Block { .. }, Some(Module::Two)) => "expansion",
            (Part::Block { .. }, _) => "projection",
            (Part::Stem | Part::Final, _) => "head",
        },
        Kernel::PooledPointwise { .. } => "head + pooling",
        Kernel::Depthwise { .. } => "depthwise",
        Kernel::DepthFirst { producer, .. } => match producer {
            Producer::Convolution { .. } => "stem + depthwise",
            Producer::Pointwise { .. } => "expansion + depthwise",
        },
        Kernel::SqueezeExcite { .. } => "squeeze-excite",
        Kernel::Mean { .. } => "pooling",
        Kernel::Widen { .. } => "bf16 to f32",
        Kernel::Quantize { .. } => "f32 to int8",
        Kernel::Dequantize { .. } => "int8 to f32",
        Kernel::Dense { matrix, .. } => match matrix {
            Matrix::Dense => "classifier",
            Matrix::Pointwise => "head",
        },
    }
}

/// All calls of a kind.
struct Total {
    kind: &'static str,
    calls: usize,
    macs: u64,
    /// Sum of the medians in microseconds.
    median: f64,
    /// Sum of the bounds in microseconds.
    bound: f64,
}

impl Total {
    fn empty(kind: &'static str) -> Self {
        Self {
            kind,
            calls: 0,
            macs: 0,
            median: 0.0,
            bound: 0.0,
        }
    }

    fn add(&mut self, call: &Timed) {
        self.calls += 1;
        self.macs += call.macs;
        self.median += call.median;
        self.bound += call.bound;
    }

    /// The kinds in the order in which they first occur.
    fn by_kind(calls: &[Timed]) -> Vec<Self> {
        let mut totals: Vec<Self> = Vec::new();
        for call in calls {
            let kind = kind(call.call);
            let at = totals.iter().position(|total| total.kind == kind);
            let at = at.unwrap_or_else(|| {
                totals.push(Self::empty(kind));
                totals.len() - 1
            });
            totals[at].add(call);
        }
        totals
    }

    fn of_all(calls: &[Timed]) -> Self {
        let mut total = Self::empty("all");
        calls.iter().for_each(|call| total.add(call));
        total
    }

    /// A row of the table, given the time of all calls.
    fn row(&self, of_all: f64) -> [String; 7] {
        [
            self.kind.to_owned(),
            self.calls.to_string(),
            text::grouped(text::millions(self.macs)),
            format!("{:.1}", self.median),
            percent(self.median / of_all),
            format!(
                "{:.1}",
                measure::gflops(2.0 * self.macs as f64, self.median)
            ),
            match self.macs {
                0 => "-".to_owned(),
                _ => percent(self.bound / self.median),
            },
        ]
    }

    fn document(&self) -> Value {
        json!({
            "kind": self.kind,
            "calls": self.calls,
            "macs": self.macs,
            "median_us": self.median,
            "gflops": measure::gflops(2.0 * self.macs as f64, self.median),
            "bound_us": self.bound,
        })
    }
}

/// Everything that was measured.
struct Report<'a> {
    subject: &'a Subject,
    rates: Rates,
    runs: usize,
    calls: Vec<Timed<'a>>,
    kinds: Vec<Total>,
}

impl Report<'_> {
    fn print(&self, out: &mut impl Write) -> Result<(), Failure> {
        writeln!(
            out,
            "{}, medians of {} runs",
            self.subject.title(),
            self.runs
        )?;
        writeln!(
            out,
            "bounds: {} (fma), {:.1} GB/s of reading weights (read)\n",
            self.rates.peak.text(self.subject.plan().precision),
            self.rates.read / 1e9
        )?;
        let mut table = text::table(["call", "kernel", "us", "GFLOP/s", "of bound"]);
        for timed in &self.calls {
            table.add_row([
                timed.call.name.clone(),
                kernel_text(timed.call),
                format!("{:.1}", timed.median),
                format!("{:.1}", timed.gflops()),
                timed.share(),
            ]);
        }
        text::write_table(out, table, 2..5)?;
        writeln!(out)?;
        self.print_totals(out)
    }

    fn print_totals(&self, out: &mut impl Write) -> Result<(), Failure> {
        let all = Total::of_all(&self.calls);
        let header = [
            "kind",
            "calls",
            "million MACs",
            "us",
            "of all",
            "GFLOP/s",
            "of bound",
        ];
        let mut table = text::table(header);
        for total in self.kinds.iter().chain([&all]) {
            table.add_row(total.row(all.median));
        }
        text::write_table(out, table, 1..header.len())?;
        Ok(())
    }

    fn document(&self) -> Value {
        let plan = self.subject.plan();
        json!({
            "variant": plan.variant,
            "input_shape": [plan.input.height, plan.input.width, plan.input.channels],
            "precision": self.subject.plan().precision.to_string(),
            "isa": self.subject.isa.to_string(),
            "threads": self.subject.threads.count(),
            "runs": self.runs,
            "fma_gflops": self.rates.peak.fma / 1e9,
            "pairs_gflops": self.rates.peak.pairs / 1e9,
            "read_gb_per_s": self.rates.read / 1e9,
            "macs": plan.macs,
            "calls": self.calls.iter().map(Timed::document).collect::<Vec<_>>(),
            "kinds": self.kinds.iter().map(Total::document).collect::<Vec<_>>(),
            "total": Total::of_all(&self.calls).document(),
        })
    }
}

/// The kernel with what it reads and writes, such as `pointwise 14x14x112 > 14x14x672`.
fn kernel_text(call: &Call) -> String {
    let extents = |shape: Shape| match shape.pixels() {
        1 => shape.channels.to_string(),
        _ => shape.to_string(),
    };
    let [input, output] = [call.kernel.input_shape(), call.output_shape].map(extents);
    format!("{} {input} > {output}", call.kernel.name())
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
