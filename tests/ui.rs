//! What `#[efficientnet::model(...)]` says about each mistake, and what it takes.
//!
//! After an intended change of a message: `TRYBUILD=overwrite cargo test --test ui`, and read the
//! difference.

use std::path::Path;
use std::{fs, io};

/// What the macro takes.
#[allow(unreachable_pub, reason = "a public model is the usual one")]
#[path = "ui/accepted"]
mod accepted {
    mod attributes;
    mod outputs;
    mod places;
    mod visibility;
    mod weights;
}

#[test]
fn the_macro_explains_every_mistake() {
    files_for_the_generated_crate().expect("the target directory can be written to");
    let tests = trybuild::TestCases::new();
    tests.compile_fail("tests/ui/*.rs");
}

/// Paths of specs and weights count from the root of the crate that trybuild generates, so they go
/// there.
fn files_for_the_generated_crate() -> io::Result<()> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for (from, to) in [("ui/specs", "specs"), ("frameworks/tiny", "weights")] {
        let folder = target.join("tests/trybuild/efficientnet").join(to);
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(tests.join(from))? {
            let entry = entry?;
            fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    let tiny = target.join("tests/trybuild/efficientnet/specs/tiny.yaml");
    fs::copy(tests.join("frameworks/tiny.yaml"), tiny)?;
    Ok(())
}
