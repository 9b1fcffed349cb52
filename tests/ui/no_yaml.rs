//! A spec that is no YAML at all.

#[efficientnet::model(spec = "specs/no_yaml.yaml", variant = "b0")]
struct B0;

fn main() {}
