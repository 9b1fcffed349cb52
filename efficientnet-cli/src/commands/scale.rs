//! `scale`: a new variant by compound scaling, or candidates for the coefficients to scale with.

mod report;
mod search;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use efficientnet::runtime::files::write_atomically;
use efficientnet::spec::{Coefficient, CompoundError, Name, Side, Spec, Variant};

use crate::arguments::Scale;
use crate::failure::Failure;
use crate::{files, network};

pub(crate) fn run(arguments: &Scale, out: &mut impl Write) -> Result<ExitCode, Failure> {
    if let Some(path) = &arguments.output {
        files::check_output(path, &[Path::new(&arguments.spec)])?;
    }
    let spec = network::spec_named(&arguments.spec)?;
    match (arguments.phi, sizes(arguments), arguments.flops) {
        (Some(phi), _, _) => at_phi(&spec, phi, arguments, out),
        (None, Some(sizes), _) => custom(&spec, sizes, arguments, out),
        (None, None, Some(budget)) => search::run(&spec, budget, arguments, out),
        (None, None, None) => Err(Failure::mistake(
            "nothing says how to scale; give --phi X, or --width W --depth D --resolution R, or \
             --search --flops F",
        )),
    }
}

/// Width, depth and resolution, which the command line has all or none of.
fn sizes(arguments: &Scale) -> Option<(Coefficient, Coefficient, Side)> {
    Some((arguments.width?, arguments.depth?, arguments.resolution?))
}

fn at_phi(
    spec: &Spec,
    phi: f64,
    arguments: &Scale,
    out: &mut impl Write,
) -> Result<ExitCode, Failure> {
    // A zero has no sign.
    let name = name(arguments, &format!("phi{}", phi + 0.0))?;
    let mut variant = spec.variant_at(phi, name).map_err(Failure::mistake)?;
    variant.dropout = arguments.dropout.unwrap_or(variant.dropout);
    let way = report::Way::Phi(phi, spec.scaling.coefficients(phi));
    report(spec, &variant, &way, arguments, out)
}

fn custom(
    spec: &Spec,
    (width, depth, resolution): (Coefficient, Coefficient, Side),
    arguments: &Scale,
    out: &mut impl Write,
) -> Result<ExitCode, Failure> {
    let baseline = spec.baseline();
    let dropout = arguments.dropout.or(baseline.map(|b| b.dropout));
    let variant = Variant {
        name: name(arguments, "custom")?,
        width,
        depth,
        resolution,
        dropout: dropout.ok_or_else(|| {
            Failure::Mistake(format!(
                "{} has no variant with width 1.0 and depth 1.0, whose dropout the new one would \
                 have; give --dropout",
                spec.family
            ))
        })?,
    };
    let way = report::Way::Sizes(baseline.map(|baseline| variant.factors(baseline)));
    report(spec, &variant, &way, arguments, out)
}

/// Builds a variant, writes its spec and shows both.
fn report(
    spec: &Spec,
    variant: &Variant,
    way: &report::Way,
    arguments: &Scale,
    out: &mut impl Write,
) -> Result<ExitCode, Failure> {
    let report = report::Report::of(spec, variant, way)?;
    let written = write_spec(spec, variant, arguments.output.as_deref())?;
    match arguments.json {
        true => writeln!(out, "{:#}", report.document())?,
        false => {
            report.print(out)?;
            print_written(written, variant, out)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The name given, or another: characters that names do not have become `_`.
fn name(arguments: &Scale, otherwise: &str) -> Result<Name, Failure> {
    match &arguments.name {
        Some(name) => Ok(name.clone()),
        None => Name::try_from(otherwise.replace('.', "_")).map_err(Failure::mistake),
    }
}

/// Writes the spec of a variant, where a file is given, and gives it back.
fn write_spec<'p>(
    spec: &Spec,
    variant: &Variant,
    path: Option<&'p Path>,
) -> Result<Option<&'p Path>, Failure> {
    let scaled = spec.with_scaled(variant).map_err(|error| match error {
        CompoundError::NameTaken { .. } => Failure::Mistake(format!("{error} with --name")),
        error => Failure::mistake(error),
    })?;
    if let Some(path) = path {
        write_atomically(path, |file| write!(file, "{scaled}")).map_err(Failure::system)?;
    }
    Ok(path)
}

fn print_written(
    written: Option<&Path>,
    variant: &Variant,
    out: &mut impl Write,
) -> Result<(), Failure> {
    if let Some(path) = written {
        let (name, path) = (&variant.name, path.display());
        writeln!(
            out,
            "\n{path} has it: efficientnet summary {name} --spec {path}"
        )?;
    }
    Ok(())
}
