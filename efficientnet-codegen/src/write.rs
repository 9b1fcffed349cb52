//! Generated files on disk.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use efficientnet_checkpoint::files::write_atomically;

pub use efficientnet_checkpoint::files::WriteError;

use crate::generate::SourceFile;
use crate::origin::MARK;

impl SourceFile {
    /// Writes the file into a directory, so that it is the old one or the new one at any moment.
    /// Whether it had to be: what is there already is left alone, so that nothing is compiled for it.
    ///
    /// # Errors
    /// If the system refuses, or a file is in its place that was not generated.
    pub fn write_to(&self, directory: &Path) -> Result<bool, WriteError> {
        self.check_place(directory)?;
        let path = directory.join(&self.name);
        if fs::read(&path).is_ok_and(|found| found == self.text.as_bytes()) {
            return Ok(false);
        }
        write_atomically(&path, |writer| writer.write_all(self.text.as_bytes()))?;
        Ok(true)
    }

    /// Checks that nothing is in the file's place but an earlier version of it.
    ///
    /// # Errors
    /// If there is another file, which somebody may have written by hand.
    pub fn check_place(&self, directory: &Path) -> Result<(), WriteError> {
        let path = directory.join(&self.name);
        match fs::read(&path) {
            Ok(found) if !found.starts_with(MARK.as_bytes()) && !found.is_empty() => {
                let reason = "the file there was not generated; move it, or write elsewhere";
                let source = io::Error::new(ErrorKind::AlreadyExists, reason);
                Err(WriteError { path, source })
            }
            // What cannot be read is for whoever writes to find out.
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// Makes a directory, and those that it lies in, unless it is there.
///
/// # Errors
/// If the system refuses, or a file is in its place.
pub fn create_directory(path: &Path) -> Result<(), WriteError> {
    let error = |source| WriteError {
        path: path.to_owned(),
        source,
    };
    if path.exists() && !path.is_dir() {
        let reason = "it is a file; expected a directory";
        return Err(error(io::Error::new(ErrorKind::NotADirectory, reason)));
    }
    fs::create_dir_all(path).map_err(error)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    fn file(text: &str) -> SourceFile {
        SourceFile {
            name: "b0.rs".to_owned(),
            text: format!("{MARK} {text}"),
        }
    }

    #[test]
    fn what_was_not_generated_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("b0.rs");
        fs::write(&path, "fn by_hand() {}").unwrap();
        let error = file("new").write_to(directory.path()).unwrap_err();
        assert!(error.to_string().contains("was not generated"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"fn by_hand() {}");
    }

    #[test]
    fn a_file_is_written_only_if_it_changes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("b0.rs");
        assert!(file("old").write_to(directory.path()).unwrap());
        let earlier = SystemTime::now() - Duration::from_secs(3600);
        let modified = || fs::metadata(&path).unwrap().modified().unwrap();
        let opened = fs::File::options().write(true).open(&path).unwrap();
        opened.set_modified(earlier).unwrap();
        assert!(!file("old").write_to(directory.path()).unwrap());
        assert!(modified() < SystemTime::now() - Duration::from_secs(1800));
        assert!(file("new").write_to(directory.path()).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), file("new").text);
    }

    #[test]
    fn a_file_in_a_directorys_place_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let (made, taken) = (directory.path().join("a/b"), directory.path().join("taken"));
        create_directory(&made).unwrap();
        create_directory(&made).unwrap();
        assert!(made.is_dir());
        fs::write(&taken, "").unwrap();
        let expected = format!(
            "{}: cannot be written: it is a file; expected a directory",
            taken.display()
        );
        assert_eq!(create_directory(&taken).unwrap_err().to_string(), expected);
        let inside = create_directory(&taken.join("b")).unwrap_err();
        assert_eq!(inside.path, taken.join("b"));
    }
}
