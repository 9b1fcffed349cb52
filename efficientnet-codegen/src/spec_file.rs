//! Specs by the names that users give them: bundled ones, or files.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use efficientnet_spec::{BUNDLED, Spec, SpecErrors, bundled, nearest};

/// A spec and where it was found.
#[derive(Clone, Debug)]
pub struct SpecFile {
    /// The spec.
    pub spec: Spec,
    /// Its file, unless it is a bundled one.
    pub path: Option<PathBuf>,
}

/// Reads the spec of a name: a bundled one, or a file whose path counts from `root`.
///
/// ```
/// use efficientnet_codegen::spec_file::{crate_root, read};
///
/// let file = read("lite", &crate_root())?;
/// assert!(file.spec.variant("lite4").is_some());
/// assert_eq!(file.path, None); // it is bundled
/// # Ok::<(), efficientnet_codegen::spec_file::SpecFileError>(())
/// ```
///
/// # Errors
/// If the file cannot be read, or the spec has faults: all of them, with line and column.
pub fn read(name: &str, root: &Path) -> Result<SpecFile, SpecFileError> {
    if let Some(text) = bundled(name) {
        let spec = Spec::parse(text, &format!("{name}.yaml"))?;
        return Ok(SpecFile { spec, path: None });
    }
    let path = root.join(name);
    let text = fs::read_to_string(&path).map_err(|error| SpecFileError::Unreadable {
        name: name.to_owned(),
        problem: problem(&path, &error),
    })?;
    Ok(SpecFile {
        spec: Spec::parse(&text, name)?,
        path: Some(path),
    })
}

/// Root of the crate that is being built or tested: what Cargo says, otherwise the current directory.
pub fn crate_root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .unwrap_or_default()
}

fn problem(path: &Path, error: &io::Error) -> String {
    match error.kind() {
        _ if path.is_dir() => "is a directory".to_owned(),
        ErrorKind::NotFound => "does not exist".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

/// Why there is no spec of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpecFileError {
    /// Neither a bundled spec nor a file that can be read.
    Unreadable {
        /// The name asked for.
        name: String,
        /// What is the matter with the file.
        problem: String,
    },
    /// The file is read, but no valid spec.
    Faulty(SpecErrors),
}

impl From<SpecErrors> for SpecFileError {
    fn from(errors: SpecErrors) -> Self {
        Self::Faulty(errors)
    }
}

impl std::error::Error for SpecFileError {}

impl fmt::Display for SpecFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SpecFileError::Unreadable { name, problem } => {
                let names = BUNDLED.map(|(name, _)| name);
                write!(
                    f,
                    "spec `{name}` {problem}; expected a YAML file, its path counted from the folder of \
                     the crate's Cargo.toml, or a bundled spec: {}",
                    names.map(|name| format!("`{name}`")).join(", "),
                )?;
                match nearest(name, &names) {
                    Some(near) => write!(f, "; did you mean `{near}`?"),
                    None => Ok(()),
                }
            }
            SpecFileError::Faulty(errors) => errors.fmt(f),
        }
    }
}
