//! What was checked, as a table or a document.

use std::io::Write;
use std::process::ExitCode;

use efficientnet::codegen::plan::Precision;
use serde_json::{Value, json};

use super::errors::Errors;
use crate::failure::Failure;
use crate::network::Trained;
use crate::text;

/// One thing that was checked.
pub(super) struct Check {
    name: String,
    agrees: bool,
    /// What was found, in a few words.
    found: String,
    /// Where logits were compared.
    errors: Option<Errors>,
    /// What there is to say beyond that, in lines of its own.
    note: Option<String>,
}

impl Check {
    pub(super) fn agrees(name: impl Into<String>, found: String) -> Self {
        Self {
            name: name.into(),
            agrees: true,
            found,
            errors: None,
            note: None,
        }
    }

    pub(super) fn differs(name: impl Into<String>, found: String) -> Self {
        Self {
            agrees: false,
            ..Self::agrees(name, found)
        }
    }

    /// Logits that a precision has computed.
    pub(super) fn logits(name: impl Into<String>, errors: Errors, precision: Precision) -> Self {
        let found = errors.text(precision);
        Self {
            agrees: errors.are_allowed(precision),
            errors: Some(errors),
            ..Self::agrees(name, found)
        }
    }

    pub(super) fn with_note(mut self, note: String) -> Self {
        self.note = Some(note);
        self
    }

    pub(super) fn is_agreed(&self) -> bool {
        self.agrees
    }

    fn result(&self) -> &'static str {
        match self.agrees {
            true => "agrees",
            false => "differs",
        }
    }

    fn document(&self) -> Value {
        let finite = |of: fn(&Errors) -> f64| {
            let error = self.errors.as_ref().map(of);
            error.filter(|error| error.is_finite())
        };
        json!({
            "check": self.name,
            "agrees": self.agrees,
            "found": self.found,
            "relative_error": finite(|errors| errors.largest),
            "mean_relative_error": finite(|errors| errors.mean),
            "note": self.note,
        })
    }
}

/// All that was checked of one checkpoint.
pub(super) struct Report {
    model: String,
    weights: String,
    /// Whose names the tensors have, and how the network is computed then.
    library: &'static str,
    padding: String,
    /// Of batch norms, if there are any.
    epsilon: Option<f64>,
    checks: Vec<Check>,
}

impl Report {
    pub(super) fn new(model: String, trained: &Trained) -> Self {
        let flavour = trained.checkpoint.flavour();
        Self {
            model,
            weights: trained.checkpoint.file().to_owned(),
            library: flavour.map_or("no known library", |flavour| flavour.library()),
            padding: trained.padding.to_string(),
            epsilon: trained.epsilon(),
            checks: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, check: Check) {
        self.checks.push(check);
    }

    pub(super) fn agrees(&self) -> bool {
        self.checks.iter().all(Check::is_agreed)
    }

    /// Prints all, and says with the exit code whether it agrees.
    pub(super) fn finish(self, out: &mut impl Write, json: bool) -> Result<ExitCode, Failure> {
        match json {
            true => writeln!(out, "{:#}", self.document())?,
            false => self.print(out)?,
        }
        Ok(match self.agrees() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }

    fn print(&self, out: &mut impl Write) -> Result<(), Failure> {
        let Self {
            model,
            weights,
            library,
            padding,
            epsilon,
            checks,
        } = self;
        writeln!(out, "{model} with {weights}")?;
        let norms = match epsilon {
            Some(epsilon) => format!("batch-norm epsilon {epsilon:e}"),
            None => "quantised".to_owned(),
        };
        writeln!(out, "names of {library}, {padding} padding, {norms}\n")?;
        let mut table = text::table(["check", "result", "found"]);
        for check in checks {
            table.add_row([&check.name[..], check.result(), &check.found]);
        }
        text::write_table(out, table, [])?;
        for note in checks.iter().filter_map(|check| check.note.as_ref()) {
            writeln!(out, "\n{note}")?;
        }
        Ok(())
    }

    fn document(&self) -> Value {
        json!({
            "model": self.model,
            "weights": self.weights,
            "library": self.library,
            "padding": self.padding,
            "batch_norm_epsilon": self.epsilon,
            "agrees": self.agrees(),
            "checks": self.checks.iter().map(Check::document).collect::<Vec<_>>(),
        })
    }
}
