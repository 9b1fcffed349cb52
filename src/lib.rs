//! EfficientNet compiled into your binary: a YAML spec and a variant's name become Rust with every
//! shape, buffer and tile fixed at compile time.
//!
//! ```
//! use efficientnet::Model;
//!
//! #[efficientnet::model(spec = "efficientnet", variant = "b0")]
//! pub struct B0;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use efficientnet::{runtime::synthetic, spec};
//! # let text = spec::bundled("efficientnet").ok_or("it is bundled")?;
//! # let b0 = spec::Spec::parse(text, "b0")?.architecture("b0", &spec::Options::default())?;
//! # let tensors = spec::LayerGraph::build(&b0, spec::Top::With)?.all_tensors();
//! # let tensors: Vec<_> = tensors.into_iter().map(|it| (it.name, it.shape)).collect();
//! # let directory = std::env::temp_dir();
//! # let path = directory.join(format!("efficientnet_b0_{}.safetensors", std::process::id()));
//! # synthetic::write_safetensors(&path, &tensors, 0)?;
//! let model = B0::load(&path)?; // efficientnet_b0.safetensors, or of any other framework
//! # std::fs::remove_file(&path)?;
//! let mut workspace = B0::workspace();
//! let image = [0.0; 224 * 224 * 3]; // height, width, channels; normalised
//! let logits: &[f32; 1000] = model.forward(&image, &mut workspace);
//! # assert!(logits.iter().all(|logit| logit.is_finite()));
//!
//! // Many images: a thread a workspace.
//! let mut workspaces = [B0::workspace(), B0::workspace()];
//! let best = model.forward_batch(&[&image, &image], &mut workspaces, |_, logits| {
//!     (0..1000).max_by(|&a, &b| logits[a].total_cmp(&logits[b]))
//! });
//! assert_eq!(best[0], best[1]);
//! # Ok(())
//! # }
//! ```

// Generated code names this crate from outside.
extern crate self as efficientnet;

#[cfg(feature = "interpreter")]
pub mod interpreter;
#[cfg(feature = "interpreter")]
pub mod quantization;
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
    #[cfg(all(feature = "b0", feature = "bf16"))]
    #[doc = include_str!("../docs/bfloat16.md")]
    struct Bfloat16;
    #[cfg(feature = "int8")]
    #[doc = include_str!("../docs/quantization.md")]
    struct Quantization;
    #[cfg(feature = "testing")]
    #[doc = include_str!("../docs/snapshot-test.md")]
    struct SnapshotTest;
    #[doc = include_str!("../docs/regenerate.md")]
    struct Regenerate;
}
