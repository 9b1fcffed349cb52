//! Values of the right type that no network has.

#[efficientnet::model(
    spec = "efficientnet",
    variant = "b0",
    classes = 0,
    resolution = 0,
    in_channels = -3,
    padding = "valid"
)]
struct B0;

#[efficientnet::model(
    spec = "efficientnet",
    variant = "b0",
    resolution = [224, 0],
    padding = "symetric",
    precision = "fp16"
)]
struct B1;

fn main() {}
