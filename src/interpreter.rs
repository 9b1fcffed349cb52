//! Runs a plan without compiling it: any spec, variant and input size, chosen at run time.
//!
//! Every call goes to the run-time-shaped operation that the generated code's const-generic wrapper
//! inlines, with the same plan entry, so the results of both are the same bit for bit.

mod execute;
mod layers;
mod outputs;
mod shapes;

pub use layers::padding;
pub use outputs::Outputs;

use std::borrow::Cow;
use std::path::Path;

use efficientnet_codegen::plan::{Buffer, Call, Plan, Precision};
use efficientnet_runtime::checkpoint::Checkpoint;
use efficientnet_runtime::files::WriteError;
use efficientnet_runtime::kernels::{Bf16, Q8};
use efficientnet_runtime::weights::{LoadError, LoadOptions, Network, Weights, write_packed};
use efficientnet_runtime::workspace::Arena;
use efficientnet_runtime::{Threads, batch};

/// A plan with packed weights.
///
/// ```
/// use efficientnet::codegen::compile;
/// use efficientnet::codegen::plan::Precision;
/// use efficientnet::interpreter::Interpreter;
/// use efficientnet::runtime::weights::LoadOptions;
/// use efficientnet::spec::{Options, Output, Resolution, Spec, bundled};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let spec = Spec::parse(bundled("efficientnet").ok_or("it is bundled")?, "efficientnet.yaml")?;
/// let options = Options {
///     resolution: Some(Resolution { height: 64, width: 48 }),
///     ..Options::default()
/// };
/// let outputs = [Output::Block(3), Output::Logits];
/// let compiled = compile(&spec.architecture("b0", &options)?, &outputs, Precision::F32)?;
/// # let tensors = compiled.layers.all_tensors().into_iter();
/// # let tensors: Vec<_> = tensors.map(|tensor| (tensor.name, tensor.shape)).collect();
/// # let checkpoint = efficientnet::runtime::synthetic::checkpoint(&tensors, 0)?;
/// // `checkpoint` is open: of any flavour, here with synthetic weights.
/// let network = Interpreter::new(compiled.plan, &checkpoint, &LoadOptions::default())?;
/// let mut workspace = network.workspace();
/// let image = [0.0; 64 * 48 * 3];
/// let outputs = network.forward(&image, &mut workspace);
/// assert_eq!(outputs.get(Output::Logits).map(<[f32]>::len), Some(1000));
/// assert_eq!(outputs.first().len(), 8 * 6 * 40); // block 3, stride 8
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Interpreter {
    plan: Plan,
    weights: Weights,
}

/// Memory for one [`Interpreter::forward`] at a time.
#[derive(Clone, Debug)]
pub struct Workspace {
    arena: Arena,
}

impl Interpreter {
    /// Packs the weights that a plan needs from a checkpoint, which may hold those of the whole network.
    ///
    /// # Errors
    /// If the checkpoint's tensors are not the plan's: all differences together.
    pub fn new(
        plan: Plan,
        checkpoint: &Checkpoint,
        options: &LoadOptions,
    ) -> Result<Self, LoadError> {
        let weights = with_network(&plan, |network| Weights::pack(network, checkpoint, options))?;
        Ok(Self { plan, weights })
    }

    /// [`Self::new`] for a file: a checkpoint, or packed weights.
    ///
    /// # Errors
    /// If the file cannot be read, or as [`Self::new`].
    pub fn load(
        plan: Plan,
        path: impl AsRef<Path>,
        options: &LoadOptions,
    ) -> Result<Self, LoadError> {
        let weights = with_network(&plan, |network| Weights::load(network, path, options))?;
        Ok(Self { plan, weights })
    }

    /// Writes the weights, packed for this instruction set, as a file that [`Self::load`] maps.
    ///
    /// # Errors
    /// If the system refuses; nothing is then left under the file's name.
    pub fn write_packed(&self, path: impl AsRef<Path>) -> Result<(), WriteError> {
        with_network(&self.plan, |network| {
            write_packed(path, network, &self.weights)
        })
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Allocates a workspace; the calling thread computes by itself.
    pub fn workspace(&self) -> Workspace {
        self.workspace_with(&Threads::default())
    }

    /// Allocates a workspace whose forwards a team of threads computes together, with the same result,
    /// bit for bit.
    pub fn workspace_with(&self, threads: &Threads) -> Workspace {
        Workspace {
            arena: Arena::new(self.plan.arena, self.plan.scratch, threads),
        }
    }

    /// Runs the network on one image (NHWC).
    ///
    /// # Panics
    /// If the input's length is not the plan's, or the workspace is another plan's.
    pub fn forward<'w>(&'w self, input: &[f32], workspace: &'w mut Workspace) -> Outputs<'w> {
        self.forward_observed(input, workspace, |_, _| {})
    }

    /// Runs the network on many images (NHWC): one thread a workspace, each taking the next image when it is
    /// free. Gives what `result` makes of each image's number and outputs, in the order of the images.
    ///
    /// # Panics
    /// As [`Self::forward`], or if there are images and no workspaces, or `result` panics.
    pub fn forward_batch<R: Send>(
        &self,
        inputs: &[&[f32]],
        workspaces: &mut [Workspace],
        result: impl Fn(usize, Outputs<'_>) -> R + Sync,
    ) -> Vec<R> {
        batch::run(inputs.len(), workspaces, |image, workspace| {
            result(image, self.forward(inputs[image], workspace))
        })
    }

    /// [`Self::forward`], showing each call's result to `observe` while it is there: the arena is reused from
    /// call to call.
    ///
    /// # Panics
    /// As [`Self::forward`].
    pub fn forward_observed<'w>(
        &'w self,
        input: &[f32],
        workspace: &'w mut Workspace,
        mut observe: impl FnMut(&Call, Observed<'_>),
    ) -> Outputs<'w> {
        assert_eq!(input.len(), self.plan.input.len(), "length of the input");
        let arena = &mut workspace.arena;
        for call in &self.plan.calls {
            execute::call(&self.plan, call, &self.weights, input, arena);
            let (buffer, output) = (self.plan.buffer(call.output), self.plan.offset(call.output));
            let floats = &arena.tensors()[output..output + buffer.floats()];
            observe(call, Observed { buffer, floats });
        }
        Outputs {
            plan: &self.plan,
            values: arena.tensors(),
        }
    }
}

/// The result of one call, where it lies in the workspace.
#[derive(Clone, Copy, Debug)]
pub struct Observed<'a> {
    buffer: &'a Buffer,
    floats: &'a [f32],
}

impl<'a> Observed<'a> {
    /// Its values (NHWC): a copy where they are bfloat16, codes where they are such.
    pub fn values(self) -> Cow<'a, [f32]> {
        match self.buffer.precision {
            Precision::F32 => Cow::Borrowed(self.floats),
            Precision::Bf16 => Cow::Owned(Bf16::unpack(self.floats, self.buffer.len)),
            Precision::Int8 => {
                let codes = Q8::unpack(self.floats, self.buffer.len);
                Cow::Owned(codes.into_iter().map(f32::from).collect())
            }
        }
    }
}

/// What weights have to be for a plan.
pub(crate) fn with_network<T>(plan: &Plan, use_it: impl FnOnce(&Network<'_>) -> T) -> T {
    let used = plan.layers();
    let used: Vec<_> = used.iter().map(layers::layer).collect();
    let unused: Vec<_> = plan.unused.iter().map(layers::layer).collect();
    use_it(&Network {
        name: &format!("{}-{}", plan.family, plan.variant),
        layers: &used,
        unused: &unused,
        padding: layers::padding(plan.padding),
        batch_norm_epsilon: None,
    })
}
