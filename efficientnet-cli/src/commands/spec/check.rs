//! `spec check`: every fault of every file.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use annotate_snippets::Renderer;
use anstream::{AutoStream, ColorChoice};
use efficientnet::spec::{Diagnostic, Spec, SpecErrors};
use serde_json::{Value, json};

use super::snippet;
use crate::arguments::Check;
use crate::failure::{Failure, MISTAKE, complain};

pub(crate) fn run(arguments: &Check, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let renderer = renderer();
    let mut checked = Vec::new();
    let mut unread = false;
    for path in &arguments.files {
        match Checked::read(path) {
            Ok(file) if arguments.json => checked.push(file),
            Ok(file) => {
                file.print(&renderer, out)?;
                checked.push(file);
            }
            Err(failure) => {
                unread = true;
                complain(&failure);
            }
        }
    }
    if arguments.json {
        writeln!(out, "{:#}", document(&checked))?;
    }
    let faulty = checked.iter().any(|file| file.spec.is_err());
    Ok(match (unread, faulty) {
        (true, _) => ExitCode::from(MISTAKE),
        (false, true) => ExitCode::FAILURE,
        (false, false) => ExitCode::SUCCESS,
    })
}

/// Coloured where standard output is a terminal, unless NO_COLOR or CLICOLOR_FORCE say otherwise.
fn renderer() -> Renderer {
    match AutoStream::choice(&io::stdout()) {
        ColorChoice::Never => Renderer::plain(),
        ColorChoice::Auto | ColorChoice::AlwaysAnsi | ColorChoice::Always => Renderer::styled(),
    }
}

/// One file, read.
struct Checked {
    file: String,
    text: String,
    spec: Result<Spec, SpecErrors>,
}

impl Checked {
    fn read(path: &Path) -> Result<Self, Failure> {
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| {
            Failure::Mistake(format!(
                "{file}: cannot be read: {error}; expected a YAML file"
            ))
        })?;
        let spec = Spec::parse(&text, &file);
        Ok(Self { file, text, spec })
    }

    fn print(&self, renderer: &Renderer, out: &mut impl Write) -> Result<(), Failure> {
        let Self { file, text, spec } = self;
        match spec {
            Ok(spec) => {
                let count = spec.variants.len();
                let s = if count == 1 { "" } else { "s" };
                writeln!(out, "{file}: {}, {count} variant{s}", spec.family)?;
            }
            Err(errors) => {
                for fault in &errors.diagnostics {
                    let snippet = snippet::render(renderer, file, text, fault);
                    writeln!(out, "{snippet}\n")?;
                }
            }
        }
        Ok(())
    }
}

fn document(checked: &[Checked]) -> Value {
    let (mut files, mut faults) = (Vec::new(), Vec::new());
    for Checked { file, spec, .. } in checked {
        match spec {
            Ok(spec) => {
                let variants = spec.variants.iter().map(|variant| variant.name.as_str());
                files.push(json!({
                    "file": file,
                    "family": spec.family.as_str(),
                    "variants": variants.collect::<Vec<_>>(),
                }));
            }
            Err(errors) => {
                files.push(json!({ "file": file }));
                faults.extend(errors.diagnostics.iter().map(|fault| of_fault(file, fault)));
            }
        }
    }
    json!({ "files": files, "faults": faults })
}

fn of_fault(file: &str, fault: &Diagnostic) -> Value {
    json!({
        "file": file,
        "fault": fault.fault.name(),
        "line": fault.line,
        "column": fault.column,
        "end": fault.end,
        "message": fault.message,
        "label": fault.label,
        "found": fault.found,
        "expected": fault.expected,
        "hint": fault.hint,
    })
}
