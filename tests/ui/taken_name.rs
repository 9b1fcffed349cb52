//! A name that the generated code needs itself.

#[efficientnet::model(spec = "efficientnet", variant = "b0")]
struct Model;

fn main() {}
