//! Checkpoints to embed that are not the model's.

#[efficientnet::model(spec = "efficientnet", variant = "b0", weights = "weights/timm.safetensors")]
pub struct OtherVariant;

#[efficientnet::model(
    spec = "specs/tiny.yaml",
    variant = "tiny",
    classes = 10,
    weights = "weights/torchvision.f16.pth"
)]
pub struct OtherClasses;

#[efficientnet::model(spec = "specs/tiny.yaml", variant = "tiny", weights = "weights/keras_plain.h5")]
pub struct OtherPadding;

#[efficientnet::model(spec = "specs/tiny.yaml", variant = "tiny", weights = "weights/no_such.pth")]
pub struct Missing;

#[efficientnet::model(spec = "specs/tiny.yaml", variant = "tiny", weights = "specs/tiny.yaml")]
pub struct NoCheckpoint;

fn main() {}
