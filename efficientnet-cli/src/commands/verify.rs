//! `verify`: a checkpoint against a variant: names, shapes, values, and what is computed with it.

mod errors;
mod isas;
mod reference;
mod report;

use std::io::Write;
use std::process::ExitCode;

use efficientnet::runtime::checkpoint::{
    Checkpoint, CheckpointError, Expected, Mismatch, Selection,
};
use efficientnet::spec::{LayerGraph, Top};

use crate::arguments::Verify;
use crate::failure::Failure;
use crate::network::{self, Trained};
use crate::text::grouped;

use reference::Reference;
use report::{Check, Report};

pub(crate) fn run(arguments: &Verify, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let variant = &arguments.variant.variant;
    let spec = network::spec(arguments.variant.spec.as_deref(), variant)?;
    let reference = arguments.reference.as_deref().map(Reference::read);
    let reference = reference.transpose()?;
    let mut trained = Trained::open(&arguments.weights.fetch()?, &arguments.training)?;
    if let Some(reference) = &reference {
        reference.apply(&mut trained, &arguments.training)?;
    }
    let options = trained.options();
    let precision = trained.precision(arguments.precision.map(Into::into));
    let architecture = network::architecture(&spec, variant, &options)?;
    let graph = LayerGraph::build(&architecture, Top::With).map_err(Failure::mistake)?;
    let expected = network::expected(&graph, precision);
    // Whether it can be computed so is the first question.
    network::compile(&architecture, precision)?;
    let model = format!("{}-{}", architecture.family, architecture.variant);

    let mut report = Report::new(model, &trained);
    let selection = match trained.checkpoint.select(&expected) {
        Ok(selection) => selection,
        Err(CheckpointError::Mismatch(mismatch)) => {
            report.add(misfit(&mismatch));
            return report.finish(out, arguments.json);
        }
        Err(error) => return Err(Failure::mistake(error)),
    };
    report.add(Check::agrees(
        "names and shapes",
        format!("{} tensors, as the variant has", expected.len()),
    ));
    report.add(values(&trained.checkpoint, &selection, &expected)?);
    // What is computed from damaged values says nothing.
    if report.agrees() {
        match &reference {
            Some(reference) => {
                reference.check(&spec, variant, precision, &trained, &mut report)?;
            }
            None => isas::check(&spec, variant, precision, &trained, &selection, &mut report)?,
        }
    }
    report.finish(out, arguments.json)
}

/// The checkpoint's tensors are not the variant's.
fn misfit(mismatch: &Mismatch) -> Check {
    let numbers = format!(
        "{} missing, {} unexpected, {} of another shape, {} of another type",
        mismatch.missing.len(),
        mismatch.unexpected.len(),
        mismatch.misshapen.len(),
        mismatch.wrong_dtype.len()
    );
    Check::differs("names and shapes", numbers).with_note(mismatch.to_string())
}

/// Whether every value of every tensor is finite, and no variance negative.
fn values(
    checkpoint: &Checkpoint,
    selection: &Selection<'_>,
    expected: &[Expected],
) -> Result<Check, Failure> {
    const NAME: &str = "values";
    let (mut count, mut damaged) = (0, Vec::new());
    for tensor in checkpoint
        .tensors()
        .filter(|tensor| tensor.dtype().is_supported())
    {
        let values = tensor.to_f32().map_err(Failure::mistake)?;
        let wrong = values.iter().filter(|value| !value.is_finite()).count();
        if wrong > 0 {
            let (name, all) = (tensor.name(), values.len());
            damaged.push(format!("{name}: {wrong} of {all} values are not finite"));
        }
        count += values.len() as u64;
    }
    if damaged.is_empty() {
        let variances = expected
            .iter()
            .filter(|tensor| tensor.name.ends_with("running_var"));
        let errors = variances.filter_map(|tensor| selection.read(&tensor.name).err());
        damaged.extend(errors.map(|error| error.to_string()));
    }
    Ok(match damaged.len() {
        0 => Check::agrees(NAME, format!("{} finite", grouped(count))),
        1 => Check::differs(NAME, "a damaged tensor".to_owned()).with_note(damaged.remove(0)),
        wrong => {
            Check::differs(NAME, format!("{wrong} damaged tensors")).with_note(damaged.join("\n"))
        }
    })
}
