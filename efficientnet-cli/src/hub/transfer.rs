//! Getting a file's bytes, however often the way breaks.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::time::Duration;

use super::cache::cannot_write;
use super::checksum::Checksum;
use super::client::{Answer, Client, explain};
use super::problem::Problem;
use super::progress::Progress;
use super::question::Remote;
use super::retry::patiently;

/// Fetches what a partial file lacks, until it has the length and the checksum that the hub says.
/// `refusal` says what an answer without contents means.
///
/// What has come is kept if the rest does not; contents that are wrong are not.
pub(super) fn download(
    client: &Client<'_>,
    address: &str,
    remote: &Remote,
    partial: &Path,
    longest_wait: Duration,
    refusal: impl Fn(&Answer) -> Problem,
) -> Result<(), Problem> {
    let progress = Progress::new(address, remote.size);
    let mut furthest = length(partial);
    let result = patiently(longest_wait, |patience| {
        let result = attempt(client, address, remote.size, partial, &progress, &refusal);
        let reached = length(partial);
        if reached > furthest {
            furthest = reached;
            patience.renew();
        }
        result.map_err(|problem| match problem {
            // The hub was there a moment ago.
            Problem::Unreachable(reason) => Problem::passing(reason),
            other => other,
        })
    });
    drop(progress);
    match result {
        Err(Problem::Passing { reason, .. }) => Err(Problem::Failed(format!(
            "{reason}; what has come is kept: the same command goes on from there"
        ))),
        Err(problem) => Err(problem),
        Ok(()) => check(address, &remote.checksum, partial),
    }
}

/// One request, from where the partial file ends.
fn attempt(
    client: &Client<'_>,
    address: &str,
    size: Option<u64>,
    partial: &Path,
    progress: &Progress,
    refusal: impl Fn(&Answer) -> Problem,
) -> Result<(), Problem> {
    let offset = match (length(partial), size) {
        (have, Some(size)) if have == size && size > 0 => return Ok(()),
        (have, Some(size)) if have > size => 0,
        (have, _) => have,
    };
    let answer = client.get(address, offset)?;
    let offset = match answer.status() {
        206 if starts_at(&answer) == Some(offset) => offset,
        // All of it, whatever was asked for.
        200 => 0,
        206 | 416 => {
            remove(partial)?;
            return Err(Problem::passing(format!(
                "{} did not send what was asked for",
                answer.address.host().unwrap_or_default()
            )));
        }
        _ if client.is_hub(&answer.address) => return Err(refusal(&answer)),
        // Where the hub sends files from, permission is for a while; the next try gets a new one.
        status => {
            let host = answer.address.host().unwrap_or_default();
            return Err(Problem::passing(format!("{host} answers {status}")));
        }
    };
    let rest = answer.number("content-length").map(|rest| offset + rest);
    receive(
        answer,
        offset,
        size.or(rest),
        partial,
        progress,
        client.download_timeout(),
    )
}

/// Writes an answer's contents behind the first `offset` bytes of the partial file.
fn receive(
    answer: Answer,
    offset: u64,
    end: Option<u64>,
    partial: &Path,
    progress: &Progress,
    timeout: Duration,
) -> Result<(), Problem> {
    let write_error = |error| cannot_write(partial, &error);
    let open = File::options().create(true).append(true).open(partial);
    let mut file = open.map_err(write_error)?;
    file.set_len(offset).map_err(write_error)?;
    let (from, mut at) = (answer.address, offset);
    let mut reader = answer.response.into_body().into_reader();
    let mut buffer = vec![0; 1 << 16];
    loop {
        progress.set(at);
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => {
                file.write_all(&buffer[..read]).map_err(write_error)?;
                at += read as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(explain(&error.into(), &from, timeout)),
        }
        if end.is_some_and(|end| at > end) {
            break;
        }
    }
    match end {
        Some(end) if at < end => Err(Problem::passing(format!(
            "{} ended after {at} of {end} bytes",
            from.host().unwrap_or_default()
        ))),
        // Not until it is on the disk does it get its name.
        _ => file.sync_all().map_err(write_error),
    }
}

/// The first byte that an answer has of the file: `content-range: bytes FIRST-LAST/ALL`.
fn starts_at(answer: &Answer) -> Option<u64> {
    let range = answer.header("content-range")?.strip_prefix("bytes ")?;
    range.split('-').next()?.trim().parse().ok()
}

fn check(address: &str, expected: &Checksum, partial: &Path) -> Result<(), Problem> {
    let found = expected.of_file(partial).map_err(|error| {
        let path = partial.display();
        Problem::Failed(format!("{path}: cannot be read: {error}"))
    })?;
    if found == *expected {
        return Ok(());
    }
    remove(partial)?;
    Err(Problem::Failed(format!(
        "{address} arrived damaged: expected {expected}, found {found}; nothing of it is kept: try again"
    )))
}

/// Bytes that are there.
fn length(partial: &Path) -> u64 {
    fs::metadata(partial).map_or(0, |metadata| metadata.len())
}

fn remove(partial: &Path) -> Result<(), Problem> {
    match fs::remove_file(partial) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(cannot_write(partial, &error)),
        _ => Ok(()),
    }
}
