//! What one forward gives.

use efficientnet_codegen::plan::{Plan, PlanOutput};
use efficientnet_spec::Output;

/// The outputs of one forward, where they lie in the workspace (NHWC).
#[derive(Clone, Copy, Debug)]
pub struct Outputs<'w> {
    pub(super) plan: &'w Plan,
    pub(super) values: &'w [f32],
}

impl<'w> Outputs<'w> {
    /// Each output with its values, in the plan's order.
    pub fn iter(self) -> impl Iterator<Item = (&'w PlanOutput, &'w [f32])> {
        let values = move |output| (output, self.values(output));
        self.plan.outputs.iter().map(values)
    }

    /// The values of an output, where the plan has it.
    pub fn get(self, name: Output) -> Option<&'w [f32]> {
        let (_, values) = self.iter().find(|(output, _)| output.name == name)?;
        Some(values)
    }

    /// The values of the first output, which is the only one of most plans: the logits.
    pub fn first(self) -> &'w [f32] {
        // A plan without outputs is none: its verifier says so.
        self.iter().next().map_or(&[], |(_, values)| values)
    }

    fn values(self, output: &PlanOutput) -> &'w [f32] {
        let offset = self.plan.offset(output.buffer);
        &self.values[offset..offset + output.shape.len()]
    }
}
