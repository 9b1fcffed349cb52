//! Something behind the last value.

#[efficientnet::model(spec = "efficientnet", variant = "b0" "b1")]
struct B0;

fn main() {}
