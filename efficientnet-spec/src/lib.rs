//! The spec, the scaled architecture and the layer graph of efficientnet.
//!
//! ```text
//! specs/*.yaml ─parse─▶ Spec ─scale(variant)─▶ Architecture ─build─▶ LayerGraph
//! ```

mod architecture;
mod layer;
mod place;
mod shape;

pub use architecture::{
    Activation, Architecture, Block, Head, Options, Padding, Resolution, SqueezeExcite, Stem,
};
pub use layer::{Convolution, Depthwise, Layer, LayerGraph, LayerId, LayerOp};
pub use place::{Module, Part, Place, SubBlock};
pub use shape::{Pads, Shape};
