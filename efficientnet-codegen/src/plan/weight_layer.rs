//! What weights are packed from.

use super::{Kernel, Plan};
use crate::ir::Filter;

/// The tensors of one kernel call's weights, by name and extents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WeightLayer {
    /// A dense convolution.
    Convolution {
        /// Names.
        filter: Filter,
        /// Input channels.
        inputs: usize,
        /// Filters.
        outputs: usize,
        /// Kernel size in pixels.
        kernel: usize,
    },
    /// A dense convolution of one pixel.
    Pointwise {
        /// Names.
        filter: Filter,
        /// Input channels.
        inputs: usize,
        /// Filters.
        outputs: usize,
    },
    /// One filter a channel.
    Depthwise {
        /// Names.
        filter: Filter,
        /// Channels.
        channels: usize,
        /// Kernel size in pixels.
        kernel: usize,
    },
    /// Both products of squeeze and excite.
    SqueezeExcite {
        /// Names of the first product.
        reduce: Filter,
        /// Names of the second product.
        expand: Filter,
        /// Length of sums and gate.
        channels: usize,
        /// Length in between.
        squeezed: usize,
    },
    /// The classifier.
    Dense {
        /// Names.
        filter: Filter,
        /// Input length.
        inputs: usize,
        /// Output length.
        outputs: usize,
    },
}

impl Kernel {
    /// What its weights are packed from, where it has any.
    pub fn weights(&self) -> Option<WeightLayer> {
        match self.clone() {
            Kernel::Convolution {
                input,
                out_channels,
                window,
                filter,
                ..
            } => Some(WeightLayer::Convolution {
                filter,
                inputs: input.channels,
                outputs: out_channels,
                kernel: window.kernel,
            }),
            Kernel::Pointwise {
                input,
                out_channels,
                filter,
                ..
            } => Some(WeightLayer::Pointwise {
                filter,
                inputs: input.channels,
                outputs: out_channels,
            }),
            Kernel::Depthwise {
                input,
                window,
                filter,
                ..
            } => Some(WeightLayer::Depthwise {
                filter,
                channels: input.channels,
                kernel: window.kernel,
            }),
            Kernel::SqueezeExcite {
                channels,
                squeezed,
                reduce,
                expand,
                ..
            } => Some(WeightLayer::SqueezeExcite {
                reduce,
                expand,
                channels,
                squeezed,
            }),
            Kernel::Dense {
                in_channels,
                out_channels,
                filter,
            } => Some(WeightLayer::Dense {
                filter,
                inputs: in_channels,
                outputs: out_channels,
            }),
            Kernel::Mean { .. } => None,
        }
    }
}

impl Plan {
    /// What each call's weights are packed from, in the order in which calls index them.
    pub fn layers(&self) -> Vec<WeightLayer> {
        let kernels = self.calls.iter().map(|call| &call.kernel);
        kernels.filter_map(Kernel::weights).collect()
    }
}
