//! Values without names, and names without values.

#[efficientnet::model("efficientnet", "b0")]
struct B0;

#[efficientnet::model(spec, variant)]
struct B1;

#[efficientnet::model(spec =)]
struct B2;

fn main() {}
