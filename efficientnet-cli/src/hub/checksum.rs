//! What the hub says a file's contents are.

use std::fmt::{self, Write};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

/// The hub's ETag of a file. It is the name of the file in the cache, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checksum {
    kind: Kind,
    hex: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// SHA-256 of the contents: large files, which git keeps as pointers (LFS).
    Sha256,
    /// SHA-1 of `blob`, the length and the contents: git's own name of a file.
    GitBlob,
}

impl Checksum {
    /// Of the header `x-linked-etag` or `etag`; nothing where it is no checksum.
    pub(super) fn of_etag(etag: &str) -> Option<Self> {
        let hex = etag.trim_start_matches("W/").trim_matches('"');
        let kind = match hex.len() {
            64 => Kind::Sha256,
            40 => Kind::GitBlob,
            _ => return None,
        };
        // It becomes a file's name, which must be Python's, too.
        let is_hex = hex
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_hex.then(|| Self {
            kind,
            hex: hex.to_owned(),
        })
    }

    pub(super) fn hex(&self) -> &str {
        &self.hex
    }

    /// The checksum of the same kind that a file has.
    pub(super) fn of_file(&self, path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut context = match self.kind {
            Kind::Sha256 => Context::new(&SHA256),
            Kind::GitBlob => {
                let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
                context.update(format!("blob {}\0", file.metadata()?.len()).as_bytes());
                context
            }
        };
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                length => context.update(&buffer[..length]),
            }
        }
        let mut hex = String::new();
        for byte in context.finish().as_ref() {
            let _ = write!(hex, "{byte:02x}");
        }
        Ok(Self {
            kind: self.kind,
            hex,
        })
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Sha256 => "sha256",
            Kind::GitBlob => "git blob",
        };
        write!(f, "{kind} {}", self.hex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf 'hello\n' | sha256sum` and `printf 'hello\n' | git hash-object --stdin`.
    const SHA256_OF_HELLO: &str =
        "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    const GIT_OF_HELLO: &str = "ce013625030ba8dba906f756967f9e9ca394464a";

    #[test]
    fn both_kinds_are_what_other_programs_compute() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("hello");
        std::fs::write(&path, "hello\n").unwrap();
        for (etag, text) in [
            (SHA256_OF_HELLO, format!("sha256 {SHA256_OF_HELLO}")),
            (GIT_OF_HELLO, format!("git blob {GIT_OF_HELLO}")),
        ] {
            let checksum = Checksum::of_etag(etag).unwrap();
            assert_eq!(checksum.of_file(&path).unwrap(), checksum);
            assert_eq!(checksum.to_string(), text);
            std::fs::write(directory.path().join("other"), "hello").unwrap();
            let other = checksum.of_file(&directory.path().join("other")).unwrap();
            assert_ne!(other, checksum);
        }
    }

    #[test]
    fn quotes_and_weakness_are_no_part_of_it() {
        for etag in [
            format!("\"{GIT_OF_HELLO}\""),
            format!("W/\"{GIT_OF_HELLO}\""),
        ] {
            assert_eq!(Checksum::of_etag(&etag).unwrap().hex(), GIT_OF_HELLO);
        }
    }

    #[test]
    fn what_is_no_checksum_is_none() {
        let parent = format!("../{}", &GIT_OF_HELLO[3..]);
        for etag in ["", "\"5d8-abc\"", &parent, &GIT_OF_HELLO.to_uppercase()] {
            assert_eq!(Checksum::of_etag(etag), None, "{etag}");
        }
    }
}
