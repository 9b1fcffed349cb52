//! Faults of blocks, each with what to do about it.

#[efficientnet::model(spec = "specs/faulty_blocks.yaml", variant = "t0")]
struct T0;

fn main() {}
