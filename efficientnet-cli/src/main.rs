//! The command efficientnet.
fn main() {}
