//! A directory where a file should be.

#[efficientnet::model(spec = "specs", variant = "b0")]
struct B0;

fn main() {}
