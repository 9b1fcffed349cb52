//! The tables of layers: the tensors of the checkpoint that calls read, those that none needs, and
//! their shapes.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::calls::tokens_of;
use super::int;
#[cfg(feature = "text")]
use super::source::Verbatim;
use crate::ir::{Affine, Filter};
use crate::plan::{Codes, Precision, Quantization, WeightLayer};

/// A static table; one entry a line.
#[derive(Clone, Debug)]
pub(super) struct Table {
    name: &'static str,
    doc: &'static str,
    entries: Vec<String>,
}

impl Table {
    /// `LAYERS`, in the order in which the calls index it.
    pub(super) fn used(layers: &[WeightLayer]) -> Self {
        Self {
            name: "LAYERS",
            doc: " What the calls' weights are packed from.",
            entries: layers.iter().map(entry).collect(),
        }
    }

    /// `UNUSED_LAYERS`, or nothing where there are none.
    pub(super) fn unused(layers: &[WeightLayer]) -> Option<Self> {
        (!layers.is_empty()).then(|| Self {
            name: "UNUSED_LAYERS",
            doc: " Layers of the network that no output needs.",
            entries: layers.iter().map(entry).collect(),
        })
    }

    pub(super) fn tokens(&self) -> TokenStream {
        self.with_entries(self.entries.iter().map(|entry| tokens_of(entry)))
    }

    #[cfg(feature = "text")]
    pub(super) fn text(&self, verbatim: &mut Verbatim) -> TokenStream {
        let entries = self.entries.iter();
        self.with_entries(entries.map(|entry| verbatim.expression(entry.clone())))
    }

    fn with_entries(&self, entries: impl Iterator<Item = TokenStream>) -> TokenStream {
        let (name, doc) = (Ident::new(self.name, Span::call_site()), self.doc);
        let count = int(self.entries.len());
        quote! {
            #[doc = #doc]
            static #name: [Layer; #count] = [#(#entries),*];
        }
    }
}

fn entry(layer: &WeightLayer) -> String {
    let precision = match layer.precision() {
        Precision::F32 => String::new(),
        Precision::Bf16 => ".bf16()".to_owned(),
        Precision::Int8 => layer.quantization().map_or_else(String::new, scales),
    };
    let text = match layer {
        WeightLayer::Stem {
            filter,
            inputs,
            outputs,
            kernel,
            ..
        } => format!(
            "Layer::stem({}, {inputs}, {outputs}, {kernel})",
            names(filter)
        ),
        WeightLayer::Convolution {
            filter,
            inputs,
            outputs,
            kernel,
        } => format!(
            "Layer::convolution({}, {inputs}, {outputs}, {kernel})",
            names(filter)
        ),
        WeightLayer::Pointwise {
            filter,
            inputs,
            outputs,
            ..
        } => format!("Layer::pointwise({}, {inputs}, {outputs})", names(filter)),
        WeightLayer::Depthwise {
            filter,
            channels,
            kernel,
            ..
        } => format!("Layer::depthwise({}, {channels}, {kernel})", names(filter)),
        WeightLayer::SqueezeExcite {
            reduce,
            expand,
            channels,
            squeezed,
            ..
        } => format!(
            "Layer::squeeze_excite({:?}, {:?}, {channels}, {squeezed})",
            reduce.weight, expand.weight,
        ),
        WeightLayer::Dense {
            filter,
            inputs,
            outputs,
            ..
        } => format!("Layer::dense({:?}, {inputs}, {outputs})", filter.weight),
        WeightLayer::Activation { name } => format!("Layer::activation({name:?})"),
    };
    text + &precision
}

/// Such as `.int8_onto("blocks.1.1.conv_dw", "blocks.1.0.conv_pwl")`.
fn scales(Quantization { input, result }: &Quantization) -> String {
    match result {
        Codes::Own => format!(".int8({input:?})"),
        Codes::Onto(shortcut) => format!(".int8_onto({input:?}, {shortcut:?})"),
        Codes::Pooled(pooled) => format!(".int8_pooled({input:?}, {pooled:?})"),
        Codes::Floats => format!(".int8_to_f32({input:?})"),
    }
}

fn names(filter: &Filter) -> String {
    let affine = match &filter.affine {
        Affine::None => "Affine::None".to_owned(),
        Affine::Bias => "Affine::Bias".to_owned(),
        Affine::Norm(norm) => format!("Norm({norm:?})"),
    };
    format!("{:?}, {affine}", filter.weight)
}
