//! The cache directory, laid out as Python's client lays it out, so that both share it
//! (`huggingface_hub`, "Understand caching"):
//!
//! ```text
//! models--OWNER--NAME/blobs/CHECKSUM               contents
//!                     blobs/CHECKSUM.incomplete    what there is of them
//!                     snapshots/COMMIT/FILE        a link to them
//!                     refs/REVISION                the commit of a branch or tag
//!                     .no_exist/COMMIT/FILE        the commit has no such file
//! .locks/models--OWNER--NAME/CHECKSUM.lock         held while a file is fetched
//! ```

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use efficientnet::runtime::files::write_atomically;

use super::checksum::Checksum;
use super::problem::Problem;

/// A repository's part of the cache.
pub(super) struct Cache {
    repository: PathBuf,
    locks: PathBuf,
}

impl Cache {
    pub(super) fn of(cache: &Path, repository: &str) -> Self {
        let name = format!("models--{}", repository.replace('/', "--"));
        Self {
            repository: cache.join(&name),
            locks: cache.join(".locks").join(name),
        }
    }

    /// The commit that a revision was when it was last asked for.
    pub(super) fn commit(&self, revision: &str) -> Option<String> {
        if is_commit(revision) {
            return Some(revision.to_owned());
        }
        let commit = fs::read_to_string(self.reference(revision)).ok()?;
        Some(commit.trim().to_owned()).filter(|commit| is_commit(commit))
    }

    /// A file of a commit, if it is here.
    pub(super) fn file(&self, commit: &str, file: &str) -> Option<PathBuf> {
        Some(self.snapshot(commit, file)).filter(|path| path.is_file())
    }

    /// Whether a commit is known to have no such file.
    pub(super) fn lacks(&self, commit: &str, file: &str) -> bool {
        self.absence(commit, file).is_file()
    }

    /// Remembers that a commit has no such file. A cache that cannot be written asks again.
    pub(super) fn note_absence(&self, commit: &str, file: &str) {
        let path = self.absence(commit, file);
        let _ = make_parent(&path).and_then(|()| File::create(path));
    }

    /// Remembers what a revision is. A cache that cannot be written has to be asked online.
    pub(super) fn note_commit(&self, revision: &str, commit: &str) {
        if revision != commit && self.commit(revision).as_deref() != Some(commit) {
            let path = self.reference(revision);
            let write = |writer: &mut dyn Write| writer.write_all(commit.as_bytes());
            if make_parent(&path).is_ok() {
                let _ = write_atomically(&path, write);
            }
        }
    }

    /// The contents of a checksum, whether they are here or not.
    pub(super) fn blob(&self, checksum: &Checksum) -> PathBuf {
        self.repository.join("blobs").join(checksum.hex())
    }

    /// Where contents lie until they are complete.
    pub(super) fn partial(&self, checksum: &Checksum) -> PathBuf {
        self.blob(checksum).with_extension("incomplete")
    }

    /// Holds a checksum's lock until the file is dropped. `waits` is called before another process
    /// is waited for.
    pub(super) fn lock(&self, checksum: &Checksum, waits: impl Fn()) -> Result<File, Problem> {
        let path = self.locks.join(format!("{}.lock", checksum.hex()));
        let open = || {
            make_parent(&path)?;
            make_parent(&self.blob(checksum))?;
            // Windows locks no file that can only be appended to.
            let mut options = File::options();
            options.read(true).write(true).create(true).truncate(false);
            options.open(&path)
        };
        let file = open().map_err(|error| cannot_write(&path, &error))?;
        let locked = match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                waits();
                file.lock()
            }
            Err(TryLockError::Error(error)) => Err(error),
            Ok(()) => Ok(()),
        };
        match locked {
            // Some network file systems have no locks; the checksum is what guards the contents.
            Err(error) if error.kind() != io::ErrorKind::Unsupported => {
                Err(cannot_write(&path, &error))
            }
            _ => Ok(file),
        }
    }

    /// Gives contents, which are here, their name in a commit.
    pub(super) fn publish(
        &self,
        checksum: &Checksum,
        commit: &str,
        file: &str,
    ) -> Result<PathBuf, Problem> {
        let path = self.snapshot(commit, file);
        // From the file's directory up to the repository's.
        let up = "../".repeat(file.split('/').count() + 1);
        let target = PathBuf::from(format!("{up}blobs/{}", checksum.hex()));
        let linked = make_parent(&path).and_then(|()| {
            // A link to contents that are gone.
            if path.is_symlink() && !path.exists() {
                fs::remove_file(&path)?;
            }
            link(&target, &path, &self.blob(checksum))
        });
        match linked {
            // By another process.
            Err(_) if path.is_file() => Ok(path),
            Err(error) => Err(cannot_write(&path, &error)),
            Ok(()) => Ok(path),
        }
    }

    fn snapshot(&self, commit: &str, file: &str) -> PathBuf {
        self.repository.join("snapshots").join(commit).join(file)
    }

    fn absence(&self, commit: &str, file: &str) -> PathBuf {
        self.repository.join(".no_exist").join(commit).join(file)
    }

    fn reference(&self, revision: &str) -> PathBuf {
        self.repository.join("refs").join(revision)
    }
}

/// Links a name to contents; where there are no links, the contents get the name, as Python's client
/// does it.
fn link(target: &Path, path: &Path, blob: &Path) -> io::Result<()> {
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(target, path);
    #[cfg(windows)]
    let linked = std::os::windows::fs::symlink_file(target, path);
    #[cfg(not(any(unix, windows)))]
    let linked = Err(io::Error::from(io::ErrorKind::Unsupported));
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => fs::rename(blob, path),
        other => other,
    }
}

/// Whether a revision is a commit in full.
pub(super) fn is_commit(revision: &str) -> bool {
    revision.len() == 40
        && revision
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

pub(super) fn cannot_write(path: &Path, error: &io::Error) -> Problem {
    let path = path.display();
    Problem::Failed(format!(
        "{path}: cannot be written: {error}; HF_HOME or HF_HUB_CACHE name another cache"
    ))
}

fn make_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

#[cfg(test)]
mod tests;
