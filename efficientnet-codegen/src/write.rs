//! Generated files on disk.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use efficientnet_checkpoint::files::write_atomically;

pub use efficientnet_checkpoint::files::WriteError;

use crate::generate::SourceFile;

impl SourceFile {
    /// Writes the file into a directory, so that it is the old one or the new one at any moment.
    /// Whether it had to be: what is there already is left alone, so that nothing is compiled for it.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn write_to(&self, directory: &Path) -> Result<bool, WriteError> {
        let path = directory.join(&self.name);
        if fs::read(&path).is_ok_and(|found| found == self.text.as_bytes()) {
            return Ok(false);
        }
        write_atomically(&path, |writer| writer.write_all(self.text.as_bytes()))?;
        Ok(true)
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
            text: text.to_owned(),
        }
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
        assert_eq!(fs::read(&path).unwrap(), b"new");
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
