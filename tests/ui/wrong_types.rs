//! Every argument with a value of the wrong type; all errors come together.

#[efficientnet::model(
    spec = 3,
    variant = b0,
    classes = "x",
    resolution = [1, 2, 3],
    in_channels = 3.0,
    padding = same,
    precision = 16
)]
struct B0;

fn main() {}
