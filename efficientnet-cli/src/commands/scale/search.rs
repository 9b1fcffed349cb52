//! `scale --search`: the paper's grid search, as far as it goes without training.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use efficientnet::spec::{Candidate, Frontier, Search, Spec, Variant};
use serde_json::{Value, json};

use super::{name, print_written, write_spec};
use crate::arguments::Scale;
use crate::failure::Failure;
use crate::text::{self, grouped, millions};

/// What no count tells.
const ACCURACY: &str = "Accuracy decides among these, and is not computed here: the paper trains its \
                        candidates\nand takes the best.";
/// What the one that -o writes is chosen by.
const BALANCE: &str = "The most balanced is the one whose smallest of alpha, beta^2, gamma^2 is largest; -o writes it.";

pub(super) fn run(
    spec: &Spec,
    budget: u64,
    arguments: &Scale,
    out: &mut impl Write,
) -> Result<ExitCode, Failure> {
    let name = name(arguments, "phi1")?;
    let mut progress = Progress::new();
    let search = Search::run(spec, &name, |done, of| progress.show(done, of));
    progress.clear();
    let search = search.map_err(Failure::mistake)?;
    let found = Found {
        spec,
        budget,
        search: &search,
        frontier: search.frontier(budget).map_err(|error| {
            let smaller = "raise --flops, or choose a smaller baseline";
            Failure::Mistake(format!("{error}; {smaller}"))
        })?,
    };
    let (spec, variant) = found.chosen(arguments);
    let written = write_spec(&spec, &variant, arguments.output.as_deref())?;
    match arguments.json {
        true => writeln!(out, "{:#}", found.document())?,
        false => {
            found.print(out)?;
            print_written(written, &variant, out)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A line on stderr that counts candidates, where a person may see it.
struct Progress {
    shown: bool,
}

impl Progress {
    fn new() -> Self {
        Self {
            shown: io::stderr().is_terminal(),
        }
    }

    /// Where even that fails, the result says all there is.
    fn show(&mut self, done: usize, of: usize) {
        if self.shown {
            let _ = write!(io::stderr(), "\rcandidate {done} of {of}");
        }
    }

    fn clear(&self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// What the search found.
struct Found<'s> {
    spec: &'s Spec,
    budget: u64,
    search: &'s Search,
    frontier: Frontier<'s>,
}

impl Found<'_> {
    /// The most balanced candidate's spec and variant.
    fn chosen(&self, arguments: &Scale) -> (Spec, Variant) {
        let Candidate {
            scaling, variant, ..
        } = self.frontier.most_balanced;
        let spec = Spec {
            scaling: *scaling,
            ..self.spec.clone()
        };
        let variant = Variant {
            dropout: arguments.dropout.unwrap_or(variant.dropout),
            ..variant.clone()
        };
        (spec, variant)
    }

    fn print(&self, out: &mut impl Write) -> Result<(), Failure> {
        let (all, within) = (self.search.candidates.len(), self.within());
        writeln!(
            out,
            "{}: alpha, beta and gamma from 1 in steps of {}, phi = 1\n\
             {all} candidates with alpha * beta^2 * gamma^2 within {} of 2\n\
             {within} of them with at most {} multiply-accumulates (MACs)\n\
             {} of these are left: no other is at least as large in all sizes and larger in one\n",
            self.spec.family,
            Search::STEP,
            Search::TOLERANCE,
            grouped(self.budget),
            self.frontier.candidates.len(),
        )?;
        self.print_frontier(out)?;
        if let Some(reason) = self.paper_is_missing() {
            writeln!(out, "\n{reason}")?;
        }
        writeln!(out, "\n{ACCURACY}\n{BALANCE}")?;
        Ok(())
    }

    /// A line a candidate.
    fn print_frontier(&self, out: &mut impl Write) -> Result<(), Failure> {
        let header = [
            "alpha",
            "beta",
            "gamma",
            "product",
            "input",
            "parameters",
            "million MACs",
            "",
        ];
        let mut table = text::table(header);
        for candidate in &self.frontier.candidates {
            let scaling = candidate.scaling;
            table.add_row([
                format!("{:.2}", scaling.alpha.get()),
                format!("{:.2}", scaling.beta.get()),
                format!("{:.2}", scaling.gamma.get()),
                format!("{:.3}", candidate.product()),
                candidate.variant.resolution.to_string(),
                grouped(candidate.parameters),
                grouped(millions(candidate.macs)),
                self.marks(candidate).join(", "),
            ]);
        }
        text::write_table(out, table, 0..header.len() - 1)?;
        Ok(())
    }

    fn marks(&self, candidate: &Candidate) -> Vec<&'static str> {
        let balanced = *candidate == *self.frontier.most_balanced;
        let marks = [
            (balanced, "most balanced"),
            (candidate.is_paper, "the paper's"),
        ];
        let marks = marks.into_iter().filter(|(holds, _)| *holds);
        marks.map(|(_, mark)| mark).collect()
    }

    fn within(&self) -> usize {
        self.search.within(self.budget).count()
    }

    /// Why the paper's choice is not on the frontier, where it is not.
    fn paper_is_missing(&self) -> Option<String> {
        let paper = self.search.candidates.iter().find(|c| c.is_paper)?;
        let macs = millions(paper.macs);
        if paper.macs > self.budget {
            return Some(format!(
                "The paper's (1.2, 1.1, 1.15) has {macs} million MACs, more than the budget."
            ));
        }
        let mut frontier = self.frontier.candidates.iter();
        let larger = frontier.find(|candidate| candidate.dominates(paper))?;
        let scaling = larger.scaling;
        Some(format!(
            "The paper's (1.2, 1.1, 1.15) has {macs} million MACs and is smaller than ({}, {}, {}).",
            scaling.alpha.get(),
            scaling.beta.get(),
            scaling.gamma.get()
        ))
    }

    fn document(&self) -> Value {
        let candidates = &self.frontier.candidates;
        json!({
            "family": self.spec.family.as_str(),
            "baseline": self.spec.baseline().map(|variant| variant.name.as_str()),
            "step": Search::STEP,
            "tolerance": Search::TOLERANCE,
            "budget": self.budget,
            "candidates": self.search.candidates.len(),
            "within_budget": self.within(),
            "frontier": candidates.iter().map(|c| document(c)).collect::<Vec<_>>(),
            "chosen": document(self.frontier.most_balanced),
            "paper": self.search.candidates.iter().find(|c| c.is_paper).map(document),
            "paper_is_missing": self.paper_is_missing(),
            "statements": [ACCURACY, BALANCE],
        })
    }
}

fn document(candidate: &Candidate) -> Value {
    let scaling = candidate.scaling;
    json!({
        "alpha": scaling.alpha.get(),
        "beta": scaling.beta.get(),
        "gamma": scaling.gamma.get(),
        "product": candidate.product(),
        "resolution": candidate.variant.resolution.get(),
        "trainable_parameters": candidate.parameters,
        "macs": candidate.macs,
        "is_paper": candidate.is_paper,
    })
}
