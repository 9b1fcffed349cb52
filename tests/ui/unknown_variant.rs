//! A variant that the spec does not have, near to one that it has and near to none.

#[efficientnet::model(spec = "lite", variant = "lite9")]
struct B0;

#[efficientnet::model(spec = "efficientnet", variant = "resnet50")]
struct ResNet;

fn main() {}
