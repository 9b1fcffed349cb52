//! Kernels, packed weights, checkpoints and images of efficientnet.
//!
//! Generated models depend on this crate alone: [`shaped`] is what they call, [`Model`] what they
//! implement.

mod aligned;
pub mod batch;
mod hash;
#[cfg(feature = "image")]
pub mod image;
pub mod kernels;
mod model;
pub mod ops;
pub mod shaped;
#[cfg(any(test, feature = "synthetic"))]
pub mod synthetic;
pub mod weights;
pub mod workspace;

pub use efficientnet_checkpoint as checkpoint;
pub use efficientnet_checkpoint::Padding;
#[cfg(any(test, feature = "files"))]
pub use efficientnet_checkpoint::files;
#[cfg(feature = "npy")]
pub use efficientnet_checkpoint::npy;
pub use kernels::{Activation, Isa, Threads};
pub use model::{Model, OutputShape};
