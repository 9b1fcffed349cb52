//! The tables of layers: the tensors of the checkpoint that calls read, those that none needs, and
//! their shapes.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::calls::tokens_of;
use super::int;
#[cfg(feature = "text")]
use super::source::Verbatim;
use crate::ir::{Affine, Filter};
use crate::plan::{Precision, WeightLayer};

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
        Precision::F32 => "",
        Precision::Bf16 => ".bf16()",
    };
    let layer = match layer {
        WeightLayer::Stem {
            filter,
            inputs,
            outputs,
            kernel,
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
    };
    layer + precision
}

fn names(filter: &Filter) -> String {
    let affine = match &filter.affine {
        Affine::None => "Affine::None".to_owned(),
        Affine::Bias => "Affine::Bias".to_owned(),
        Affine::Norm(norm) => format!("Norm({norm:?})"),
    };
    format!("{:?}, {affine}", filter.weight)
}
