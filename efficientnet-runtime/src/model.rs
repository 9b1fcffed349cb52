//! What every generated model offers to generic code.

use std::borrow::Cow;
use std::path::Path;

use crate::batch;
use crate::checkpoint::{Checkpoint, Padding};
use crate::kernels::{Precision, Threads};
use crate::weights::{Layer, LoadError, LoadOptions, Network, Weights};

/// Name and shape of one output of a model; a vector is a map of one pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OutputShape {
    /// `stem`, `block1` and so on, `head`, `features` or `logits`.
    pub name: &'static str,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Channels.
    pub channels: usize,
}

impl OutputShape {
    /// An output of this name and shape.
    pub const fn new(name: &'static str, height: usize, width: usize, channels: usize) -> Self {
        Self {
            name,
            height,
            width,
            channels,
        }
    }
}

/// A compiled network: static shapes, packed weights.
///
/// Models are immutable and shared between threads freely; each thread brings a workspace. Threads can also
/// compute one image together ([`Model::workspace_with`]), or many images each by itself
/// ([`Model::forward_batch`]).
pub trait Model: Sized + Send + Sync + 'static {
    /// Family and variant, such as `efficientnet-b0`.
    const NAME: &'static str;
    /// Height, width and channels of the input.
    const INPUT_SHAPE: [usize; 3];
    /// Length of the logits; 0 where they are not among the outputs.
    const CLASSES: usize;
    /// What `forward` gives, in the order in which it was asked for.
    const OUTPUTS: &'static [OutputShape];
    /// Trainable parameters of what is computed, as the paper and torchvision count them (no
    /// batch-norm statistics).
    const PARAMETERS: u64;
    /// Multiply-accumulates of one `forward`.
    const MACS: u64;
    /// Size of the workspace in bytes, with one thread.
    const WORKSPACE_BYTES: usize;
    /// Padding, which a checkpoint has to match.
    const PADDING: Padding;
    /// Precision of matrices and of what they are multiplied with.
    const PRECISION: Precision = Precision::F32;
    /// Batch-norm epsilon; the checkpoint's flavour decides if `None`.
    const BATCH_NORM_EPSILON: Option<f64> = None;
    /// What the kernel calls' weights are packed from.
    const LAYERS: &'static [Layer<'static>];
    /// Layers of the network that no output needs: a checkpoint may hold their tensors, in whatever
    /// shape, or not.
    const UNUSED_LAYERS: &'static [Layer<'static>] = &[];

    /// The input: `[f32; height * width * channels]`, NHWC.
    type Input: ?Sized + Sync;
    /// The result, which lies in the workspace: of one output `&[f32; height * width * channels]`,
    /// NHWC (the logits: `&[f32; CLASSES]`), of several a struct with such a field for each.
    type Output<'w>;
    /// Memory for one `forward` at a time.
    type Workspace: Default + Send;

    /// Wraps weights that were packed for [`Self::LAYERS`]; `forward` panics with any others.
    #[doc(hidden)]
    fn from_weights(weights: Weights) -> Self;

    /// Allocates a workspace; the calling thread computes by itself.
    fn workspace() -> Self::Workspace {
        Self::Workspace::default()
    }

    /// Allocates a workspace whose forwards a team of threads computes together, with the same result,
    /// bit for bit.
    fn workspace_with(threads: &Threads) -> Self::Workspace;

    /// Runs the network on one image (NHWC). Allocates nothing and cannot fail.
    fn forward<'w>(
        &self,
        input: &Self::Input,
        workspace: &'w mut Self::Workspace,
    ) -> Self::Output<'w>;

    /// Runs the network on many images: one thread a workspace, each taking the next image when it is free.
    /// Gives what `result` makes of each image's number and output, in the order of the images.
    ///
    /// ```
    /// use efficientnet_runtime::Model;
    ///
    /// /// The class of each image, computed by two threads.
    /// fn classify<M>(model: &M, images: &[&M::Input]) -> Vec<Option<usize>>
    /// where
    ///     M: for<'w> Model<Output<'w> = &'w [f32; 1000]>,
    /// {
    ///     let mut workspaces = [M::workspace(), M::workspace()];
    ///     model.forward_batch(images, &mut workspaces, |_, logits| {
    ///         (0..1000).max_by(|&a, &b| logits[a].total_cmp(&logits[b]))
    ///     })
    /// }
    /// ```
    ///
    /// # Panics
    /// If there are images and no workspaces, or `result` panics.
    fn forward_batch<R: Send>(
        &self,
        inputs: &[&Self::Input],
        workspaces: &mut [Self::Workspace],
        result: impl Fn(usize, Self::Output<'_>) -> R + Sync,
    ) -> Vec<R> {
        batch::run(inputs.len(), workspaces, |image, workspace| {
            result(image, self.forward(inputs[image], workspace))
        })
    }

    /// Reads a checkpoint file of any known flavour and packs its weights for this processor, or maps
    /// a file of packed weights.
    ///
    /// # Errors
    /// If the file cannot be read, or its tensors are not this model's: all differences together.
    fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        Self::load_with(path, &LoadOptions::default())
    }

    /// [`Self::load`] with options.
    ///
    /// # Errors
    /// As [`Self::load`].
    fn load_with(path: impl AsRef<Path>, options: &LoadOptions) -> Result<Self, LoadError> {
        Weights::load(&Self::network(), path, options).map(Self::from_weights)
    }

    /// Packs the weights of a checkpoint file's bytes, such as `include_bytes!` gives; `name` stands for
    /// the file in messages.
    ///
    /// # Errors
    /// As [`Self::load`].
    fn from_bytes(bytes: impl Into<Cow<'static, [u8]>>, name: &str) -> Result<Self, LoadError> {
        Self::from_checkpoint(
            &Checkpoint::from_bytes(bytes, name)?,
            &LoadOptions::default(),
        )
    }

    /// Packs the weights of a checkpoint that is open already.
    ///
    /// # Errors
    /// If its tensors are not this model's: all differences together.
    fn from_checkpoint(checkpoint: &Checkpoint, options: &LoadOptions) -> Result<Self, LoadError> {
        Weights::pack(&Self::network(), checkpoint, options).map(Self::from_weights)
    }

    /// What weights have to be for this model.
    fn network() -> Network<'static> {
        Network {
            name: Self::NAME,
            layers: Self::LAYERS,
            unused: Self::UNUSED_LAYERS,
            padding: Self::PADDING,
            batch_norm_epsilon: Self::BATCH_NORM_EPSILON,
        }
    }
}
