//! The procedural macros of efficientnet: they read arguments and the spec, call the code generator and
//! report errors at spans. Use them through the crate `efficientnet`.

mod arguments;
mod errors;
mod expand;
mod item;
mod spec_file;

use proc_macro::TokenStream;

/// Declares a model: a unit struct becomes a network with static shapes.
///
/// ```ignore
/// #[efficientnet::model(spec = "specs/efficientnet.yaml", variant = "b0")]
/// pub struct B0;
/// ```
///
/// | argument | value | default |
/// | --- | --- | --- |
/// | `spec` | path of a YAML spec from the crate's root, or the name of a bundled one: `"efficientnet"`, `"lite"` | required |
/// | `variant` | a variant of the spec, such as `"b0"` | required |
/// | `classes` | length of the logits | the spec's |
/// | `resolution` | `224`, or `[height, width]`, in pixels | the variant's |
/// | `in_channels` | channels of the input | the spec's |
/// | `padding` | `"symmetric"` as in torchvision and timm's `efficientnet_*`, `"same"` as in TensorFlow, Keras and timm's `tf_efficientnet_*` | `"symmetric"` |
///
/// The type implements `efficientnet::Model` and has `load`, `workspace` and `forward` as methods of
/// its own. Editing the YAML file recompiles the crate.
///
/// Other attributes of the struct stay: docs, `cfg`, lints, and derives of what weights have, which
/// are `Debug` and `Clone`. Derives stand below `model`, because it gives the struct its fields.
///
/// # Errors
/// Every mistake is a compile error at the argument it is about; a fault inside the YAML is reported
/// at the `spec` argument with file, line and column.
#[proc_macro_attribute]
pub fn model(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::model(arguments.into(), item.into()).into()
}
