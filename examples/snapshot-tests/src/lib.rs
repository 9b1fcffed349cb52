//! A crate with a network of its own, whose generated code is watched by a snapshot test.

/// Small images to one of ten classes.
#[efficientnet::model(spec = "specs/tiny.yaml", variant = "tiny")]
pub struct Tiny;

/// Where in a photo something is: two maps of the same network.
#[efficientnet::model(spec = "specs/tiny.yaml", variant = "tiny", outputs = ["block1", "block2"])]
pub struct Maps;
