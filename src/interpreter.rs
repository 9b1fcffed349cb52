//! Runs a plan without compiling it: any spec, variant and input size, chosen at run time.
//!
//! Every call goes to the run-time-shaped operation that the generated code's const-generic wrapper
//! inlines, with the same plan entry, so the results of both are the same bit for bit.

mod execute;
mod layers;

use efficientnet_codegen::plan::{Call, Plan};
use efficientnet_runtime::checkpoint::Checkpoint;
use efficientnet_runtime::weights::{LoadError, LoadOptions, Weights};
use efficientnet_runtime::workspace::{AlignedBuffer, zeros};

/// A plan with packed weights.
#[derive(Debug)]
pub struct Interpreter {
    plan: Plan,
    weights: Weights,
}

/// Memory for one [`Interpreter::forward`] at a time.
#[derive(Clone, Debug)]
pub struct Workspace {
    arena: AlignedBuffer,
}

impl Interpreter {
    /// Packs the weights that a plan needs from a checkpoint.
    ///
    /// # Errors
    /// If the checkpoint's tensors are not the plan's: all differences together.
    pub fn new(
        plan: Plan,
        checkpoint: &Checkpoint,
        options: &LoadOptions,
    ) -> Result<Self, LoadError> {
        let padding = layers::padding(plan.padding);
        let weights = Weights::pack(&layers::layers(&plan), checkpoint, padding, options)?;
        Ok(Self { plan, weights })
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Allocates a workspace.
    pub fn workspace(&self) -> Workspace {
        Workspace {
            arena: zeros(self.plan.arena),
        }
    }

    /// Runs the network on one image (NHWC): logits.
    ///
    /// # Panics
    /// If the input's length is not the plan's, or the workspace is another plan's.
    pub fn forward<'w>(&self, input: &[f32], workspace: &'w mut Workspace) -> &'w [f32] {
        self.forward_observed(input, workspace, |_, _| {})
    }

    /// [`Self::forward`], showing each call's result (NHWC) to `observe` while it is there: the arena
    /// is reused from call to call.
    ///
    /// # Panics
    /// As [`Self::forward`].
    pub fn forward_observed<'w>(
        &self,
        input: &[f32],
        workspace: &'w mut Workspace,
        mut observe: impl FnMut(&Call, &[f32]),
    ) -> &'w [f32] {
        assert_eq!(input.len(), self.plan.input.len(), "length of the input");
        let arena = workspace.arena.as_mut_slice();
        for call in &self.plan.calls {
            execute::call(&self.plan, call, &self.weights, input, arena);
            let output = self.plan.offset(call.output);
            observe(call, &arena[output..output + call.output_shape.len()]);
        }
        let output = self.plan.offset(self.plan.output);
        &arena[output..output + self.plan.outputs()]
    }
}
