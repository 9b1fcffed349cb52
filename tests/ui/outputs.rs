//! Outputs that the network does not have, twice, none at all, and of the wrong type.

#[efficientnet::model(spec = "efficientnet", variant = "b0", outputs = "feature")]
struct Typo;

#[efficientnet::model(
    spec = "efficientnet",
    variant = "b0",
    outputs = ["block2", "block8", "pyramid", "block2"]
)]
struct Several;

#[efficientnet::model(spec = "efficientnet", variant = "b0", outputs = [])]
struct Nothing;

#[efficientnet::model(spec = "efficientnet", variant = "b0", outputs = 3)]
struct Number;

#[efficientnet::model(spec = "efficientnet", variant = "b0", outputs = ["block1", block2])]
struct Names;

fn main() {}
