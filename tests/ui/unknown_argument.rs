//! A typo in an argument name, and a name that is near to nothing.

#[efficientnet::model(spec = "efficientnet", variant = "b0", resolutoin = 224, weight = "x")]
struct B0;

fn main() {}
