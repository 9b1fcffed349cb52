//! The spec, the scaled architecture and the layer graph of efficientnet.
//!
//! ```text
//! specs/*.yaml ─parse─▶ Spec ─scale(variant)─▶ Architecture ─build─▶ LayerGraph
//! ```
//!
//! Each stage is a type of its own that prints as text and has a verifier. Nothing here reads or
//! writes files.
//!
//! ```
//! use efficientnet_spec::{LayerGraph, Options, Spec, Top, bundled};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let text = bundled("efficientnet").ok_or("no such spec")?;
//! let spec = Spec::parse(text, "specs/efficientnet.yaml")?;
//! let architecture = spec.architecture("b0", &Options::default())?;
//! let graph = LayerGraph::build(&architecture, Top::With)?;
//! assert_eq!(graph.total_trainable_parameters(), 5_288_548);
//! # Ok(())
//! # }
//! ```

mod architecture;
mod bundled;
mod diagnostics;
mod faults;
mod graph;
mod layer;
mod limits;
mod output;
mod place;
mod shape;
mod spec;
mod words;
mod yaml;

pub use architecture::{
    Activation, Architecture, ArchitectureFault, ArchitectureFaults, ArchitectureProblem, Block,
    BlockKind, ExpandOf, ExpandedChannels, Expansion, Head, Options, Padding, Resolution, Rounded,
    Rounding, SqueezeExcite, SqueezeOf, SqueezeWidth, Stem,
};
pub use bundled::{BUNDLED, bundled};
pub use diagnostics::{Diagnostic, Fault, SpecErrors, nearest};
pub use faults::Faults;
pub use graph::{GraphFault, GraphFaults, LayerGraph, LayerId, Top};
pub use layer::{Convolution, Depthwise, Layer, LayerOp, ShapeFault, Tensor};
pub use output::{Output, OutputError};
pub use place::{Module, Part, Place, SubBlock, label};
pub use shape::{Pads, Shape};
#[cfg(feature = "schema")]
pub use spec::schema;
pub use spec::{
    ArchitectureError, BlockBody, BlockSpec, Candidate, Channels, Classes, Coefficient,
    CompoundError, Derivation, ExpandRatio, ExpandSpec, Exponents, Factors, Floor, Frontier,
    HeadSpec, Kernel, Name, NonEmpty, Rate, Repeats, ScaledChannels, ScaledRepeats, Scaling,
    Search, SearchError, Share, Side, Size, Spec, SpecFault, SpecFaults, SqueezeSpec, StemSpec,
    Stride, ValueError, Variant,
};
