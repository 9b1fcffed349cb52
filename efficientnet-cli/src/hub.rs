//! Weights from the model hub by name: `hub:OWNER/NAME`.
//!
//! A file is fetched once, into the cache that Python's client has, too. What a revision is now, is
//! asked each time; a commit in full needs no question. Where the hub cannot be asked, what was
//! fetched before is used.

mod cache;
mod checksum;
mod client;
mod environment;
mod problem;
mod progress;
mod proxy;
mod question;
mod retry;
mod transfer;

pub(crate) mod reference;

use std::fs;
use std::io::{IsTerminal, stderr};
use std::path::PathBuf;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::failure::{Failure, complain};
use cache::{Cache, cannot_write, is_commit};
use client::Client;
use environment::Environment;
use problem::Problem;
use question::Remote;
use reference::Reference;

/// What is written as `%XX` in a part of an address.
const ESCAPED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The local path of a file of the hub, which is fetched if it is not in the cache.
///
/// # Errors
/// In one line, after the reference. A mistake if a name, a token or a variable is wrong; a failure
/// of the system if the file cannot be had.
pub(crate) fn fetch(reference: &Reference) -> Result<PathBuf, Failure> {
    let environment = Environment::read()?;
    let result = Client::new(&environment).and_then(|client| {
        let cache = Cache::of(&environment.cache, &reference.repository);
        let hub = Hub {
            reference,
            environment: &environment,
            client,
            cache,
        };
        hub.fetch()
    });
    let cache = environment.cache.display();
    result.map_err(|problem| match problem {
        Problem::NoFile => Failure::Mistake(no_file(reference)),
        Problem::Refused(reason) => Failure::Mistake(format!("{reference}: {reason}")),
        Problem::Unreachable(reason) => Failure::System(format!(
            "{reference}: {reason}, and it is not in the cache {cache}; \
             check the network, HTTPS_PROXY and HF_ENDPOINT"
        )),
        Problem::Passing { reason, .. } => Failure::System(format!(
            "{reference}: {reason}, and it is not in the cache {cache}; try again later"
        )),
        Problem::Failed(reason) => Failure::System(format!("{reference}: {reason}")),
    })
}

fn no_file(reference: &Reference) -> String {
    let revision = &reference.revision;
    match reference.files()[..] {
        [file] => format!("{reference}: the repository has no file {file} at revision {revision}"),
        _ => format!(
            "{reference}: the repository has no {} at revision {revision}; \
             name a file of it: {reference}/FILE",
            reference.files().join(" or ")
        ),
    }
}

/// One reference, and what it takes to have its file.
struct Hub<'a> {
    reference: &'a Reference,
    environment: &'a Environment,
    client: Client<'a>,
    cache: Cache,
}

impl Hub<'_> {
    fn fetch(&self) -> Result<PathBuf, Problem> {
        if self.environment.offline {
            return self.held().ok_or_else(|| self.not_held());
        }
        for file in self.reference.files() {
            match self.file(file) {
                Err(Problem::NoFile) => {}
                other => return other,
            }
        }
        Err(Problem::NoFile)
    }

    /// What the cache has of the revision, as it was when it was last asked for.
    fn held(&self) -> Option<PathBuf> {
        let commit = self.cache.commit(&self.reference.revision)?;
        let files = self.reference.files().into_iter();
        files
            .filter_map(|file| self.cache.file(&commit, file))
            .next()
    }

    fn not_held(&self) -> Problem {
        Problem::Failed(format!(
            "{} is not in the cache {}, and HF_HUB_OFFLINE forbids fetching it; \
             unset it, or run the command once where it may",
            self.reference.files().join(" or "),
            self.environment.cache.display()
        ))
    }

    /// A file of the repository, fetched if need be.
    fn file(&self, file: &str) -> Result<PathBuf, Problem> {
        let revision = &self.reference.revision;
        if is_commit(revision) {
            // It never changes.
            if let Some(path) = self.cache.file(revision, file) {
                return Ok(path);
            }
            if self.cache.lacks(revision, file) {
                return Err(Problem::NoFile);
            }
        }
        match self.ask(file) {
            Ok(remote) => self.obtain(file, &remote),
            Err(Problem::NoFile) => {
                if is_commit(revision) {
                    self.cache.note_absence(revision, file);
                }
                Err(Problem::NoFile)
            }
            Err(problem) => match self.held() {
                Some(path) => {
                    let (reference, reason) = (self.reference, problem.reason());
                    complain(format_args!(
                        "{reference}: warning: {reason}; using what was fetched before"
                    ));
                    Ok(path)
                }
                None => Err(problem),
            },
        }
    }

    /// Asks about a file; again and again if there is nothing to use instead.
    fn ask(&self, file: &str) -> Result<Remote, Problem> {
        let address = self.address(&self.reference.revision, file);
        let ask = || question::ask(&self.client, &address, self.reference, self.environment);
        match self.held() {
            Some(_) => ask(),
            None => retry::patiently(self.environment.answer_timeout, |_| ask()),
        }
    }

    /// The file that the hub has described.
    fn obtain(&self, file: &str, remote: &Remote) -> Result<PathBuf, Problem> {
        let (cache, revision) = (&self.cache, &self.reference.revision);
        let path = match cache.file(&remote.commit, file) {
            Some(path) => path,
            None => {
                let _lock = cache.lock(&remote.checksum, || self.say_that_it_waits(file))?;
                // Another process may have fetched it meanwhile, or another commit has it, too.
                if !cache.blob(&remote.checksum).is_file() {
                    self.download(file, remote)?;
                }
                cache.publish(&remote.checksum, &remote.commit, file)?
            }
        };
        cache.note_commit(revision, &remote.commit);
        Ok(path)
    }

    fn download(&self, file: &str, remote: &Remote) -> Result<(), Problem> {
        let partial = self.cache.partial(&remote.checksum);
        // Of the commit: the branch may move between two tries.
        let address = self.address(&remote.commit, file);
        transfer::download(
            &self.client,
            &address,
            remote,
            &partial,
            self.environment.download_timeout,
            |answer| question::refusal(answer, self.reference, self.environment),
        )?;
        let blob = self.cache.blob(&remote.checksum);
        fs::rename(&partial, &blob).map_err(|error| cannot_write(&blob, &error))
    }

    fn say_that_it_waits(&self, file: &str) {
        if stderr().is_terminal() {
            let reference = self.reference;
            complain(format_args!(
                "{reference}: another process is fetching {file}; waiting for it"
            ));
        }
    }

    fn address(&self, revision: &str, file: &str) -> String {
        let files: Vec<String> = file.split('/').map(escaped).collect();
        format!(
            "{}/{}/resolve/{}/{}",
            self.environment.endpoint,
            self.reference.repository,
            escaped(revision),
            files.join("/")
        )
    }
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, &ESCAPED).to_string()
}
