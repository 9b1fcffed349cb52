//! Mistakes in the item and in the arguments come together.

#[efficientnet::model(spec = "efficientnet", variant = "b0", size = 224, classes = 0)]
struct Generic<const N: usize>;

fn main() {}
