//! The generated Rust as people see it: what it is today, how it reads, and that it is the model.
//!
//! `tests/generated/*.rs` are both the expected text and modules of this test. After an intended
//! change of the lowering: `UPDATE_GENERATED=1 cargo test --test generated`, and read the difference.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use common::{compiled, image, weights};
use efficientnet::Model;
use efficientnet::codegen::lower::{Target, lower};
use efficientnet::codegen::plan::Plan;
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::spec::{Options, Padding};

/// Modules from `tests/generated`, which rustfmt would break into longer text.
macro_rules! generated {
    ($($name:ident = $path:literal;)*) => {$(
        #[rustfmt::skip]
        #[allow(dead_code, reason = "a test needs few of the methods")]
        #[path = $path]
        mod $name;
    )*};
}

generated! {
    b0 = "generated/b0.rs";
    b0_same = "generated/b0_same.rs";
    lite0_same = "generated/lite0_same.rs";
    b7 = "generated/b7.rs";
}

/// One variant whose text is committed.
struct Committed {
    file: &'static str,
    name: &'static str,
    spec: &'static str,
    variant: &'static str,
    padding: Padding,
}

const COMMITTED: [Committed; 4] = [
    Committed {
        file: "b0.rs",
        name: "B0",
        spec: "efficientnet",
        variant: "b0",
        padding: Padding::Symmetric,
    },
    Committed {
        file: "b0_same.rs",
        name: "B0",
        spec: "efficientnet",
        variant: "b0",
        padding: Padding::Same,
    },
    Committed {
        file: "lite0_same.rs",
        name: "Lite0",
        spec: "lite",
        variant: "lite0",
        padding: Padding::Same,
    },
    Committed {
        file: "b7.rs",
        name: "B7",
        spec: "efficientnet",
        variant: "b7",
        padding: Padding::Symmetric,
    },
];

impl Committed {
    fn options(&self) -> Options {
        Options {
            padding: self.padding,
            ..Options::default()
        }
    }

    fn plan(&self) -> Plan {
        compiled(self.spec, self.variant, &self.options()).plan
    }

    fn text(&self) -> String {
        let target = Target::public(self.name).expect("an identifier");
        lower(&self.plan(), &target).text().expect("valid Rust")
    }
}

#[test]
fn the_committed_text_is_what_lowering_gives() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generated");
    let update = std::env::var_os("UPDATE_GENERATED").is_some();
    for committed in &COMMITTED {
        let path = folder.join(committed.file);
        let text = committed.text();
        if update {
            fs::write(&path, text).expect("the folder can be written to");
            continue;
        }
        let found = fs::read_to_string(&path).expect("the file is committed");
        let differs = found.lines().zip(text.lines()).position(|(a, b)| a != b);
        assert!(
            found == text,
            "{} is stale, first at line {}; run with UPDATE_GENERATED=1 and read the difference",
            path.display(),
            differs.map_or(found.lines().count().min(text.lines().count()), |line| line) + 1,
        );
    }
}
