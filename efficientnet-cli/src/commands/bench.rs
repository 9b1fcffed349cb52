//! `bench`: how long a forward takes, and how near that is to what the processor can do.

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use serde_json::{Value, json};

use super::measure::{self, Peak, Subject};
use crate::arguments::Bench;
use crate::failure::Failure;
use crate::text;

pub(crate) fn run(arguments: &Bench, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let subject = Subject::new(&arguments.measured)?;
    let batch = arguments.batch.get();
    let runs = arguments.measured.runs.get();
    let result = Timed {
        runs: time(&subject, batch, runs),
        peak: Peak::measure(&subject),
        batch,
        subject,
    };
    match arguments.measured.json {
        true => writeln!(out, "{:#}", result.document())?,
        false => result.print(out)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Milliseconds of each run. Threads compute one image together; of a batch, each takes images of its own.
fn time(subject: &Subject, batch: usize, runs: usize) -> Vec<f64> {
    let Subject { model, threads, .. } = subject;
    let image = &subject.image[..];
    if batch == 1 {
        let mut workspace = model.workspace_with(threads);
        return time_each(runs, || {
            model.forward(image, &mut workspace);
        });
    }
    let images = vec![image; batch];
    let mut workspaces = vec![model.workspace(); threads.count()];
    time_each(runs, || {
        model.forward_batch(&images, &mut workspaces, |_, _| ());
    })
}

fn time_each(runs: usize, mut forward: impl FnMut()) -> Vec<f64> {
    measure::warm_up(&mut forward);
    let time = |_| {
        let start = Instant::now();
        forward();
        start.elapsed().as_secs_f64() * 1e3
    };
    (0..runs).map(time).collect()
}

/// What was measured.
struct Timed {
    subject: Subject,
    batch: usize,
    /// Milliseconds of each run.
    runs: Vec<f64>,
    peak: Peak,
}

impl Timed {
    fn median(&self) -> f64 {
        measure::median(&self.runs)
    }

    fn fastest(&self) -> f64 {
        self.runs.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// Operations of a run: a multiply-accumulate is two.
    fn operations(&self) -> f64 {
        2.0 * self.subject.plan().macs as f64 * self.batch as f64
    }

    /// Milliseconds that a run takes at least.
    fn bound(&self) -> f64 {
        let calls = &self.subject.plan().calls;
        let image = self
            .peak
            .seconds(|precision| calls.iter().map(|call| call.macs_in(precision)).sum());
        image * self.batch as f64 * 1e3
    }

    fn print(&self, out: &mut impl Write) -> Result<(), Failure> {
        let (batch, runs) = (self.batch, self.runs.len());
        writeln!(out, "{}, batch {batch}, {runs} runs", self.subject.title())?;
        let median = self.median();
        let header = ["median ms", "min ms", "images/s", "GFLOP/s", "of the bound"];
        let mut table = text::table(header);
        table.add_row([
            format!("{median:.3}"),
            format!("{:.3}", self.fastest()),
            format!("{:.1}", batch as f64 / median * 1e3),
            format!("{:.1}", measure::gflops(self.operations(), median * 1e3)),
            format!("{:.0} %", self.bound() / median * 100.0),
        ]);
        text::write_table(out, table, 0..header.len())?;
        writeln!(
            out,
            "bound: {:.3} ms, {} million multiply-accumulates at {}",
            self.bound(),
            text::grouped(text::millions(self.subject.plan().macs * batch as u64)),
            self.peak.text(self.subject.plan().precision)
        )?;
        Ok(())
    }

    fn document(&self) -> Value {
        let plan = self.subject.plan();
        json!({
            "variant": plan.variant,
            "input_shape": [plan.input.height, plan.input.width, plan.input.channels],
            "precision": plan.precision.to_string(),
            "isa": self.subject.isa.to_string(),
            "threads": self.subject.threads.count(),
            "batch": self.batch,
            "median_ms": self.median(),
            "min_ms": self.fastest(),
            "runs_ms": self.runs,
            "macs": plan.macs,
            "fma_gflops": self.peak.fma / 1e9,
            "pairs_gflops": self.peak.pairs / 1e9,
            "bound_ms": self.bound(),
            "over_bound": self.median() / self.bound(),
        })
    }
}
