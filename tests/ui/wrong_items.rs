//! Items that cannot become a model.

#[efficientnet::model(spec = "efficientnet", variant = "b0")]
enum Choice {
    B0,
}

#[efficientnet::model(spec = "efficientnet", variant = "b0")]
struct Fields {
    weights: Vec<f32>,
}

#[efficientnet::model(spec = "efficientnet", variant = "b0")]
struct Tuple(f32);

#[efficientnet::model(spec = "efficientnet", variant = "b0")]
struct Generic<const N: usize>;

#[efficientnet::model(spec = "efficientnet", variant = "b0")]
fn function() {}

#[efficientnet::model(spec = "efficientnet", variant = "b0")]
#[efficientnet::model(spec = "efficientnet", variant = "b0")]
struct Twice;

fn main() {}
