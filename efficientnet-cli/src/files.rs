//! Files to write.

use std::path::Path;

use efficientnet::runtime::files::is_same_file;

use crate::failure::Failure;

/// Refuses, before anything is computed, a file that cannot come to be, or is one of those that are
/// read.
pub(crate) fn check_output(path: &Path, inputs: &[&Path]) -> Result<(), Failure> {
    let refuse = |reason: String| {
        let path = path.display();
        Err(Failure::Mistake(format!(
            "{path}: cannot be written: {reason}"
        )))
    };
    if path.is_dir() {
        return refuse("it is a directory; expected a file's name".to_owned());
    }
    // Devices are read and written at once by some.
    if path.is_file() && inputs.iter().any(|input| is_same_file(path, input)) {
        return refuse("it is read, too; give another name".to_owned());
    }
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() && !parent.is_dir() => refuse(format!(
            "there is no directory {}; make it first",
            parent.display()
        )),
        _ => Ok(()),
    }
}
