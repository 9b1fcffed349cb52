//! The passes, in the order in which they run; one file each.
//!
//! Every pass leaves a graph (or plan) that its verifier accepts, and [`crate::compile`] checks so.
//! Not done on purpose: nothing is folded into weights here. Folding changes which tensors a
//! product reads ([`Affine`](crate::ir::Affine)); the arithmetic happens when weights are packed,
//! in f64.

mod batch_norm;
mod clean_up;
mod dead_code;
mod dense;
mod depth_first;
mod epilogue;
mod excite;
mod gate;
mod liveness;
mod pooling;
mod precision;
mod squeeze;
mod tiles;

use crate::ir::KernelGraph;
use crate::plan::Plan;

/// A pass over the kernel graph.
#[derive(Clone, Copy, Debug)]
pub struct GraphPass {
    /// Name in messages and tests.
    pub name: &'static str,
    /// The rewrite.
    pub run: fn(&mut KernelGraph),
}

/// A pass over the plan.
#[derive(Clone, Copy, Debug)]
pub struct PlanPass {
    /// Name in messages and tests.
    pub name: &'static str,
    /// The rewrite.
    pub run: fn(&mut Plan),
}

/// From one node a layer to one node a kernel call.
pub const GRAPH_PASSES: [GraphPass; 10] = [
    // First, so that from here on a node that nothing needs is a fault.
    GraphPass {
        name: "dead-code",
        run: dead_code::run,
    },
    GraphPass {
        name: "clean-up",
        run: clean_up::run,
    },
    GraphPass {
        name: "batch-norm",
        run: batch_norm::run,
    },
    GraphPass {
        name: "epilogue",
        run: epilogue::run,
    },
    GraphPass {
        name: "excite",
        run: excite::run,
    },
    GraphPass {
        name: "squeeze",
        run: squeeze::run,
    },
    GraphPass {
        name: "gate",
        run: gate::run,
    },
    // Behind everything that a depthwise's epilogue takes up.
    GraphPass {
        name: "depth-first",
        run: depth_first::run,
    },
    GraphPass {
        name: "pooling",
        run: pooling::run,
    },
    GraphPass {
        name: "dense",
        run: dense::run,
    },
];

/// From an ordered list of calls to one with tiles and addresses.
pub const PLAN_PASSES: [PlanPass; 3] = [
    PlanPass {
        name: "precision",
        run: precision::run,
    },
    // Before addresses: strips decide how long the sums over pixels are.
    PlanPass {
        name: "tiles",
        run: tiles::run,
    },
    PlanPass {
        name: "liveness",
        run: liveness::run,
    },
];

#[cfg(test)]
mod tests;
