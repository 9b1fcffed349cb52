//! Measured latency: documents of `bench --json`.

use std::fmt::Display;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use efficientnet::spec::Spec;
use maud::{Markup, html};
use serde::Deserialize;

use super::Report;
use super::page::{Align, Section, figure, table};
use crate::draw::chart::{Bar, bars};
use crate::failure::Failure;
use crate::text::list;

/// One document of `bench --json`, as far as the page shows it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Measurement {
    variant: String,
    input_shape: [usize; 3],
    precision: String,
    isa: String,
    threads: NonZeroUsize,
    batch: NonZeroUsize,
    median_ms: f64,
    min_ms: f64,
    bound_ms: f64,
    /// One a run.
    runs_ms: Vec<f64>,
}

/// All measurements of some files, in the order of a spec's variants, then of batches and threads.
pub(super) fn read(paths: &[PathBuf], spec: &Spec) -> Result<Vec<Measurement>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        all.extend(of_file(path, spec)?);
    }
    let place = |name: &str| {
        spec.variants
            .iter()
            .position(|variant| variant.name.as_str() == name)
    };
    all.sort_by_key(|it| (place(&it.variant), it.batch, it.threads));
    Ok(all)
}

/// The documents of a file, one behind the other.
fn of_file(path: &Path, spec: &Spec) -> Result<Vec<Measurement>, Failure> {
    let name = path.display();
    let refused = |reason: &dyn Display| {
        let expected = "expected what efficientnet bench VARIANT --json prints";
        Failure::Mistake(format!("{name}: {reason}; {expected}"))
    };
    let text = fs::read_to_string(path).map_err(|error| refused(&error))?;
    let documents = serde_json::Deserializer::from_str(&text).into_iter();
    let documents: Result<Vec<Measurement>, _> = documents.collect();
    let documents = documents.map_err(|error| refused(&error))?;
    if documents.is_empty() {
        return Err(refused(&"the file is empty"));
    }
    for document in &documents {
        let times = [document.median_ms, document.min_ms, document.bound_ms];
        if let Some(time) = times.iter().find(|time| **time <= 0.0) {
            return Err(refused(&format!("a time of {time} ms")));
        }
        if spec.variant(&document.variant).is_none() {
            let known: Vec<&str> = spec.variants.iter().map(|it| it.name.as_str()).collect();
            return Err(Failure::Mistake(format!(
                "{name}: measured is `{}`, which is no variant of {} ({}); leave the file out or name its \
                 spec with --spec",
                document.variant,
                spec.family,
                list(&known)
            )));
        }
    }
    Ok(documents)
}

impl Measurement {
    /// Such as `b0, 2 threads`.
    fn label(&self) -> String {
        let threads = match self.threads.get() {
            1 => "1 thread".to_owned(),
            threads => format!("{threads} threads"),
        };
        match self.batch.get() {
            1 => format!("{}, {threads}", self.variant),
            batch => format!("{}, {threads}, batch {batch}", self.variant),
        }
    }

    fn images_per_second(&self) -> f64 {
        self.batch.get() as f64 / self.median_ms * 1e3
    }
}

impl Report<'_> {
    /// Where something was measured.
    pub(super) fn latency(&self) -> Option<Section> {
        let bar = |it: &Measurement| Bar {
            label: it.label(),
            value: it.median_ms,
            words: format!("{:.2} ms", it.median_ms),
        };
        let chart: Vec<Bar> = self.latency.iter().map(bar).collect();
        let description = "medians of the runs, in milliseconds; the table has the numbers";
        let chart = bars("Measured latency", description, &chart);
        (!self.latency.is_empty()).then(|| Section {
            id: "latency",
            title: "Latency",
            content: html! {
                p {
                    "Measured by " code { "efficientnet bench" } " on synthetic weights. The bound is what the "
                    "multiply-accumulates alone would take on the same processor."
                }
                (figure(&chart, html! { "Medians of the runs" }))
                (self.measurements())
            },
        })
    }

    fn measurements(&self) -> Markup {
        let words = ["Variant", "Input", "Precision", "Instructions"];
        let numbers = [
            "Threads",
            "Batch",
            "Runs",
            "Median, ms",
            "Least, ms",
            "Images per second",
            "Of the bound, %",
        ];
        let words = words.map(|title| (html! { (title) }, Align::Words));
        let numbers = numbers.map(|title| (html! { (title) }, Align::Number));
        let header = [&words[..], &numbers[..]].concat();
        let rows = self.latency.iter().map(|it| {
            let [height, width, channels] = it.input_shape;
            vec![
                html! { (it.variant) },
                html! { (height) "x" (width) "x" (channels) },
                html! { (it.precision) },
                html! { (it.isa) },
                html! { (it.threads) },
                html! { (it.batch) },
                html! { (it.runs_ms.len()) },
                html! { (format!("{:.3}", it.median_ms)) },
                html! { (format!("{:.3}", it.min_ms)) },
                html! { (format!("{:.1}", it.images_per_second())) },
                html! { (format!("{:.0}", it.bound_ms / it.median_ms * 100.0)) },
            ]
        });
        let rows: Vec<Vec<Markup>> = rows.collect();
        table("Every measurement", &header, &rows)
    }
}
