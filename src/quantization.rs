//! Post-training quantisation: a float network and a few images in, a checkpoint of bytes out.
//!
//! The arithmetic is that of Jacob et al., "Quantization and Training of Neural Networks for Efficient
//! Integer-Arithmetic-Only Inference" (2018, section 2): an activation is a map of bytes `q` with one scale and
//! one zero point, `scale * (q - zero_point)`; a filter's weights are signed bytes with a scale of its own.

mod checkpoint;
mod range;

use std::collections::BTreeMap;

use efficientnet_codegen::plan::{Call, INPUT, Kernel, POOLED, Precision};
use efficientnet_codegen::{CompileError, compile, compile_unfused};
use efficientnet_runtime::checkpoint::Checkpoint;
use efficientnet_runtime::kernels::Coding;
use efficientnet_runtime::weights::{FoldedFilter, LoadError, LoadOptions, folded};
use efficientnet_spec::{Architecture, Output};

use crate::interpreter::{Interpreter, Workspace, with_network};
use range::Range;

/// What the activations of a network are like, seen image by image, and its weights.
///
/// ```
/// use efficientnet::quantization::Calibration;
/// use efficientnet::runtime::weights::LoadOptions;
/// use efficientnet::spec::{LayerGraph, Options, Resolution, Spec, Top, bundled};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let spec = Spec::parse(bundled("lite").ok_or("it is bundled")?, "lite.yaml")?;
/// let options = Options {
///     resolution: Some(Resolution { height: 32, width: 32 }),
///     ..Options::default()
/// };
/// let architecture = spec.architecture("lite0", &options)?;
/// # let tensors = LayerGraph::build(&architecture, Top::With)?.all_tensors().into_iter();
/// # let tensors: Vec<_> = tensors.map(|tensor| (tensor.name, tensor.shape)).collect();
/// # let checkpoint = efficientnet::runtime::synthetic::checkpoint(&tensors, 0)?;
/// // `checkpoint` is open: of any flavour, here with synthetic weights.
/// let mut calibration = Calibration::new(&architecture, &checkpoint, &LoadOptions::default())?;
/// let images = [vec![-1.0; 32 * 32 * 3], vec![0.5; 32 * 32 * 3]]; // normalised, as for a forward
/// for image in &images {
///     calibration.observe(image);
/// }
/// let quantized = calibration.quantize()?;
/// assert!(quantized.is_quantized());
/// // quantized.write("lite0.int8.safetensors")?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Calibration {
    network: Interpreter,
    workspace: Workspace,
    filters: Vec<FoldedFilter>,
    images: usize,
    activations: BTreeMap<String, Range>,
}

/// Why a network cannot be quantised.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QuantizeError {
    /// The architecture cannot be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The checkpoint is not the network's.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The checkpoint is quantised.
    #[error("{file}: it is quantised already; give the checkpoint that it was made from")]
    Quantized {
        /// The checkpoint.
        file: String,
    },
    /// No image was observed.
    #[error("no images to calibrate with; give some of those that the network is for")]
    NoImages,
    /// An activation is not finite.
    #[error("activation `{activation}` has values that are not finite; the weights are damaged")]
    NotFinite {
        /// Its name.
        activation: String,
    },
}

impl Calibration {
    /// Begins without images.
    ///
    /// # Errors
    /// If the checkpoint is not the architecture's or is quantised already, or if the network has layers that
    /// are not quantised: squeeze-excite, activations other than ReLU and ReLU6, dense convolutions behind
    /// the stem.
    pub fn new(
        architecture: &Architecture,
        checkpoint: &Checkpoint,
        options: &LoadOptions,
    ) -> Result<Self, QuantizeError> {
        if checkpoint.is_quantized() {
            let file = checkpoint.file().to_owned();
            return Err(QuantizeError::Quantized { file });
        }
        // Whether it can be computed in int8 is for the compiler to say.
        compile(architecture, &[Output::Logits], Precision::Int8)?;
        let plan = compile_unfused(architecture, &[Output::Logits])?.plan;
        let filters = with_network(&plan, |network| folded(network, checkpoint, options))?;
        let network = Interpreter::new(plan, checkpoint, options)?;
        Ok(Self {
            workspace: network.workspace(),
            network,
            filters,
            images: 0,
            activations: BTreeMap::new(),
        })
    }

    /// Runs the network on one image (NHWC) and widens the ranges of its activations.
    ///
    /// # Panics
    /// If the image's length is not the network's.
    pub fn observe(&mut self, image: &[f32]) {
        let Self {
            network,
            workspace,
            activations,
            ..
        } = self;
        let mut widen = |name: &str, values: &[f32]| {
            let entry = activations.entry(name.to_owned());
            entry.or_default().add(values);
        };
        widen(INPUT, image);
        network.forward_observed(image, workspace, |call, output| {
            if let Some(name) = written(call) {
                widen(name, &output.values());
            }
        });
        self.images += 1;
    }

    /// Number of images observed.
    pub fn images(&self) -> usize {
        self.images
    }

    /// Scale and zero point of each activation, by name: `input`, the layers' (timm's), `global_pool`.
    ///
    /// # Errors
    /// If there are no images, or values that are not finite.
    pub fn activations(&self) -> Result<BTreeMap<&str, Coding>, QuantizeError> {
        if self.images == 0 {
            return Err(QuantizeError::NoImages);
        }
        let activations = self.activations.iter();
        let codes = activations.map(|(name, range)| {
            let not_finite = || QuantizeError::NotFinite {
                activation: name.clone(),
            };
            let codes = range.codes().ok_or_else(not_finite)?;
            Ok((name.as_str(), codes))
        });
        codes.collect()
    }

    /// The quantised checkpoint, which is not in a file yet ([`Checkpoint::write`]).
    ///
    /// # Errors
    /// As for [`Self::activations`].
    pub fn quantize(&self) -> Result<Checkpoint, QuantizeError> {
        Ok(checkpoint::of(&self.filters, &self.activations()?))
    }
}

/// The activation that a call of an unfused plan writes; the logits are none.
fn written(call: &Call) -> Option<&str> {
    match &call.kernel {
        Kernel::Stem { filter, .. }
        | Kernel::Pointwise { filter, .. }
        | Kernel::Depthwise { filter, .. } => Some(&filter.weight),
        Kernel::Mean { .. } => Some(POOLED),
        _ => None,
    }
}
