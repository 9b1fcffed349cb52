//! No variant.

#[efficientnet::model(spec = "efficientnet")]
struct B0;

fn main() {}
