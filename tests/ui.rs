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
}

#[test]
fn the_macro_explains_every_mistake() {
    specs_for_the_generated_crate().expect("the target directory can be written to");
    let tests = trybuild::TestCases::new();
    tests.compile_fail("tests/ui/*.rs");
}

/// Paths of specs count from the root of the crate that trybuild generates, so they go there.
fn specs_for_the_generated_crate() -> io::Result<()> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let specs = target.join("tests/trybuild/efficientnet/specs");
    fs::create_dir_all(&specs)?;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui/specs"))? {
        let entry = entry?;
        fs::copy(entry.path(), specs.join(entry.file_name()))?;
    }
    Ok(())
}
