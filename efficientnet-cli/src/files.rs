//! Files to write.

use std::path::Path;

use crate::failure::Failure;

/// Refuses, before anything is computed, a file that cannot come to be.
pub(crate) fn check_output(path: &Path) -> Result<(), Failure> {
    let refuse = |reason: String| {
        let path = path.display();
        Err(Failure::Mistake(format!(
            "{path}: cannot be written: {reason}"
        )))
    };
    if path.is_dir() {
        return refuse("it is a directory; expected a file's name".to_owned());
    }
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() && !parent.is_dir() => refuse(format!(
            "there is no directory {}; make it first",
            parent.display()
        )),
        _ => Ok(()),
    }
}
