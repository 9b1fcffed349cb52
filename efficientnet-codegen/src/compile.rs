//! The whole way from an architecture to its plan.

use efficientnet_spec::{Architecture, ArchitectureFaults, GraphFaults, LayerGraph, Top};

use crate::ir::{self, Fault, KernelGraph};
use crate::passes::{GRAPH_PASSES, PLAN_PASSES};
use crate::plan::{self, Plan, PlanError, PlanFault};

/// Every level of one variant.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The layers, with top.
    pub layers: LayerGraph,
    /// One node a kernel call.
    pub kernels: KernelGraph,
    /// The calls in order.
    pub plan: Plan,
}

/// Why an architecture could not be compiled: a fault of a pass or of an architecture that its own
/// verifier does not know.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The architecture cannot be built.
    #[error(transparent)]
    Architecture(#[from] ArchitectureFaults),
    /// The layer graph is broken.
    #[error(transparent)]
    Layers(#[from] GraphFaults),
    /// A pass left a broken graph.
    #[error("after pass `{pass}`: {fault}")]
    Pass {
        /// Name of the pass (or `select`).
        pass: &'static str,
        /// What is wrong.
        fault: Fault,
    },
    /// No plan.
    #[error(transparent)]
    Schedule(#[from] PlanError),
    /// A broken plan.
    #[error("the plan is broken: {0}")]
    Plan(#[from] PlanFault),
}

/// Compiles one architecture, verifying after every pass.
///
/// # Errors
/// Where any level's verifier finds a fault; the message names the node, edge, call or buffer.
pub fn compile(architecture: &Architecture) -> Result<Compiled, CompileError> {
    let layers = LayerGraph::build(architecture, Top::With)?;
    layers.verify()?;
    let mut kernels = ir::select(&layers);
    let check = |graph: &KernelGraph, pass| {
        graph
            .verify()
            .map_err(|fault| CompileError::Pass { pass, fault })
    };
    check(&kernels, "select")?;
    for pass in &GRAPH_PASSES {
        (pass.run)(&mut kernels);
        check(&kernels, pass.name)?;
    }
    let mut plan = plan::schedule(architecture, &layers, &kernels)?;
    plan.verify_order()?;
    for pass in &PLAN_PASSES {
        (pass.run)(&mut plan);
        plan.verify_order()?;
    }
    plan.verify()?;
    Ok(Compiled {
        layers,
        kernels,
        plan,
    })
}
