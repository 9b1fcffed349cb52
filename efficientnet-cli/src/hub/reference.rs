//! Names of files on the hub.

use std::fmt;
use std::str::FromStr;

/// What a reference begins with.
pub(crate) const SCHEME: &str = "hub:";
/// The branch that every repository has.
const MAIN: &str = "main";
/// Where transformers and timm put a checkpoint, what is asked for first in front.
const USUAL_FILES: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];
/// Longest owner and name together that the hub has.
const LONGEST_ID: usize = 96;

/// `hub:OWNER/NAME[@REVISION][/FILE]`: a file of a repository of models.
///
/// The revision is a branch, a tag or a commit. As in the hub's own `hf://` addresses it ends at the
/// next slash, but for `refs/pr/N` and `refs/convert/NAME`; `%2F` stands for a slash in a branch's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// `OWNER/NAME`.
    pub(super) repository: String,
    pub(super) revision: String,
    /// Path in the repository, where one is named.
    file: Option<String>,
}

impl Reference {
    /// The files to ask for: the one named, or the usual ones until one is there.
    pub(super) fn files(&self) -> Vec<&str> {
        match &self.file {
            Some(file) => vec![file],
            None => USUAL_FILES.to_vec(),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.repository)?;
        if self.revision != MAIN {
            write!(f, "@{}", written(&self.revision))?;
        }
        match &self.file {
            Some(file) => write!(f, "/{file}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Reference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = |reason: &str| {
            format!(
                "{reason}; expected {SCHEME}OWNER/NAME[@REVISION][/FILE], \
                 such as {SCHEME}timm/efficientnet_b0.ra_in1k"
            )
        };
        let rest = text.strip_prefix(SCHEME).unwrap_or(text);
        let (owner, rest) = rest.split_once('/').ok_or_else(|| refuse("no NAME"))?;
        let end = rest.find(['@', '/']).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        for (what, word) in [("OWNER", owner), ("NAME", name)] {
            check_word(word).map_err(|reason| refuse(&format!("{what} {reason}")))?;
        }
        let repository = format!("{owner}/{name}");
        if repository.len() > LONGEST_ID {
            return Err(refuse(&format!("OWNER/NAME is over {LONGEST_ID} letters")));
        }
        let (revision, file) = match rest.strip_prefix('@') {
            Some(rest) => split_revision(rest),
            None => (MAIN, rest.strip_prefix('/')),
        };
        let revision = revision.replace("%2F", "/").replace("%2f", "/");
        check_path(&revision).map_err(|reason| refuse(&format!("REVISION {reason}")))?;
        if let Some(file) = file {
            check_path(file).map_err(|reason| refuse(&format!("FILE {reason}")))?;
        }
        Ok(Self {
            repository,
            revision,
            file: file.map(str::to_owned),
        })
    }
}

/// A revision as a reference says it.
fn written(revision: &str) -> String {
    match split_revision(revision) {
        (_, None) => revision.to_owned(),
        (_, Some(_)) => revision.replace('/', "%2F"),
    }
}

/// What follows `@`: the revision, and a file behind it.
fn split_revision(text: &str) -> (&str, Option<&str>) {
    let slashes = match text {
        _ if text.starts_with("refs/pr/") || text.starts_with("refs/convert/") => 2,
        _ => 0,
    };
    match text.match_indices('/').nth(slashes) {
        Some((at, _)) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// Owners and names, which are part of a directory's name, too.
fn check_word(word: &str) -> Result<(), &'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    match word {
        "" => Err("is empty"),
        _ if !word.chars().all(is_plain) => Err("has other than letters, digits, `.`, `_` and `-`"),
        _ if word.starts_with(['.', '-']) || word.ends_with(['.', '-']) => {
            Err("begins or ends with `.` or `-`")
        }
        _ if word.contains("--") || word.contains("..") => Err("has `--` or `..`"),
        _ => Ok(()),
    }
}

/// Revisions and files, which become paths in the cache: they must not lead out of it.
fn check_path(path: &str) -> Result<(), &'static str> {
    match path {
        "" => Err("is empty"),
        _ if path.contains(['\\', ':']) || path.contains(char::is_control) => {
            Err("has `\\`, `:` or control characters")
        }
        _ if path.split('/').any(|part| matches!(part, "" | "." | "..")) => {
            Err("has an empty part, `.` or `..`")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String, Option<String>) {
        let reference: Reference = text.parse().expect(text);
        (reference.repository, reference.revision, reference.file)
    }

    #[test]
    fn revision_and_file_are_optional() {
        let expected = [
            ("hub:timm/b0.ra", ("timm/b0.ra", "main", None)),
            ("hub:timm/b0@v1.0", ("timm/b0", "v1.0", None)),
            ("hub:timm/b0/a.h5", ("timm/b0", "main", Some("a.h5"))),
            ("hub:timm/b0/a/b.h5", ("timm/b0", "main", Some("a/b.h5"))),
            ("hub:timm/b0@v1/a/b", ("timm/b0", "v1", Some("a/b"))),
            ("hub:timm/b0/a@b", ("timm/b0", "main", Some("a@b"))),
            ("hub:o/n@refs/pr/3", ("o/n", "refs/pr/3", None)),
            ("hub:o/n@refs/pr/3/f", ("o/n", "refs/pr/3", Some("f"))),
            (
                "hub:o/n@refs/convert/x/f",
                ("o/n", "refs/convert/x", Some("f")),
            ),
            ("hub:o/n@my%2Fbranch/f", ("o/n", "my/branch", Some("f"))),
        ];
        for (text, (repository, revision, file)) in expected {
            let expected = (repository.into(), revision.into(), file.map(str::to_owned));
            assert_eq!(parts(text), expected, "{text}");
            let reference: Reference = text.parse().unwrap();
            assert_eq!(reference.to_string(), text, "it is said as it was given");
        }
    }

    #[test]
    fn without_a_file_the_usual_ones_are_asked_for() {
        let files = |text: &str| -> Vec<String> {
            let reference: Reference = text.parse().unwrap();
            reference
                .files()
                .iter()
                .map(|&file| file.to_owned())
                .collect()
        };
        assert_eq!(files("hub:o/n"), ["model.safetensors", "pytorch_model.bin"]);
        assert_eq!(files("hub:o/n/x.h5"), ["x.h5"]);
    }

    #[test]
    fn what_is_no_reference_says_why() {
        let long = format!("hub:{}/{}", "o".repeat(48), "n".repeat(48));
        let wrong = [
            ("hub:", "no NAME"),
            ("hub:timm", "no NAME"),
            ("hub:/name", "OWNER is empty"),
            ("hub:timm/", "NAME is empty"),
            ("hub:timm/@v1", "NAME is empty"),
            ("hub:ti mm/x", "OWNER has other than"),
            ("hub:timm/a--b", "NAME has `--`"),
            ("hub:../..", "OWNER begins"),
            ("hub:timm/x@", "REVISION is empty"),
            ("hub:timm/x@%2Fy", "REVISION has an empty part"),
            ("hub:timm/x@..", "REVISION has an empty part, `.` or `..`"),
            ("hub:timm/x/", "FILE is empty"),
            ("hub:timm/x/../y", "FILE has an empty part, `.` or `..`"),
            ("hub:timm/x/a\\b", "FILE has `\\`"),
            (&long, "over 96"),
        ];
        for (text, part) in wrong {
            let error = text.parse::<Reference>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
            assert!(
                error.contains("hub:OWNER/NAME[@REVISION][/FILE]"),
                "{error}"
            );
        }
    }
}
