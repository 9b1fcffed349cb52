//! No spec.

#[efficientnet::model(variant = "b0")]
struct B0;

fn main() {}
