//! Names of `efficientnet_pytorch` (efficientnet_pytorch/model.py).

use crate::network::{Role, Site};

pub(super) fn layer(site: &Site) -> String {
    let inside = |name| format!("_blocks.{}.{name}", site.sub_block.flat);
    match site.role {
        Role::Stem => "_conv_stem".to_owned(),
        Role::StemNorm => "_bn0".to_owned(),
        Role::Expand => inside("_expand_conv"),
        Role::ExpandNorm => inside("_bn0"),
        Role::Depthwise => inside("_depthwise_conv"),
        Role::DepthwiseNorm => inside("_bn1"),
        Role::Reduce => inside("_se_reduce"),
        Role::Gate => inside("_se_expand"),
        Role::Project => inside("_project_conv"),
        Role::ProjectNorm => inside("_bn2"),
        Role::Head => "_conv_head".to_owned(),
        Role::HeadNorm => "_bn1".to_owned(),
        Role::Classifier => "_fc".to_owned(),
    }
}
