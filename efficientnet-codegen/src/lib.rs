//! Passes, plan and Rust lowering of efficientnet.
//!
//! ```text
//! LayerGraph ─select─▶ KernelGraph ─passes─▶ KernelGraph ─schedule─▶ Plan ─passes─▶ Plan ─lower─▶ Rust
//! ```
//!
//! Pure: no files, no environment, no panics on bad input.

mod caches;
mod compile;
#[cfg(test)]
mod fixture;
pub mod ir;
pub mod lower;
pub mod passes;
pub(crate) mod place;
pub mod plan;

pub use compile::{CompileError, Compiled, compile};
