//! Hugging Face's names (transformers/models/efficientnet/modeling_efficientnet.py).

use crate::network::{Role, Site};

/// What a classifier's network has in front of its names; the network alone has not.
pub(super) const PREFIX: &str = "efficientnet.";

pub(super) fn layer(prefix: &str, site: &Site) -> String {
    let inside = |name| format!("{prefix}encoder.blocks.{}.{name}", site.sub_block.flat);
    match site.role {
        Role::Stem => format!("{prefix}embeddings.convolution"),
        Role::StemNorm => format!("{prefix}embeddings.batchnorm"),
        Role::Expand => inside("expansion.expand_conv"),
        Role::ExpandNorm => inside("expansion.expand_bn"),
        Role::Depthwise => inside("depthwise_conv.depthwise_conv"),
        Role::DepthwiseNorm => inside("depthwise_conv.depthwise_norm"),
        Role::Reduce => inside("squeeze_excite.reduce"),
        Role::Gate => inside("squeeze_excite.expand"),
        Role::Project => inside("projection.project_conv"),
        Role::ProjectNorm => inside("projection.project_bn"),
        Role::Head => format!("{prefix}encoder.top_conv"),
        Role::HeadNorm => format!("{prefix}encoder.top_bn"),
        Role::Classifier => "classifier".to_owned(),
    }
}
