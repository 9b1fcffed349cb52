//! Times of the kernels as multiples of their bound: the time that their multiply-adds would take in registers.
//! That rate is measured before and after each sample of a kernel, so that a slower clock does not look like a
//! slower kernel.
//!
//! ```text
//! cargo bench --bench kernels                                    all cases
//! cargo bench --bench kernels -- dwconv --rounds 50              those whose names contain `dwconv`
//! cargo bench --bench kernels -- --json /tmp/before.json         on one commit
//! cargo bench --bench kernels -- --baseline /tmp/before.json     on another: the change since then
//! ```
//!
//! One thread, the widest instruction set of this processor or the one in `EFFICIENTNET_ISA`. Operands stay in
//! the caches from call to call as far as they fit. Paths are relative to this package, where cargo runs benches.
//!
//! On a busy machine the medians rise, since others have a part of the caches; what is least stays within three
//! percent, mostly within one, and changes are of that. Kernels that wait for memory (dense, depthwise alone) and
//! the shortest squeeze and excite vary by a tenth.

mod cases;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cases::{CASES, Call};
use efficientnet_checkpoint::files::write_atomically;
use efficientnet_runtime::kernels::fma_rate;
use efficientnet_runtime::{Isa, Threads};
use serde_json::{Map, Value, json};

/// How long a kernel is called in one round; the shortest of these calls counts, as in the measurement of the
/// rate.
const SLOT: Duration = Duration::from_millis(10);

/// Calls in one round at least.
const CALLS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse(std::env::args().skip(1))?;
    // `cargo test --all-targets` runs this program without it.
    if !options.bench {
        return Ok(());
    }
    let baseline = options.baseline.as_deref().map(read).transpose()?;
    let isa = Isa::from_env_or_detect()?;
    let mut kernels: Vec<Kernel> = CASES
        .iter()
        .filter(|(name, _)| name.contains(&options.filter))
        .map(|(name, shape)| Kernel {
            name,
            operations: 2.0 * shape.macs() as f64,
            call: shape.call(isa),
            samples: Vec::new(),
        })
        .collect();
    if kernels.is_empty() {
        return Err(format!("no case's name contains `{}`", options.filter).into());
    }
    let rate = measure(isa, &mut kernels, options.rounds);
    print(isa, rate, &kernels, baseline.as_ref());
    if let Some(path) = &options.json {
        let document = document(isa, rate, &kernels);
        write_atomically(path, |file| writeln!(file, "{document:#}"))?;
    }
    Ok(())
}

/// What the command line asks for.
struct Options {
    bench: bool,
    /// Part of the names of cases.
    filter: String,
    rounds: usize,
    /// Where results are written.
    json: Option<PathBuf>,
    /// An earlier version's results.
    baseline: Option<PathBuf>,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut options = Self {
            bench: false,
            filter: String::new(),
            rounds: 20,
            json: None,
            baseline: None,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or(format!("`{argument}` needs a value"))
            };
            match argument.as_str() {
                "--bench" => options.bench = true,
                "--rounds" => options.rounds = value()?.parse::<usize>()?.max(1),
                "--json" => options.json = Some(value()?.into()),
                "--baseline" => options.baseline = Some(value()?.into()),
                _ if argument.starts_with("--") => {
                    Err(format!(
                        "unknown option `{argument}`: --rounds, --json or --baseline"
                    ))?;
                }
                _ => options.filter = argument,
            }
        }
        Ok(options)
    }
}

/// A case, and what was measured of it.
struct Kernel {
    name: &'static str,
    /// Floating-point operations: a multiply-accumulate is two.
    operations: f64,
    call: Call,
    /// One a round.
    samples: Vec<Sample>,
}

struct Sample {
    seconds: f64,
    /// Multiply-adds per second just then, as operations.
    rate: f64,
}

impl Kernel {
    /// Seconds of the shortest call of a slot.
    fn shortest(&mut self) -> f64 {
        let begin = Instant::now();
        let mut shortest = f64::INFINITY;
        let mut calls = 0;
        while calls < CALLS || begin.elapsed() < SLOT {
            let start = Instant::now();
            (self.call)();
            shortest = shortest.min(start.elapsed().as_secs_f64());
            calls += 1;
        }
        shortest
    }

    /// Nanoseconds: the least and the median of all rounds.
    fn nanoseconds(&self) -> [f64; 2] {
        least_and_median(self.samples.iter().map(|sample| sample.seconds * 1e9))
    }

    /// Times over the bound: the least time by the highest rate, and the median by the rates of its time.
    fn over_bound(&self, highest: f64) -> [f64; 2] {
        let times = self.samples.iter().map(|sample| sample.seconds);
        let operations = self
            .samples
            .iter()
            .map(|sample| sample.seconds * sample.rate);
        let [least, _] = least_and_median(times);
        let [_, median] = least_and_median(operations);
        [least * highest, median].map(|possible| possible / self.operations)
    }
}

fn least_and_median(values: impl Iterator<Item = f64>) -> [f64; 2] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    [values[0], values[values.len() / 2]]
}

/// Takes a sample of every kernel in each round. Gives the highest rate of multiply-adds.
fn measure(isa: Isa, kernels: &mut [Kernel], rounds: usize) -> f64 {
    let rate_now = || fma_rate(isa, &Threads::default());
    let mut before = rate_now();
    let mut highest = before;
    for _ in 0..rounds {
        for kernel in &mut *kernels {
            let seconds = kernel.shortest();
            let after = rate_now();
            let rate = before.max(after);
            kernel.samples.push(Sample { seconds, rate });
            highest = highest.max(after);
            before = after;
        }
    }
    highest
}

fn print(isa: Isa, rate: f64, kernels: &[Kernel], baseline: Option<&Value>) {
    println!(
        "{isa}, {:.1} GFLOP/s of multiply-adds in registers; least and median",
        rate / 1e9
    );
    println!(
        "{:20} {:>10} {:>10} {:>8} {:>7} {:>7}  change",
        "kernel", "ns", "ns", "GFLOP/s", "x bound", "x bound"
    );
    for kernel in kernels {
        let [least, median] = kernel.nanoseconds();
        let [least_over, median_over] = kernel.over_bound(rate);
        let change = baseline
            .and_then(|baseline| baseline["kernels"][kernel.name]["over_bound"][0].as_f64())
            .map_or(String::new(), |before| {
                format!("{:+.1} %", (least_over / before - 1.0) * 100.0)
            });
        println!(
            "{:20} {least:10.0} {median:10.0} {:8.1} {least_over:7.2} {median_over:7.2}  {change}",
            kernel.name,
            kernel.operations / median
        );
    }
}

/// The results for another run's `--baseline`; of pairs the first is the least, the second the median.
fn document(isa: Isa, rate: f64, kernels: &[Kernel]) -> Value {
    let of_each = |kernel: &Kernel| {
        let (nanoseconds, over_bound) = (kernel.nanoseconds(), kernel.over_bound(rate));
        let value = json!({ "ns": nanoseconds, "over_bound": over_bound });
        (kernel.name.to_owned(), value)
    };
    let kernels: Map<String, Value> = kernels.iter().map(of_each).collect();
    json!({ "isa": isa.to_string(), "fma_gflops": rate / 1e9, "kernels": kernels })
}

fn read(path: &Path) -> Result<Value, Box<dyn Error>> {
    let error = |error: &dyn Error| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|e| error(&e))?;
    Ok(serde_json::from_str(&text).map_err(|e| error(&e))?)
}
