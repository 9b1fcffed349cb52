//! Kernels, packed weights, checkpoints and images of efficientnet.
//!
//! Generated models depend on this crate alone: [`shaped`] is what they call, [`Model`] what they
//! implement.

pub mod checkpoint;
#[cfg(any(test, feature = "files"))]
pub mod files;
#[cfg(feature = "image")]
pub mod image;
pub mod kernels;
mod model;
#[cfg(feature = "npy")]
pub mod npy;
pub mod ops;
pub mod shaped;
#[cfg(any(test, feature = "testing"))]
pub mod synthetic;
pub mod weights;
pub mod workspace;

pub use kernels::{Activation, Isa};
pub use model::{Model, Padding};
