//! The same argument twice.

#[efficientnet::model(spec = "efficientnet", variant = "b0", variant = "b1")]
struct B0;

fn main() {}
