//! Why a file of the hub is not there.

use std::time::Duration;

/// Each kind is met in its own way; words are one line.
#[derive(Debug)]
pub(super) enum Problem {
    /// The repository has no such file: another may be asked for.
    NoFile,
    /// The hub says no: a name is wrong, or a token.
    Refused(String),
    /// There is no way to the hub.
    Unreachable(String),
    /// Another try may succeed.
    Passing {
        reason: String,
        /// When, as the server asks.
        retry_after: Option<Duration>,
    },
    /// No other try will succeed: damaged contents, a full disk, a server that is no hub.
    Failed(String),
}

impl Problem {
    /// Another try may succeed at any time.
    pub(super) fn passing(reason: impl Into<String>) -> Self {
        Self::Passing {
            reason: reason.into(),
            retry_after: None,
        }
    }

    /// Why, without what follows from it.
    pub(super) fn reason(&self) -> &str {
        match self {
            Self::NoFile => "there is no such file",
            Self::Refused(reason)
            | Self::Unreachable(reason)
            | Self::Passing { reason, .. }
            | Self::Failed(reason) => reason,
        }
    }
}
