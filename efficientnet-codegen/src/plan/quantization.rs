//! Quantisation: the names under which a quantised checkpoint has the scales of codes.
//!
//! A tensor of codes is called after the layer that writes it, in timm's names: as its weights. The network's input
//! and the pooled vector have names of their own. Nothing else is stored, so that calls cannot disagree.

use std::mem;

use super::{BufferId, Call, Kernel, Plan, Precision, Storage, WeightLayer};

/// Name of the network's input.
pub const INPUT: &str = "input";

/// Name of the pooled vector.
pub const POOLED: &str = "global_pool";

/// Which scales a layer's weights are packed with, beside its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantization {
    /// Name of the codes that it multiplies.
    pub input: String,
    /// What it makes of the products.
    pub result: Codes,
}

/// What a layer of int8 gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codes {
    /// Codes under its own name.
    Own,
    /// Codes under its own name, with the shortcut of this name added.
    Onto(String),
    /// Means over the pixels of codes under its own name, as codes of this name.
    Pooled(String),
    /// Floats.
    Floats,
}

impl Plan {
    /// What a call's weights are packed from, in the order in which it takes them; of a call that makes codes or
    /// floats, whose scale it takes.
    pub fn weights(&self, call: &Call) -> Vec<WeightLayer> {
        let scaled = match call.kernel {
            Kernel::Quantize { .. } => Some(call.output),
            Kernel::Dequantize { .. } => Some(call.input),
            _ => None,
        };
        if let Some(codes) = scaled {
            let name = self.name(codes);
            return vec![WeightLayer::Activation { name }];
        }
        let mut layers = call.kernel.products();
        if self.buffer(call.input).precision != Precision::Int8 {
            return layers;
        }
        let mut input = self.name(call.input);
        let last = layers.len().saturating_sub(1);
        for (index, layer) in layers.iter_mut().enumerate() {
            let result = match index == last {
                true => self.result(call),
                false => Codes::Own,
            };
            let given = layer.tensor().to_owned();
            let input = mem::replace(&mut input, given);
            layer.quantize(Quantization { input, result });
        }
        layers
    }

    /// What the calls' weights are packed from, in the order in which calls index them.
    pub fn layers(&self) -> Vec<WeightLayer> {
        let calls = self.calls.iter();
        calls.flat_map(|call| self.weights(call)).collect()
    }

    /// What a call's last product becomes.
    fn result(&self, call: &Call) -> Codes {
        match (&call.kernel, call.kernel.residual()) {
            (Kernel::Dense { .. }, _) => Codes::Floats,
            (Kernel::PooledPointwise { .. }, _) => Codes::Pooled(self.name(call.output)),
            (_, Some(shortcut)) => Codes::Onto(self.name(shortcut)),
            (_, None) => Codes::Own,
        }
    }

    /// The name of a tensor's codes, by the call that writes it. One that is always floats has none, and the verifier
    /// finds who reads codes of it.
    fn name(&self, id: BufferId) -> String {
        let writer = self.calls.iter().find(|call| call.output == id);
        let name = writer.map_or("", |call| match &call.kernel {
            Kernel::Quantize { .. } => match self.buffer(call.input).storage {
                Storage::Input => INPUT,
                Storage::Unplaced | Storage::Arena(_) => POOLED,
            },
            Kernel::PooledPointwise { .. } => POOLED,
            Kernel::Stem { filter, .. }
            | Kernel::Pointwise { filter, .. }
            | Kernel::Depthwise { filter, .. }
            | Kernel::DepthFirst { filter, .. } => &filter.weight,
            Kernel::Convolution { .. }
            | Kernel::SqueezeExcite { .. }
            | Kernel::Mean { .. }
            | Kernel::Dense { .. }
            | Kernel::Widen { .. }
            | Kernel::Dequantize { .. } => "",
        });
        name.to_owned()
    }
}
