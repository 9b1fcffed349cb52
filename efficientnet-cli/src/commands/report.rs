//! `report`: a family on one page.

mod accuracy;
mod anatomy;
mod blocks;
mod latency;
mod page;
mod published;
mod scaling;
#[cfg(test)]
mod tests;
mod variants;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use efficientnet::runtime::files::write_atomically;
use efficientnet::spec::{Architecture, LayerGraph, Spec, Variant};

use super::counts::{self, Counts};
use super::table::{self, Family};
use crate::arguments::Report as Arguments;
use crate::failure::Failure;
use crate::{files, network};
use latency::Measurement;

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let output = &arguments.output;
    let ending = output.extension().unwrap_or_default();
    if !ending.eq_ignore_ascii_case("html") {
        let path = output.display();
        let reason = format!("{path}: expected a file's name that ends in .html");
        return Err(Failure::Mistake(reason));
    }
    let mut inputs = vec![Path::new(&arguments.spec)];
    inputs.extend(arguments.latency.iter().map(PathBuf::as_path));
    files::check_output(output, &inputs)?;
    let spec = network::spec_named(&arguments.spec)?;
    let family = Family::of(&spec)?;
    let report = Report {
        members: members(&spec, &family)?,
        latency: latency::read(&arguments.latency, &spec)?,
        spec: &spec,
        family: &family,
        named: &arguments.spec,
    };
    let page = report.page().into_string();
    let write = |writer: &mut dyn Write| writer.write_all(page.as_bytes());
    write_atomically(output, write).map_err(Failure::system)?;
    Ok(ExitCode::SUCCESS)
}

/// What a page is made of.
struct Report<'a> {
    spec: &'a Spec,
    family: &'a Family,
    /// The spec's file, or the bundled one's name.
    named: &'a str,
    /// The variants in the spec's order, at least one.
    members: Vec<Member<'a>>,
    /// In the order of the variants.
    latency: Vec<Measurement>,
}

/// One variant at every level that the page shows.
struct Member<'a> {
    variant: &'a Variant,
    column: &'a table::Column,
    graph: LayerGraph,
}

fn members<'a>(spec: &'a Spec, family: &'a Family) -> Result<Vec<Member<'a>>, Failure> {
    let pairs = spec.variants.iter().zip(&family.columns);
    let member = |(variant, column): (&'a Variant, &'a table::Column)| {
        Ok(Member {
            graph: counts::graph(&column.architecture)?,
            variant,
            column,
        })
    };
    pairs.map(member).collect()
}

impl Member<'_> {
    fn name(&self) -> &str {
        self.column.name()
    }

    fn architecture(&self) -> &Architecture {
        &self.column.architecture
    }

    fn counts(&self) -> &Counts {
        &self.column.counts
    }

    /// Where the page shows it.
    fn id(&self) -> String {
        format!("variant-{}", self.name())
    }
}
