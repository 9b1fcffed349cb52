//! The procedural macros of efficientnet: they read arguments and the spec, call the code generator and
//! report errors at spans. Use them through the crate `efficientnet`.

mod arguments;
mod errors;
mod expand;
mod item;
mod spec_file;
mod weights_file;

use proc_macro::TokenStream;

/// Declares a model: a unit struct becomes a network with static shapes.
///
/// ```
/// use efficientnet::Model;
///
/// #[efficientnet::model(spec = "efficientnet", variant = "b0", resolution = [192, 256])]
/// pub struct B0;
///
/// # fn main() {
/// assert_eq!(B0::INPUT_SHAPE, [192, 256, 3]);
/// assert_eq!((B0::CLASSES, B0::PARAMETERS), (1000, 5_288_548));
/// # }
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
/// | `outputs` | `"logits"`, `"features"` (pooled, before the classifier), a feature map: `"stem"`, `"block1"` and so on, `"head"`; or several: `["block2", "block3"]` | `"logits"` |
/// | `precision` | `"f32"`; `"bf16"` with the feature `bf16`: maps and matrices of bfloat16, sums of f32; `"int8"` with the feature `int8`: a quantised checkpoint of a network with relu or relu6 and without squeeze and excite, such as `lite0` | `"f32"` |
/// | `bn_eps` | batch-norm epsilon, such as `1e-3` | that of the checkpoint's flavour |
/// | `weights` | path of a checkpoint from the crate's root, in any format that `load` reads: checked now, part of the binary | none |
///
/// The type implements `efficientnet::Model` and has `load`, `workspace` and `forward` as methods of
/// its own. Editing the YAML file recompiles the crate.
///
/// Only what the outputs need is computed, and weights of other layers may be in the checkpoint or not.
/// A block's map is the one behind its last sub-block: strides 2, 4, 8, 16 and 32 of B0 to B7 are
/// `block1`, `block2`, `block3`, `block5` and `block7`, as in timm's `features_only`. One output is a
/// flat array, height * width * channels of a map; several come as fields of a struct, which is called
/// as the model with `Outputs` behind it.
///
/// With `weights`, the type has a method `embedded`, which packs the weights in the binary.
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

/// Declares all variants of a spec: `b0` as a public type `B0`, and so on.
///
/// ```
/// use efficientnet::Model;
///
/// efficientnet::family! { spec = "efficientnet", variants = ["b0", "b1"], classes = 10 }
///
/// # fn main() {
/// assert_eq!((B0::NAME, B1::NAME), ("efficientnet-b0", "efficientnet-b1"));
/// assert!(B0::MACS < B1::MACS);
/// # }
/// ```
///
/// Arguments are those of [`macro@model`] for all variants alike, without `variant` and `weights`;
/// `variants` chooses some.
///
/// # Errors
/// As for [`macro@model`].
#[proc_macro]
pub fn family(arguments: TokenStream) -> TokenStream {
    expand::family(arguments.into()).into()
}
