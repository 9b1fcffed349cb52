//! In nested modules, in function bodies, several in one module, from a file and bundled.

#[allow(
    unused_imports,
    reason = "the generated code must not take it for its own"
)]
use std::io::Result;

use efficientnet::Model as _;

#[efficientnet::model(spec = "efficientnet", variant = "b0")]
struct Bundled;

#[efficientnet::model(spec = "tests/ui/specs/tiny.yaml", variant = "t0", resolution = [40, 24],)]
struct FromFile;

mod outer {
    pub mod inner {
        #[efficientnet::model(spec = "tests/ui/specs/tiny.yaml", variant = "t1", classes = 7)]
        pub struct Nested;
    }
}

fn in_a_body() -> [usize; 3] {
    #[efficientnet::model(spec = "tests/ui/specs/tiny.yaml", variant = "t1", in_channels = 1)]
    struct Local;
    Local::INPUT_SHAPE
}

#[test]
fn every_place() {
    assert_eq!(Bundled::CLASSES, 1000);
    assert_eq!(FromFile::INPUT_SHAPE, [40, 24, 3]);
    assert_eq!(outer::inner::Nested::CLASSES, 7);
    assert_eq!(in_a_body(), [48, 48, 1]);
}
