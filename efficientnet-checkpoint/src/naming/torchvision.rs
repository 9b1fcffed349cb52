//! torchvision's names (torchvision/models/efficientnet.py): positions in nested `Sequential`s.

use crate::network::{Role, Site};

pub(super) fn layer(site: &Site) -> String {
    let at = &site.sub_block;
    // A sub-block's parts have numbers in order, of those that it has; so have the stages, between the
    // stem and the head.
    let (depthwise, squeeze) = (usize::from(at.expands), usize::from(at.expands) + 1);
    let project = squeeze + usize::from(at.squeezes);
    let block = format!("features.{}.{}.block", at.stage + 1, at.index);
    let head = site.stages + 1;
    match site.role {
        Role::Stem => "features.0.0".to_owned(),
        Role::StemNorm => "features.0.1".to_owned(),
        Role::Expand => format!("{block}.0.0"),
        Role::ExpandNorm => format!("{block}.0.1"),
        Role::Depthwise => format!("{block}.{depthwise}.0"),
        Role::DepthwiseNorm => format!("{block}.{depthwise}.1"),
        Role::Reduce => format!("{block}.{squeeze}.fc1"),
        Role::Gate => format!("{block}.{squeeze}.fc2"),
        Role::Project => format!("{block}.{project}.0"),
        Role::ProjectNorm => format!("{block}.{project}.1"),
        Role::Head => format!("features.{head}.0"),
        Role::HeadNorm => format!("features.{head}.1"),
        Role::Classifier => "classifier.1".to_owned(),
    }
}
