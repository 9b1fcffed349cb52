//! What a call costs: multiply-accumulates and weights.

use super::{Call, Kernel, Precision, WeightLayer};

impl Call {
    /// Multiply-accumulates of its products for one image; the calls' sum is
    /// [`Plan::macs`](super::Plan::macs).
    pub fn macs(&self) -> u64 {
        self.macs_of(|_| true)
    }

    /// Those of them that multiply values of a precision: a vector of floats stays f32, whatever it is multiplied
    /// with, and so do windows over codes, whose products are exact in floats.
    pub fn macs_in(&self, precision: Precision) -> u64 {
        self.macs_of(|layer| {
            let multiplied = match (&self.kernel, layer, layer.precision()) {
                (_, WeightLayer::Depthwise { .. }, _) => Precision::F32,
                (Kernel::SqueezeExcite { .. } | Kernel::Dense { .. }, _, Precision::Bf16) => {
                    Precision::F32
                }
                (_, _, packed) => packed,
            };
            multiplied == precision
        })
    }

    fn macs_of(&self, chosen: impl Fn(&WeightLayer) -> bool) -> u64 {
        let weights = self.kernel.products();
        let pixels = self.product_pixels();
        let products = weights.iter().zip(pixels);
        products
            .filter(|(layer, _)| chosen(layer))
            .map(|(layer, pixels)| layer.weights_len() as u64 * pixels as u64)
            .sum()
    }

    /// Bytes of its weights, without biases and without what packing adds.
    pub fn weights_bytes(&self) -> usize {
        let layers = self.kernel.products();
        let floats = layers
            .iter()
            .map(|layer| layer.precision().floats(layer.weights_len()));
        floats.sum::<usize>() * size_of::<f32>()
    }

    /// How many pixels each of its weight layers is multiplied for, in their order; most kernels have one.
    fn product_pixels(&self) -> [usize; 2] {
        let output = self.output_shape.pixels();
        match &self.kernel {
            Kernel::Stem { .. }
            | Kernel::Convolution { .. }
            | Kernel::Pointwise { .. }
            | Kernel::Depthwise { .. }
            | Kernel::SqueezeExcite { .. }
            | Kernel::Dense { .. }
            | Kernel::Mean { .. }
            | Kernel::Widen { .. }
            | Kernel::Quantize { .. }
            | Kernel::Dequantize { .. } => [output, 0],
            Kernel::PooledPointwise { input, .. } => [input.pixels(), 0],
            Kernel::DepthFirst { expanded, .. } => [expanded.pixels(), output],
        }
    }
}

impl WeightLayer {
    /// Weights, without biases: multiply-accumulates a pixel of output.
    fn weights_len(&self) -> usize {
        match *self {
            WeightLayer::Stem {
                inputs,
                outputs,
                kernel,
                ..
            }
            | WeightLayer::Convolution {
                inputs,
                outputs,
                kernel,
                ..
            } => kernel * kernel * inputs * outputs,
            WeightLayer::Pointwise {
                inputs, outputs, ..
            }
            | WeightLayer::Dense {
                inputs, outputs, ..
            } => inputs * outputs,
            WeightLayer::Depthwise {
                channels, kernel, ..
            } => kernel * kernel * channels,
            WeightLayer::SqueezeExcite {
                channels, squeezed, ..
            } => 2 * channels * squeezed,
            WeightLayer::Activation { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use efficientnet_spec::{
        Architecture, BUNDLED, LayerGraph, LayerOp, Options, Output, Spec, Top,
    };

    use crate::compile::{CompileError, compile};
    use crate::plan::{Call, Plan, Precision};

    fn bundled_variants() -> Vec<Architecture> {
        let mut variants = Vec::new();
        for (name, text) in BUNDLED {
            let spec = Spec::parse(text, name).unwrap();
            let names = spec.variants.iter().map(|variant| variant.name.to_string());
            variants
                .extend(names.map(|name| spec.architecture(&name, &Options::default()).unwrap()));
        }
        variants
    }

    /// The plan of the logits, where the network can have the precision.
    fn plan(architecture: &Architecture, precision: Precision) -> Option<Plan> {
        match compile(architecture, &[Output::Logits], precision) {
            Ok(compiled) => Some(compiled.plan),
            Err(CompileError::NotQuantizable { .. }) => None,
            Err(error) => panic!("{}: {error}", architecture.variant),
        }
    }

    /// Against the counts of the layers, which no pass has touched.
    #[test]
    fn calls_have_the_macs_of_the_layers_together() {
        for architecture in bundled_variants() {
            let plan = plan(&architecture, Precision::F32).unwrap();
            let layers = LayerGraph::build(&architecture, Top::With).unwrap();
            let macs: u64 = plan.calls.iter().map(Call::macs).sum();
            assert_eq!(macs, layers.total_macs(), "{}", architecture.variant);
            assert_eq!(macs, plan.macs, "{}", architecture.variant);
        }
    }

    /// Against the counts of the layers again: in int8 all but windows of one channel multiply codes, in bf16 no
    /// window does, nor the products of vectors.
    #[test]
    fn precisions_share_the_macs() {
        let mut quantized = 0;
        for architecture in bundled_variants() {
            let layers = LayerGraph::build(&architecture, Top::With).unwrap();
            let windows: u64 = layers
                .layers()
                .filter(|(_, layer)| matches!(layer.op, LayerOp::Depthwise(_)))
                .map(|(id, _)| layers.macs(id))
                .sum();
            for (precision, _) in Precision::NAMES {
                let Some(plan) = plan(&architecture, precision) else {
                    continue;
                };
                let in_precision =
                    |precision| plan.calls.iter().map(|call| call.macs_in(precision)).sum();
                let [f32, bf16, int8]: [u64; 3] =
                    Precision::NAMES.map(|(precision, _)| in_precision(precision));
                let name = format!("{} in {precision}", architecture.variant);
                assert_eq!(f32 + bf16 + int8, plan.macs, "{name}");
                match precision {
                    Precision::F32 => assert_eq!((bf16, int8), (0, 0), "{name}"),
                    Precision::Bf16 => {
                        assert_eq!(int8, 0, "{name}");
                        assert!(bf16 > 0 && f32 > windows, "{name}: {bf16} and {f32}");
                    }
                    Precision::Int8 => {
                        assert_eq!((f32, bf16), (windows, 0), "{name}");
                        quantized += 1;
                    }
                }
            }
        }
        assert_eq!(quantized, 6, "lite0 to lite4 and mobilenetv2_100");
    }
}
