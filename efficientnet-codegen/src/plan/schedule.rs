//! Kernel graph to plan: an order, a buffer per tensor, a position per set of weights.

use std::collections::HashMap;

use efficientnet_spec::{Architecture, LayerGraph, LayerId};

use super::{Buffer, BufferId, Call, Gate, Kernel, Plan, PlanOutput, Precision, Split, Storage};
use crate::ir::{Fault, GateMode, KernelGraph, KernelId, Op, Operand, Port, Producer};

/// Why a kernel graph has no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The graph itself is broken.
    #[error(transparent)]
    Graph(#[from] Fault),
    /// A node that no pass fused and no kernel computes.
    #[error("no kernel computes node `{node}` ({op}) by itself, and no pass could fuse it")]
    NoKernel {
        /// The node.
        node: String,
        /// Its operation.
        op: &'static str,
    },
    /// A kernel other than the direct convolution would have to read the caller's input.
    #[error("node `{0}` reads the network's input, which only a convolution can")]
    ReadsInput(String),
}

/// Orders the graph's nodes and gives each tensor a buffer, without addresses or tiles yet. Counts are
/// those of the layers that the graph's outputs need.
///
/// # Errors
/// Where a node is left that is no kernel call, naming it.
pub fn schedule(
    architecture: &Architecture,
    layers: &LayerGraph,
    graph: &KernelGraph,
) -> Result<Plan, PlanError> {
    let order = graph
        .order()
        .map_err(|id| Fault::Cycle(graph.node(id).name.clone()))?;
    if order.is_empty() {
        return Err(Fault::Empty.into());
    }
    let mut scheduler = Scheduler::new(architecture, layers, graph);
    for id in order {
        scheduler.visit(id)?;
    }
    scheduler.plan.outputs = graph
        .outputs()
        .iter()
        .map(|output| PlanOutput {
            name: output.name,
            buffer: scheduler.main[&output.node],
            shape: output.shape,
        })
        .collect();
    Ok(scheduler.plan)
}

struct Scheduler<'a> {
    graph: &'a KernelGraph,
    plan: Plan,
    main: HashMap<KernelId, BufferId>,
    sums: HashMap<KernelId, BufferId>,
    weights: usize,
}

impl<'a> Scheduler<'a> {
    fn new(architecture: &Architecture, layers: &LayerGraph, graph: &'a KernelGraph) -> Self {
        let outputs = graph.outputs().iter();
        let ends: Vec<LayerId> = outputs.filter_map(|o| layers.output(o.name)).collect();
        let computed = layers.needed(&ends);
        let total = |count: fn(&LayerGraph, LayerId) -> u64| {
            let counts = computed.iter().map(|&id| count(layers, id));
            counts.fold(0, u64::saturating_add)
        };
        let input = architecture.input.into();
        let image = Buffer {
            name: "input".to_owned(),
            len: 0,
            precision: Precision::F32,
            storage: Storage::Input,
        };
        let plan = Plan {
            family: architecture.family.clone(),
            variant: architecture.variant.clone(),
            padding: architecture.padding,
            precision: Precision::F32,
            input,
            parameters: total(LayerGraph::trainable_parameters),
            macs: total(LayerGraph::macs),
            buffers: vec![image],
            calls: Vec::new(),
            outputs: Vec::new(),
            unused: Vec::new(),
            arena: 0,
            scratch: 0,
        };
        Self {
            graph,
            plan,
            main: HashMap::new(),
            sums: HashMap::new(),
            weights: 0,
        }
    }

    fn visit(&mut self, id: KernelId) -> Result<(), PlanError> {
        let node = self.graph.node(id);
        if node.op == Op::Input {
            self.plan.buffers[0] = Buffer {
                name: node.name.clone(),
                len: node.output.len(),
                precision: Precision::F32,
                storage: Storage::Input,
            };
            self.main.insert(id, BufferId(0));
            return Ok(());
        }
        let no_kernel = || PlanError::NoKernel {
            node: node.name.clone(),
            op: node.op.name(),
        };
        let input = self.read(id, Operand::Data).ok_or_else(no_kernel)?;
        let kernel = self.kernel(id).ok_or_else(no_kernel)?;
        if input == BufferId(0) && !reads_image(&kernel) {
            return Err(PlanError::ReadsInput(node.name.clone()));
        }
        let output = self.plan.add_buffer(node.name.clone(), node.output.len());
        self.main.insert(id, output);
        let first = self.weights;
        self.weights += kernel.products().len();
        self.plan.calls.push(Call {
            name: node.name.clone(),
            place: node.place,
            kernel,
            input,
            output,
            output_shape: node.output,
            weights: first..self.weights,
            not_depth_first: node.not_depth_first,
        });
        Ok(())
    }

    fn read(&self, id: KernelId, operand: Operand) -> Option<BufferId> {
        let (from, port) = self.graph.operand(id, operand)?;
        match port {
            Port::Main => self.main.get(&from).copied(),
            Port::Sums => self.sums.get(&from).copied(),
        }
    }

    /// The kernel of a node, or `None` where there is none.
    fn kernel(&mut self, id: KernelId) -> Option<Kernel> {
        let node = self.graph.node(id);
        let (from, port) = self.graph.operand(id, Operand::Data)?;
        let input = self.graph.port_shape(from, port);
        let out_channels = node.output.channels;
        match node.op.clone() {
            Op::Convolution {
                window,
                filter,
                activation,
            } if self.graph.reads_input(id) => Some(Kernel::Stem {
                input,
                out_channels,
                window,
                filter,
                activation,
                strip: node.output.height,
                split: Split::Rows,
                weights: Precision::F32,
            }),
            Op::Convolution {
                window,
                filter,
                activation,
            } => Some(Kernel::Convolution {
                input,
                out_channels,
                window,
                filter,
                activation,
                residual: self.read(id, Operand::Residual),
                strip: node.output.height,
                split: Split::Rows,
            }),
            Op::Pointwise {
                filter,
                activation,
                gate,
            } => {
                let residual = self.read(id, Operand::Residual);
                let gate = match gate {
                    Some(mode) => Some(self.gate(id, mode)?),
                    None => None,
                };
                let strip = input.pixels();
                Some(Kernel::Pointwise {
                    input,
                    out_channels,
                    filter,
                    activation,
                    gate,
                    residual,
                    strip,
                    split: Split::Rows,
                    weights: Precision::F32,
                })
            }
            Op::PooledPointwise { filter, activation } => Some(Kernel::PooledPointwise {
                input,
                out_channels,
                filter,
                activation,
                weights: Precision::F32,
            }),
            Op::Depthwise {
                window,
                filter,
                activation,
                sums,
            } => {
                let (sums, strip) = (self.sums_of(id, sums), node.output.height);
                Some(Kernel::Depthwise {
                    input,
                    window,
                    filter,
                    activation,
                    sums,
                    strip,
                    split: Split::Rows,
                    weights: Precision::F32,
                })
            }
            Op::DepthFirst {
                producer,
                window,
                filter,
                activation,
                sums,
            } => {
                let (sums, strip) = (self.sums_of(id, sums), node.output.height);
                Some(Kernel::DepthFirst {
                    input,
                    expanded: producer.output(input, out_channels)?,
                    producer,
                    window,
                    filter,
                    activation,
                    sums,
                    strip,
                    split: Split::Rows,
                    weights: Precision::F32,
                })
            }
            Op::SqueezeExcite {
                pixels,
                squeezed,
                reduce,
                activation,
                expand,
                gate,
            } => Some(Kernel::SqueezeExcite {
                channels: out_channels,
                squeezed,
                pixels,
                reduce,
                activation,
                expand,
                gate,
                strips: 1,
                weights: Precision::F32,
            }),
            Op::Mean => Some(Kernel::Mean { input }),
            Op::Dense {
                filter,
                activation,
                matrix,
            } => Some(Kernel::Dense {
                in_channels: input.len(),
                out_channels,
                filter,
                activation,
                matrix,
                weights: Precision::F32,
            }),
            Op::Input
            | Op::Identity(_)
            | Op::Pad(_)
            | Op::BatchNorm { .. }
            | Op::Activation(_)
            | Op::Multiply
            | Op::Add => None,
        }
    }

    /// The gate of a projection.
    fn gate(&self, id: KernelId, mode: GateMode) -> Option<Gate> {
        let values = self.read(id, Operand::Gate)?;
        Some(Gate { mode, values })
    }

    /// The buffer of a node's sums, where it makes any: one row, until strips are chosen.
    fn sums_of(&mut self, id: KernelId, sums: bool) -> Option<BufferId> {
        let node = self.graph.node(id);
        let add = || {
            let name = format!("{}.sums", node.name);
            self.plan.add_buffer(name, node.output.channels)
        };
        let sums = sums.then(add)?;
        self.sums.insert(id, sums);
        Some(sums)
    }
}

/// Whether a kernel convolves the caller's input.
fn reads_image(kernel: &Kernel) -> bool {
    matches!(
        kernel,
        Kernel::Stem { .. }
            | Kernel::DepthFirst {
                producer: Producer::Convolution { .. },
                ..
            }
    )
}

#[cfg(test)]
mod tests;
