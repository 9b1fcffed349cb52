//! EfficientNet compiled into your binary: a YAML spec and a variant's name become Rust with every
//! shape, buffer and tile fixed at compile time.
//!
//! ```no_run
//! #[efficientnet::model(spec = "efficientnet", variant = "b0")]
//! pub struct B0;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let model = B0::load("efficientnet_b0.safetensors")?;
//! let mut workspace = B0::workspace();
//! let image = [0.0; 224 * 224 * 3]; // height, width, channels; normalised
//! let logits: &[f32; 1000] = model.forward(&image, &mut workspace);
//! # let _ = logits;
//! # Ok(())
//! # }
//! ```

// Generated code names this crate from outside.
extern crate self as efficientnet;

#[cfg(feature = "interpreter")]
pub mod interpreter;
mod ready_made;
#[cfg(feature = "interpreter")]
pub mod reference;
#[cfg(feature = "testing")]
pub mod testing;

#[cfg(feature = "interpreter")]
pub use efficientnet_codegen as codegen;
pub use efficientnet_macros::{family, model};
pub use efficientnet_runtime as runtime;
pub use efficientnet_runtime::{Model, Threads};
#[cfg(feature = "interpreter")]
pub use efficientnet_spec as spec;
#[allow(
    unused_imports,
    unreachable_pub,
    reason = "there are none without their features"
)]
pub use ready_made::*;

/// Compiles the Rust of README and guide.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/declare-a-model.md")]
    struct DeclareAModel;
    #[doc = include_str!("../docs/load-what-you-have.md")]
    struct LoadWhatYouHave;
    #[doc = include_str!("../docs/backbone.md")]
    struct Backbone;
    #[cfg(feature = "b0")]
    #[doc = include_str!("../docs/bfloat16.md")]
    struct Bfloat16;
    #[cfg(feature = "testing")]
    #[doc = include_str!("../docs/snapshot-test.md")]
    struct SnapshotTest;
    #[doc = include_str!("../docs/regenerate.md")]
    struct Regenerate;
}
