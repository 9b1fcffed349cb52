//! The layer graph: the layers that a framework's summary would show, and nothing else.

mod build;
#[cfg(test)]
mod tests;
mod text;
mod verify;

pub use build::Top;
pub use verify::{GraphFault, GraphFaults};

use std::collections::BTreeSet;
use std::fmt;

use petgraph::Direction::{Incoming, Outgoing};
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use petgraph::visit::EdgeRef;

use crate::{Layer, Output, Shape, Tensor};

/// Identity of a layer inside its graph; ids stay valid when other layers are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerId(pub(crate) NodeIndex);

impl LayerId {
    /// Position among the layers as built, from 0.
    pub fn index(self) -> usize {
        self.0.index()
    }
}

/// `%17`.
impl fmt::Display for LayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("%{}", self.index()))
    }
}

/// The layers of one variant, each edge carrying its operand's position.
///
/// This type owns every edit, so that ids, operand positions and order stay consistent.
///
/// ```
/// use efficientnet_spec::{LayerGraph, LayerOp, Options, Spec, Top, bundled};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let spec = Spec::parse(bundled("efficientnet").ok_or("it is bundled")?, "efficientnet.yaml")?;
/// let b0 = spec.architecture("b0", &Options::default())?;
/// let graph = LayerGraph::build(&b0, Top::Without)?;
/// assert_eq!(graph.len(), 237);
///
/// // Keras's names, what a layer reads, and what it makes.
/// let id = graph.find("block2b_add").ok_or("B0 has it")?;
/// let layer = graph.layer(id);
/// assert_eq!((&layer.op, layer.output.to_string()), (&LayerOp::Add, "56x56x24".to_owned()));
/// let inputs = graph.inputs(id).into_iter().map(|id| graph.layer(id).name.as_str());
/// assert!(inputs.eq(["block2b_drop", "block2a_project_bn"]));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct LayerGraph {
    graph: StableDiGraph<Layer, usize>,
    /// The layers that give the network's outputs, from the stem on.
    outputs: Vec<(Output, LayerId)>,
}

impl LayerGraph {
    /// The layers with their ids, in topological order: inputs before consumers, otherwise as built.
    pub fn layers(&self) -> impl Iterator<Item = (LayerId, &Layer)> {
        self.graph
            .node_indices()
            .map(|index| (LayerId(index), &self.graph[index]))
    }

    /// Number of layers.
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// Whether there is no layer at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The layer of an id.
    ///
    /// # Panics
    /// If the layer was removed, or the id is another graph's.
    pub fn layer(&self, id: LayerId) -> &Layer {
        &self.graph[id.0]
    }

    /// The layer of an id, to change what it does; [`LayerGraph::verify`] tells whether it still
    /// fits its neighbours.
    ///
    /// # Panics
    /// If the layer was removed, or the id is another graph's.
    pub fn layer_mut(&mut self, id: LayerId) -> &mut Layer {
        &mut self.graph[id.0]
    }

    /// The id of the layer of a name.
    pub fn find(&self, name: &str) -> Option<LayerId> {
        self.layers()
            .find(|(_, layer)| layer.name == name)
            .map(|(id, _)| id)
    }

    /// The layer that gives an output, where the graph has it.
    pub fn output(&self, output: Output) -> Option<LayerId> {
        let (_, id) = self.outputs.iter().find(|(name, _)| *name == output)?;
        Some(*id)
    }

    /// The layers that reach at least one of `ends`, these included, in order.
    pub fn needed(&self, ends: &[LayerId]) -> BTreeSet<LayerId> {
        let mut needed = BTreeSet::new();
        let mut open = ends.to_vec();
        while let Some(id) = open.pop() {
            if needed.insert(id) {
                open.extend(self.inputs(id));
            }
        }
        needed
    }

    /// Ids of a layer's operands, in operand order.
    pub fn inputs(&self, id: LayerId) -> Vec<LayerId> {
        let mut operands: Vec<_> = self
            .graph
            .edges_directed(id.0, Incoming)
            .map(|edge| (*edge.weight(), LayerId(edge.source())))
            .collect();
        operands.sort_unstable();
        operands.into_iter().map(|(_, producer)| producer).collect()
    }

    /// Ids of the layers that take this layer's output, in order; one that takes it twice is there
    /// twice.
    pub fn consumers(&self, id: LayerId) -> Vec<LayerId> {
        let mut consumers: Vec<_> = self
            .graph
            .edges_directed(id.0, Outgoing)
            .map(|edge| LayerId(edge.target()))
            .collect();
        consumers.sort_unstable();
        consumers
    }

    /// Shapes of a layer's operands, in operand order.
    pub fn input_shapes(&self, id: LayerId) -> Vec<Shape> {
        self.inputs(id)
            .into_iter()
            .map(|producer| self.layer(producer).output)
            .collect()
    }

    /// Removes a layer of one operand: its producer takes its place at every consumer and as an
    /// output. Gives the layer back, or `None`, with nothing changed, where it has no or several
    /// operands.
    pub fn bypass(&mut self, id: LayerId) -> Option<Layer> {
        let [producer] = self.inputs(id)[..] else {
            return None;
        };
        let taken: Vec<_> = self
            .graph
            .edges_directed(id.0, Outgoing)
            .map(|edge| (edge.target(), *edge.weight()))
            .collect();
        for (consumer, position) in taken {
            self.graph.add_edge(producer.0, consumer, position);
        }
        for (_, output) in &mut self.outputs {
            if *output == id {
                *output = producer;
            }
        }
        self.graph.remove_node(id.0)
    }

    /// Parameters of a layer as Keras counts them, buffers included.
    pub fn parameters(&self, id: LayerId) -> u64 {
        self.layer(id).op.parameters(&self.input_shapes(id))
    }

    /// Parameters of a layer that training changes.
    pub fn trainable_parameters(&self, id: LayerId) -> u64 {
        self.layer(id)
            .op
            .trainable_parameters(&self.input_shapes(id))
    }

    /// Multiply-accumulates of a layer for one image.
    pub fn macs(&self, id: LayerId) -> u64 {
        let layer = self.layer(id);
        layer.op.macs(&self.input_shapes(id), layer.output)
    }

    /// Tensors of a layer in a PyTorch checkpoint of timm's naming.
    pub fn tensors(&self, id: LayerId) -> Vec<Tensor> {
        self.layer(id).tensors(&self.input_shapes(id))
    }

    /// Tensors of all layers, in timm's order.
    pub fn all_tensors(&self) -> Vec<Tensor> {
        self.layers().flat_map(|(id, _)| self.tensors(id)).collect()
    }

    /// Sum of all layers' [`parameters`](Self::parameters).
    pub fn total_parameters(&self) -> u64 {
        self.total(Self::parameters)
    }

    /// Sum of all layers' [`trainable_parameters`](Self::trainable_parameters).
    pub fn total_trainable_parameters(&self) -> u64 {
        self.total(Self::trainable_parameters)
    }

    /// Sum of all layers' [`macs`](Self::macs).
    pub fn total_macs(&self) -> u64 {
        self.total(Self::macs)
    }

    fn total(&self, count: fn(&Self, LayerId) -> u64) -> u64 {
        self.layers()
            .fold(0, |sum, (id, _)| sum.saturating_add(count(self, id)))
    }
}
