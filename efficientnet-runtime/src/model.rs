//! What every generated model offers to generic code.

use std::path::Path;

use crate::checkpoint::Checkpoint;
use crate::weights::{Layer, LoadError, LoadOptions, Weights};

/// How a model's strided convolutions pad; a checkpoint is trained with one or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Padding {
    /// `kernel / 2` zeros on every side, as torchvision and timm's `efficientnet_*` do.
    Symmetric,
    /// TensorFlow's SAME, as Keras and timm's `tf_efficientnet_*` do.
    Same,
}

impl Padding {
    /// The batch-norm epsilon that goes with this padding in timm's checkpoints, whose names fix
    /// neither: 1e-5 in PyTorch's tradition, 1e-3 in TensorFlow's (timm,
    /// `models/_efficientnet_builder.py`, `BN_EPS_TF_DEFAULT`).
    pub const fn batch_norm_epsilon(self) -> f64 {
        match self {
            Padding::Symmetric => 1e-5,
            Padding::Same => 1e-3,
        }
    }
}

/// A compiled network: static shapes, packed weights.
///
/// Models are immutable and shared between threads freely; each thread brings a workspace.
pub trait Model: Sized + Send + Sync + 'static {
    /// Family and variant, such as `efficientnet-b0`.
    const NAME: &'static str;
    /// Height, width and channels of the input.
    const INPUT_SHAPE: [usize; 3];
    /// Length of the logits.
    const CLASSES: usize;
    /// Trainable parameters, as the paper and torchvision count them (no batch-norm statistics).
    const PARAMETERS: u64;
    /// Multiply-accumulates of one `forward`.
    const MACS: u64;
    /// Size of the workspace in bytes.
    const WORKSPACE_BYTES: usize;
    /// Padding, which a checkpoint has to match.
    const PADDING: Padding;
    /// What each kernel call's weights are packed from.
    const LAYERS: &'static [Layer<'static>];

    /// The input: `[f32; height * width * channels]`, NHWC.
    type Input: ?Sized;
    /// The result: `[f32; CLASSES]`.
    type Logits: ?Sized;
    /// Memory for one `forward` at a time.
    type Workspace: Default + Send;

    /// Wraps weights that were packed for [`Self::LAYERS`]; `forward` panics with any others.
    #[doc(hidden)]
    fn from_weights(weights: Weights) -> Self;

    /// Allocates a workspace.
    fn workspace() -> Self::Workspace {
        Self::Workspace::default()
    }

    /// Runs the network on one image (NHWC). Allocates nothing and cannot fail.
    fn forward<'w>(
        &self,
        input: &Self::Input,
        workspace: &'w mut Self::Workspace,
    ) -> &'w Self::Logits;

    /// Reads a checkpoint file and packs its weights for this processor.
    ///
    /// # Errors
    /// If the file cannot be read, or its tensors are not this model's: all differences together.
    fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        Self::from_checkpoint(&Checkpoint::open(path)?, &LoadOptions::default())
    }

    /// Packs the weights of a checkpoint that is open already.
    ///
    /// # Errors
    /// If its tensors are not this model's: all differences together.
    fn from_checkpoint(checkpoint: &Checkpoint, options: &LoadOptions) -> Result<Self, LoadError> {
        Weights::pack(Self::LAYERS, checkpoint, Self::PADDING, options).map(Self::from_weights)
    }
}
