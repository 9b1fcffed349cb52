//! Several faults inside the YAML, with file, line and column.

#[efficientnet::model(spec = "specs/faulty.yaml", variant = "b0")]
struct B0;

fn main() {}
