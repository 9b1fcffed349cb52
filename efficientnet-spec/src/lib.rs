//! The spec, the scaled architecture and the layer graph of efficientnet.
//!
//! ```text
//! specs/*.yaml ─parse─▶ Spec ─scale(variant)─▶ Architecture ─build─▶ LayerGraph
//! ```

mod architecture;
mod graph;
mod layer;
mod limits;
mod place;
mod shape;

pub use architecture::{
    Activation, Architecture, ArchitectureFault, ArchitectureFaults, ArchitectureProblem, Block,
    Head, Options, Padding, Resolution, SqueezeExcite, Stem,
};
pub use graph::{GraphFault, GraphFaults, LayerGraph, LayerId, Top};
pub use layer::{Convolution, Depthwise, Layer, LayerOp, ShapeFault, Tensor};
pub use place::{Module, Part, Place, SubBlock};
pub use shape::{Pads, Shape};
