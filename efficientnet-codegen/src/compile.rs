//! The whole way from an architecture to its plan.

use efficientnet_spec::{
    Architecture, ArchitectureFaults, GraphFaults, LayerGraph, Output, OutputError, Top,
};

use crate::ir::{self, Fault, KernelGraph};
use crate::passes::{GRAPH_PASSES, PLAN_PASSES};
use crate::plan::{self, Plan, PlanError, PlanFault, Precision, WeightLayer};

/// Every level of one variant.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// All layers of the network, with top, whatever the outputs need.
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
    /// The network does not have the outputs that are asked for.
    #[error(transparent)]
    Outputs(#[from] OutputError),
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

/// Compiles one architecture to a plan of what `outputs` need, in a precision, verifying after every pass.
///
/// ```
/// use efficientnet_codegen::compile;
/// use efficientnet_codegen::plan::Precision;
/// use efficientnet_spec::{Options, Output, Spec, bundled};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let spec = Spec::parse(bundled("efficientnet").ok_or("it is bundled")?, "efficientnet.yaml")?;
/// let b0 = spec.architecture("b0", &Options::default())?;
/// let plan = compile(&b0, &[Output::Logits], Precision::F32)?.plan;
/// assert_eq!(plan.calls.len(), 50);
/// assert_eq!(plan.outputs[0].to_string(), "logits 1000");
/// println!("{plan}"); // every call with its tile and its place in the workspace
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Where the architecture has no such outputs, or any level's verifier finds a fault; the message
/// names the output, node, edge, call or buffer.
pub fn compile(
    architecture: &Architecture,
    outputs: &[Output],
    precision: Precision,
) -> Result<Compiled, CompileError> {
    let layers = LayerGraph::build(architecture, Top::With)?;
    architecture.check_outputs(outputs)?;
    layers.verify()?;
    let kernels = kernels(&layers, outputs)?;
    let mut plan = plan::schedule(architecture, &layers, &kernels)?;
    plan.precision = precision;
    plan.verify_order()?;
    if !outputs.contains(&Output::Logits) {
        plan.unused = unused(architecture, &layers, &plan)?;
    }
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

/// The kernel graph after all passes.
fn kernels(layers: &LayerGraph, outputs: &[Output]) -> Result<KernelGraph, CompileError> {
    let mut kernels = ir::select(layers, outputs);
    let fault = |pass| move |fault| CompileError::Pass { pass, fault };
    kernels.verify_nodes().map_err(fault("select"))?;
    for pass in &GRAPH_PASSES {
        (pass.run)(&mut kernels);
        kernels.verify().map_err(fault(pass.name))?;
    }
    Ok(kernels)
}

/// What the plan of the whole network packs weights from and this one does not; both before precisions are chosen.
fn unused(
    architecture: &Architecture,
    layers: &LayerGraph,
    plan: &Plan,
) -> Result<Vec<WeightLayer>, CompileError> {
    let whole = kernels(layers, &[Output::Logits])?;
    let mut all = plan::schedule(architecture, layers, &whole)?.layers();
    let used = plan.layers();
    all.retain(|layer| !used.contains(layer));
    Ok(all)
}
