//! Sizes beyond all bounds, each at the argument that asks for it.

#[efficientnet::model(
    spec = "efficientnet",
    variant = "b0",
    classes = 1000000000,
    resolution = [100000, 224],
    in_channels = 99999999
)]
struct B0;

#[efficientnet::model(spec = "efficientnet", variant = "b0", resolution = 50000)]
struct Huge;

fn main() {}
