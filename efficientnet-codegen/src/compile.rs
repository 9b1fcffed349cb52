//! The whole way from an architecture to its plan.

use efficientnet_spec::{
    Architecture, ArchitectureFaults, GraphFaults, LayerGraph, Output, OutputError, Top,
};

use crate::ir::{self, Fault, KernelGraph};
use crate::passes::{GRAPH_PASSES, GraphPass, PLAN_PASSES};
use crate::plan::{self, Plan, PlanError, PlanFault, Precision, WeightLayer};
use crate::quantizable;

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
    /// A network that cannot be int8.
    #[error(
        "layer `{layer}` cannot be int8: found {found}; take precision `f32` or `bf16`, or a network of pointwise and \
         depthwise convolutions whose activations are relu or relu6, without squeeze and excite, such as `lite0`"
    )]
    NotQuantizable {
        /// The first layer at fault.
        layer: String,
        /// What it is.
        found: String,
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
    compile_with(architecture, outputs, precision, &GRAPH_PASSES)
}

/// Compiles one architecture in f32, with no two products in one call: every activation is stored, and can be
/// observed.
///
/// # Errors
/// As [`compile`].
pub fn compile_unfused(
    architecture: &Architecture,
    outputs: &[Output],
) -> Result<Compiled, CompileError> {
    let mut passes = GRAPH_PASSES.to_vec();
    passes.retain(|pass| !["depth-first", "pooling"].contains(&pass.name));
    compile_with(architecture, outputs, Precision::F32, &passes)
}

fn compile_with(
    architecture: &Architecture,
    outputs: &[Output],
    precision: Precision,
    passes: &[GraphPass],
) -> Result<Compiled, CompileError> {
    let layers = LayerGraph::build(architecture, Top::With)?;
    architecture.check_outputs(outputs)?;
    layers.verify()?;
    if precision == Precision::Int8 {
        quantizable::check(&layers)?;
    }
    let planned = |outputs: &[Output]| -> Result<(KernelGraph, Plan), CompileError> {
        let kernels = kernels(&layers, outputs, passes)?;
        let mut plan = plan::schedule(architecture, &layers, &kernels)?;
        plan.precision = precision;
        plan.verify_order()?;
        for pass in &PLAN_PASSES {
            (pass.run)(&mut plan);
            plan.verify_order()?;
        }
        Ok((kernels, plan))
    };
    let (kernels, mut plan) = planned(outputs)?;
    if !outputs.contains(&Output::Logits) {
        let (_, whole) = planned(&[Output::Logits])?;
        plan.unused = unused(&whole, &plan);
    }
    plan.verify()?;
    Ok(Compiled {
        layers,
        kernels,
        plan,
    })
}

/// The kernel graph after all passes.
fn kernels(
    layers: &LayerGraph,
    outputs: &[Output],
    passes: &[GraphPass],
) -> Result<KernelGraph, CompileError> {
    let mut kernels = ir::select(layers, outputs);
    let fault = |pass| move |fault| CompileError::Pass { pass, fault };
    kernels.verify_nodes().map_err(fault("select"))?;
    for pass in passes {
        (pass.run)(&mut kernels);
        kernels.verify().map_err(fault(pass.name))?;
    }
    Ok(kernels)
}

/// What the plan of the whole network packs weights from and this one does not.
fn unused(whole: &Plan, plan: &Plan) -> Vec<WeightLayer> {
    let used = plan.layers();
    let mut all = whole.layers();
    all.retain(|layer| {
        let is_scale = matches!(layer, WeightLayer::Activation { .. });
        !is_scale && !used.iter().any(|used| used.tensor() == layer.tensor())
    });
    all
}

#[cfg(test)]
mod tests;
