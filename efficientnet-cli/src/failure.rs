//! Why a command ended early, and the exit code that says whose fault it was.

use std::fmt;
use std::io;
use std::process::ExitCode;

/// Exit code of a user's mistake; clap uses the same.
pub(crate) const MISTAKE: u8 = 2;

/// A reason in one line (or one block, where several things are wrong at once).
#[derive(Debug)]
pub(crate) enum Failure {
    /// The user can mend it: exit code 2.
    Mistake(String),
    /// The system failed: exit code 1.
    System(String),
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
            Failure::System(_) | Failure::Output(_) => ExitCode::FAILURE,
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
            Failure::Output(error) => write!(f, "standard output: {error}"),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}
