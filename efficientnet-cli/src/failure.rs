//! Why a command ended early, and the exit code that says whose fault it was.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use efficientnet::codegen::CompileError;

/// Exit code of a user's mistake; clap uses the same.
pub(crate) const MISTAKE: u8 = 2;

/// A reason in one line (or one block, where several things are wrong at once).
#[derive(Debug)]
pub(crate) enum Failure {
    /// The user can mend it: exit code 2.
    Mistake(String),
    /// The system failed: exit code 1.
    System(String),
    /// This program is at fault: exit code 1.
    Program(String),
    /// Standard output failed: exit code 1, or 0 where it was closed on purpose.
    Output(io::Error),
}

impl Failure {
    /// A user's mistake, said by an error.
    pub(crate) fn mistake(error: impl fmt::Display) -> Self {
        Self::Mistake(error.to_string())
    }

    /// A failure of the system, said by an error.
    pub(crate) fn system(error: impl fmt::Display) -> Self {
        Self::System(error.to_string())
    }

    pub(crate) fn code(&self) -> ExitCode {
        match self {
            Failure::Mistake(_) => ExitCode::from(MISTAKE),
            Failure::System(_) | Failure::Program(_) | Failure::Output(_) => ExitCode::FAILURE,
        }
    }

    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Mistake(reason) | Failure::System(reason) => f.write_str(reason),
            Failure::Program(reason) => write!(
                f,
                "{reason}\nthis is a fault of efficientnet, not of what it was given; please report it"
            ),
            Failure::Output(error) => write!(f, "standard output: {error}"),
        }
    }
}

impl From<CompileError> for Failure {
    /// Spec and options have passed their checks by then: what no later level accepts, they should
    /// have refused.
    fn from(error: CompileError) -> Self {
        match error {
            CompileError::Architecture(faults) => Self::mistake(faults),
            error @ CompileError::NotQuantizable { .. } => Self::mistake(error),
            error => Self::Program(error.to_string()),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

/// A line (or block) on standard error. Where even that fails, the exit code still says it.
pub(crate) fn complain(what: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "efficientnet: {what}");
}

#[cfg(test)]
mod tests {
    use efficientnet::codegen::ir::Fault;
    use efficientnet::spec::{ArchitectureFaults, Options, Spec, bundled};

    use super::*;

    #[test]
    fn a_broken_graph_is_a_fault_of_the_program() {
        let failure = Failure::from(CompileError::Pass {
            pass: "select",
            fault: Fault::Empty,
        });
        assert_eq!(failure.code(), ExitCode::from(1));
        let text = failure.to_string();
        let first = "after pass `select`: the kernel graph is empty\n";
        assert!(text.starts_with(first), "{text}");
        assert!(text.contains("fault of efficientnet"), "{text}");
    }

    #[test]
    fn an_architecture_that_cannot_be_built_is_a_mistake() {
        let spec = Spec::parse(bundled("lite").unwrap(), "lite").unwrap();
        let mut architecture = spec.architecture("lite0", &Options::default()).unwrap();
        architecture.classes = 0;
        let faults: ArchitectureFaults = architecture.verify().unwrap_err();
        let text = faults.to_string();
        let failure = Failure::from(CompileError::from(faults));
        assert_eq!(failure.code(), ExitCode::from(MISTAKE));
        assert_eq!(failure.to_string(), text);
    }
}
