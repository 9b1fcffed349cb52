//! `weights pack`: a variant's weights as the kernels read them.

use std::process::ExitCode;

use efficientnet::interpreter::Interpreter;

use crate::arguments::Pack;
use crate::failure::Failure;
use crate::files;
use crate::network::{self, Trained};

pub(crate) fn run(arguments: &Pack) -> Result<ExitCode, Failure> {
    files::check_output(&arguments.output, &[arguments.weights.given()])?;
    let variant = &arguments.variant.variant;
    let spec = network::spec(arguments.variant.spec.as_deref(), variant)?;
    let trained = Trained::open(&arguments.weights.fetch()?, &arguments.training)?;
    let architecture = network::architecture(&spec, variant, &trained.options())?;
    let precision = trained.precision(arguments.precision.map(Into::into));
    let plan = network::compile(&architecture, precision)?.plan;
    let model = Interpreter::new(plan, &trained.checkpoint, &trained.load);
    let model = model.map_err(Failure::mistake)?;
    model
        .write_packed(&arguments.output)
        .map_err(Failure::system)?;
    Ok(ExitCode::SUCCESS)
}
