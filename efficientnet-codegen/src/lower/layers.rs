//! The table of packed layers: which tensors of the checkpoint each call reads, and their shapes.

use proc_macro2::TokenStream;
use quote::quote;

use super::calls::tokens_of;
use super::int;
use super::source::Verbatim;
use crate::ir::{Affine, Filter};
use crate::plan::{Kernel, Plan};

/// `static LAYERS`, in the order in which the calls index it; one entry a line.
#[derive(Clone, Debug)]
pub(super) struct Table(Vec<String>);

impl Table {
    pub(super) fn new(plan: &Plan) -> Self {
        Self(
            plan.calls
                .iter()
                .filter_map(|call| layer(&call.kernel))
                .collect(),
        )
    }

    pub(super) fn tokens(&self) -> TokenStream {
        self.with_entries(self.0.iter().map(|entry| tokens_of(entry)))
    }

    pub(super) fn text(&self, verbatim: &mut Verbatim) -> TokenStream {
        self.with_entries(
            self.0
                .iter()
                .map(|entry| verbatim.expression(entry.clone())),
        )
    }

    fn with_entries(&self, entries: impl Iterator<Item = TokenStream>) -> TokenStream {
        let count = int(self.0.len());
        quote! {
            #[doc = " What each call's weights are packed from."]
            static LAYERS: [Layer; #count] = [#(#entries),*];
        }
    }
}

fn layer(kernel: &Kernel) -> Option<String> {
    match kernel {
        Kernel::Convolution {
            input,
            out_channels,
            window,
            filter,
            ..
        } => Some(format!(
            "Layer::convolution({}, {}, {out_channels}, {})",
            names(filter),
            input.channels,
            window.kernel,
        )),
        Kernel::Pointwise {
            input,
            out_channels,
            filter,
            ..
        } => Some(format!(
            "Layer::pointwise({}, {}, {out_channels})",
            names(filter),
            input.channels
        )),
        Kernel::Depthwise {
            input,
            window,
            filter,
            ..
        } => Some(format!(
            "Layer::depthwise({}, {}, {})",
            names(filter),
            input.channels,
            window.kernel,
        )),
        Kernel::SqueezeExcite {
            channels,
            squeezed,
            reduce,
            expand,
            ..
        } => Some(format!(
            "Layer::squeeze_excite({:?}, {:?}, {channels}, {squeezed})",
            reduce.weight, expand.weight,
        )),
        Kernel::Dense {
            in_channels,
            out_channels,
            filter,
        } => Some(format!(
            "Layer::dense({:?}, {in_channels}, {out_channels})",
            filter.weight
        )),
        Kernel::Mean { .. } => None,
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
