//! Derives of what weights do not have.

#[efficientnet::model(spec = "efficientnet", variant = "b0")]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct B0;

fn main() {}
