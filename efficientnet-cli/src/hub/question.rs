//! What the hub says about a file, without sending it.

use std::time::Duration;

use super::cache::is_commit;
use super::checksum::Checksum;
use super::client::{Answer, Client};
use super::environment::Environment;
use super::problem::Problem;
use super::reference::Reference;

/// Letters of a server's own words that are repeated.
const LONGEST_MESSAGE: usize = 200;

/// A file of the hub.
pub(super) struct Remote {
    /// The commit that the revision is now.
    pub(super) commit: String,
    pub(super) checksum: Checksum,
    /// Bytes, where the hub says.
    pub(super) size: Option<u64>,
}

/// Asks what a file is.
pub(super) fn ask(
    client: &Client<'_>,
    address: &str,
    reference: &Reference,
    environment: &Environment,
) -> Result<Remote, Problem> {
    let answer = client.ask(address)?;
    if answer.status() >= 400 {
        return Err(refusal(&answer, reference, environment));
    }
    let strange = |what: &str| {
        let endpoint = &environment.endpoint;
        Problem::Failed(format!(
            "{address}: the answer has no {what}, so {endpoint} is no model hub; check HF_ENDPOINT"
        ))
    };
    let commit = answer
        .header("x-repo-commit")
        .filter(|commit| is_commit(commit));
    let etag = answer
        .header("x-linked-etag")
        .or_else(|| answer.header("etag"));
    // The length of a redirection is its own.
    let own_length = || {
        answer
            .number("content-length")
            .filter(|_| answer.status() == 200)
    };
    Ok(Remote {
        commit: commit.ok_or_else(|| strange("commit"))?.to_owned(),
        checksum: etag
            .and_then(Checksum::of_etag)
            .ok_or_else(|| strange("checksum"))?,
        size: answer.number("x-linked-size").or_else(own_length),
    })
}

/// Why the hub does not give a file, and what to do. The codes in `x-error-code` are those that
/// Python's client knows (`hf_raise_for_status`).
pub(super) fn refusal(
    answer: &Answer,
    reference: &Reference,
    environment: &Environment,
) -> Problem {
    let page = format!("{}/{}", environment.endpoint, reference.repository);
    let (address, status) = (&answer.address, answer.status());
    let message = answer.header("x-error-message").map(shortened);
    let said = message
        .as_ref()
        .map_or_else(String::new, |message| format!(" ({message})"));
    let token = match environment.token {
        Some(_) => "the token of HF_TOKEN or of a login does not open it",
        None => "set HF_TOKEN to a token that may read it",
    };
    match (answer.header("x-error-code"), status) {
        (Some("EntryNotFound"), _) => Problem::NoFile,
        (Some("RevisionNotFound"), _) => Problem::Refused(format!(
            "{page} has no revision `{}`; without @REVISION it is the branch main",
            reference.revision
        )),
        (Some("GatedRepo"), _) => Problem::Refused(format!(
            "{page} is gated ({status}): accept its terms there; {token}"
        )),
        (None, 401) if environment.token.is_some() => Problem::Refused(format!(
            "{address} answers 401{said}: the token of HF_TOKEN or of a login is not taken"
        )),
        (Some("RepoNotFound"), _) | (None, 401 | 404) => Problem::Refused(format!(
            "{page} is no repository ({status}), or a private one: check the name; {token}"
        )),
        (_, 403) => Problem::Refused(format!("{address} answers 403{said}: {token}")),
        (_, 408 | 425 | 429 | 500..) => Problem::Passing {
            reason: format!("{address} answers {status}{said}"),
            retry_after: answer.number("retry-after").map(Duration::from_secs),
        },
        _ => Problem::Failed(format!("{address} answers {status}{said}")),
    }
}

/// A server's words, for a line of our own.
fn shortened(message: &str) -> String {
    message.chars().take(LONGEST_MESSAGE).collect()
}
