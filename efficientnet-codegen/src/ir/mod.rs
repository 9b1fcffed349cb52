//! The kernel graph: what one inference computes, as nodes that passes fuse until each is one kernel call.

mod depth_first;
mod graph;
mod op;
mod select;
mod text;
mod verify;

pub use depth_first::{Obstacle, Producer};
pub use graph::{Edge, KernelGraph, KernelId, NamedOutput, Node, Operand, Port};
pub use op::{Affine, Filter, GateMode, Identity, Matrix, Op, Shape, Window};
pub use select::select;
pub use verify::Fault;
