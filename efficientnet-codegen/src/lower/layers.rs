//! The table of packed layers: which tensors of the checkpoint each call reads, and their shapes.

use proc_macro2::TokenStream;
use quote::quote;

use super::int;
use crate::ir::{Affine, Filter};
use crate::plan::{Kernel, Plan};

/// `const LAYERS`, in the order in which the calls index it.
pub(super) fn table(plan: &Plan) -> TokenStream {
    let layers: Vec<TokenStream> = plan
        .calls
        .iter()
        .filter_map(|call| layer(&call.kernel))
        .collect();
    let count = int(layers.len());
    quote! {
        #[doc = " What each call's weights are packed from."]
        const LAYERS: [Layer; #count] = [#(#layers),*];
    }
}

fn layer(kernel: &Kernel) -> Option<TokenStream> {
    match kernel {
        Kernel::Convolution {
            input,
            out_channels,
            window,
            filter,
            ..
        } => {
            let (weight, affine) = names(filter);
            let (channels, kernel) = (int(input.channels), int(window.kernel));
            let out_channels = int(*out_channels);
            Some(quote! { Layer::convolution(#weight, #affine, #channels, #out_channels, #kernel) })
        }
        Kernel::Pointwise {
            input,
            out_channels,
            filter,
            ..
        } => {
            let (weight, affine) = names(filter);
            let (channels, out_channels) = (int(input.channels), int(*out_channels));
            Some(quote! { Layer::pointwise(#weight, #affine, #channels, #out_channels) })
        }
        Kernel::Depthwise {
            input,
            window,
            filter,
            ..
        } => {
            let (weight, affine) = names(filter);
            let (channels, kernel) = (int(input.channels), int(window.kernel));
            Some(quote! { Layer::depthwise(#weight, #affine, #channels, #kernel) })
        }
        Kernel::SqueezeExcite {
            channels,
            squeezed,
            reduce,
            expand,
            ..
        } => {
            let (reduce, expand) = (&reduce.weight, &expand.weight);
            let (channels, squeezed) = (int(*channels), int(*squeezed));
            Some(quote! { Layer::squeeze_excite(#reduce, #expand, #channels, #squeezed) })
        }
        Kernel::Dense {
            in_channels,
            out_channels,
            filter,
        } => {
            let weight = &filter.weight;
            let (in_channels, out_channels) = (int(*in_channels), int(*out_channels));
            Some(quote! { Layer::dense(#weight, #in_channels, #out_channels) })
        }
        Kernel::Mean { .. } => None,
    }
}

fn names(filter: &Filter) -> (&str, TokenStream) {
    let affine = match &filter.affine {
        Affine::None => quote! { Affine::None },
        Affine::Bias => quote! { Affine::Bias },
        Affine::Norm(norm) => quote! { Norm(#norm) },
    };
    (&filter.weight, affine)
}
