//! timm's names (timm/models/efficientnet.py, _efficientnet_blocks.py), which models go by.

use super::torch;
use crate::network::{Parameter, Role, Site};

/// Layers outside the sub-blocks.
const OUTSIDE: &[(&str, Role)] = &[
    ("conv_stem", Role::Stem),
    ("bn1", Role::StemNorm),
    ("conv_head", Role::Head),
    ("bn2", Role::HeadNorm),
    ("classifier", Role::Classifier),
];

/// Layers of `InvertedResidual`, which expands.
const EXPANDING: &[(&str, Role)] = &[
    ("conv_pw", Role::Expand),
    ("bn1", Role::ExpandNorm),
    ("conv_dw", Role::Depthwise),
    ("bn2", Role::DepthwiseNorm),
    ("se.conv_reduce", Role::Reduce),
    ("se.conv_expand", Role::Gate),
    (EXPANDS, Role::Project),
    ("bn3", Role::ProjectNorm),
];

/// Layers of `DepthwiseSeparableConv`.
const SEPARABLE: &[(&str, Role)] = &[
    ("conv_dw", Role::Depthwise),
    ("bn1", Role::DepthwiseNorm),
    ("se.conv_reduce", Role::Reduce),
    ("se.conv_expand", Role::Gate),
    ("conv_pw", Role::Project),
    ("bn2", Role::ProjectNorm),
];

/// The layer that only sub-blocks with an expansion have.
pub(crate) const EXPANDS: &str = "conv_pwl";

/// What the names of squeeze-excite's layers begin with.
pub(crate) const SQUEEZES: &str = "se.";

/// Stage and number of a sub-block's tensor, and the name of its layer inside the sub-block.
pub(crate) fn sub_block(name: &str) -> Option<((usize, usize), &str)> {
    let mut parts = name.strip_prefix("blocks.")?.splitn(3, '.');
    let mut number = || parts.next()?.parse().ok();
    let at = (number()?, number()?);
    let (layer, _) = parts.next()?.rsplit_once('.')?;
    Some((at, layer))
}

/// What a tensor is; `expands` says so of its sub-block.
pub(crate) fn parse(name: &str, expands: bool) -> Option<(Role, Parameter)> {
    let (path, variable) = name.rsplit_once('.')?;
    let (layer, layers) = match sub_block(name) {
        Some((_, layer)) => (layer, inside(expands)),
        None => (path, OUTSIDE),
    };
    let &(_, role) = layers.iter().find(|(name, _)| *name == layer)?;
    Some((role, torch::parameter(role.kind(), variable)?))
}

pub(super) fn layer(site: &Site) -> String {
    let named = |layers: &'static [(&str, Role)]| {
        let found = layers.iter().find(|(_, role)| *role == site.role);
        found.map(|&(name, _)| name)
    };
    match named(OUTSIDE) {
        Some(name) => name.to_owned(),
        None => {
            let at = &site.sub_block;
            let name = named(inside(at.expands)).unwrap_or_default();
            format!("blocks.{}.{}.{name}", at.stage, at.index)
        }
    }
}

fn inside(expands: bool) -> &'static [(&'static str, Role)] {
    if expands { EXPANDING } else { SEPARABLE }
}
