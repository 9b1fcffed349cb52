//! Passes, plan and Rust lowering of efficientnet.
//!
//! ```text
//! LayerGraph ─select─▶ KernelGraph ─passes─▶ KernelGraph ─schedule─▶ Plan ─passes─▶ Plan ─lower─▶ Rust
//! ```
//!
//! Pure: no files, no environment, no panics on bad input. What reads and writes files stands apart,
//! behind features: with `files`, specs are read from files; with `build-script`, models are generated
//! into files, by `Builder` from build scripts. `text` has the same text without files.

#[cfg(feature = "build-script")]
mod builder;
mod caches;
mod compile;
#[cfg(test)]
mod fixture;
#[cfg(feature = "text")]
pub mod generate;
pub mod ir;
pub mod lower;
pub mod names;
#[cfg(feature = "text")]
mod origin;
pub mod passes;
pub(crate) mod place;
pub mod plan;
mod quantizable;
#[cfg(feature = "files")]
pub mod spec_file;
#[cfg(feature = "build-script")]
mod write;

#[cfg(feature = "build-script")]
pub use builder::{BuildError, Builder};
pub use compile::{CompileError, Compiled, compile, compile_unfused};
/// How strided convolutions pad, for [`Builder::padding`].
#[cfg(feature = "build-script")]
pub use efficientnet_spec::Padding;
#[cfg(feature = "build-script")]
pub use write::{WriteError, create_directory};
