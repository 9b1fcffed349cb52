//! The graph itself: petgraph behind one owner type, so that every edit goes through here.

use std::fmt;

use efficientnet_spec::{Output, Place};
use petgraph::Direction::{Incoming, Outgoing};
use petgraph::stable_graph::{EdgeIndex, NodeIndex, StableDiGraph};
use petgraph::visit::EdgeRef;

use super::{Obstacle, Op, Shape};

/// Identity of a node; stays valid while other nodes are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KernelId(NodeIndex);

/// One node.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Name of the layer that it began as (Keras's names).
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// Where in the family's anatomy it stands.
    pub place: Place,
    /// Shape of its main output.
    pub output: Shape,
    /// Why a depthwise does not make the map it reads, where another could.
    pub not_depth_first: Option<Obstacle>,
}

/// Which operand of the consumer an edge feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operand {
    /// The map or vector worked on.
    Data,
    /// Factors per channel.
    Gate,
    /// The shortcut to add.
    Residual,
}

/// Which output of the producer an edge carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// The map.
    Main,
    /// Sums over the map's pixels, per channel.
    Sums,
}

/// An edge from a producer's port to a consumer's operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Operand of the consumer.
    pub operand: Operand,
    /// Port of the producer.
    pub port: Port,
}

/// A result of the network: the main output of a node, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedOutput {
    /// Its name.
    pub name: Output,
    /// The node.
    pub node: KernelId,
    /// Shape of the result, whatever passes do to the node.
    pub shape: Shape,
}

/// The kernel graph of one variant.
#[derive(Clone, Debug, Default)]
pub struct KernelGraph {
    graph: StableDiGraph<Node, Edge>,
    outputs: Vec<NamedOutput>,
}

impl KernelGraph {
    /// Adds a node fed on the given operands.
    pub fn add(&mut self, node: Node, operands: &[(Operand, KernelId, Port)]) -> KernelId {
        let id = KernelId(self.graph.add_node(node));
        for &(operand, from, port) in operands {
            self.connect(from, port, id, operand);
        }
        id
    }

    /// Adds an edge.
    pub fn connect(&mut self, from: KernelId, port: Port, to: KernelId, operand: Operand) {
        self.graph.add_edge(from.0, to.0, Edge { operand, port });
    }

    /// The results, in the order in which they were asked for.
    pub fn outputs(&self) -> &[NamedOutput] {
        &self.outputs
    }

    /// Says what the results are.
    pub fn set_outputs(&mut self, outputs: Vec<NamedOutput>) {
        self.outputs = outputs;
    }

    /// Whether a node's main output is a result.
    pub fn is_output(&self, id: KernelId) -> bool {
        self.outputs.iter().any(|output| output.node == id)
    }

    /// Whether the node of an id is there still.
    pub fn contains(&self, id: KernelId) -> bool {
        self.graph.contains_node(id.0)
    }

    /// Ids in the order in which nodes were added: inputs before consumers.
    pub fn ids(&self) -> Vec<KernelId> {
        self.graph.node_indices().map(KernelId).collect()
    }

    /// A node.
    pub fn node(&self, id: KernelId) -> &Node {
        &self.graph[id.0]
    }

    /// A node, to change its attributes.
    pub fn node_mut(&mut self, id: KernelId) -> &mut Node {
        &mut self.graph[id.0]
    }

    /// Producers by operand, in operand order.
    pub fn operands(&self, id: KernelId) -> Vec<(Edge, KernelId)> {
        let mut operands: Vec<_> = self
            .graph
            .edges_directed(id.0, Incoming)
            .map(|edge| (*edge.weight(), KernelId(edge.source())))
            .collect();
        operands.sort_by_key(|(edge, from)| (edge.operand, *from));
        operands
    }

    /// The producer of one operand.
    pub fn operand(&self, id: KernelId, operand: Operand) -> Option<(KernelId, Port)> {
        let (edge, from) = self
            .operands(id)
            .into_iter()
            .find(|(e, _)| e.operand == operand)?;
        Some((from, edge.port))
    }

    /// Whether a node works on the network's input itself.
    pub fn reads_input(&self, id: KernelId) -> bool {
        let from = self.operand(id, Operand::Data);
        from.is_some_and(|(from, _)| self.node(from).op == Op::Input)
    }

    /// Consumers with the edge that feeds them, in the order in which nodes were added.
    pub fn consumers(&self, id: KernelId) -> Vec<(Edge, KernelId)> {
        let mut consumers: Vec<_> = self
            .graph
            .edges_directed(id.0, Outgoing)
            .map(|edge| (*edge.weight(), KernelId(edge.target())))
            .collect();
        consumers.sort_by_key(|(edge, to)| (*to, edge.operand));
        consumers
    }

    /// The only consumer of a node's main output, if exactly one edge leaves the node and it carries
    /// that output. A result of the network has another consumer: the caller.
    pub fn sole_consumer(&self, id: KernelId) -> Option<(KernelId, Operand)> {
        match self.consumers(id)[..] {
            [
                (
                    Edge {
                        operand,
                        port: Port::Main,
                    },
                    to,
                ),
            ] if !self.is_output(id) => Some((to, operand)),
            _ => None,
        }
    }

    /// Shape that an edge out of `from` carries.
    pub fn port_shape(&self, from: KernelId, port: Port) -> Shape {
        let output = self.node(from).output;
        match port {
            Port::Main => output,
            Port::Sums => Shape::vector(output.channels),
        }
    }

    /// Removes a node and lets its consumers read `port` of `from` instead.
    ///
    /// This is how a fusion ends: what the node computed, `from` computes now.
    pub fn replace(&mut self, id: KernelId, from: KernelId, port: Port) {
        for (edge, to) in self.consumers(id) {
            self.connect(from, port, to, edge.operand);
        }
        for output in &mut self.outputs {
            if output.node == id {
                output.node = from;
            }
        }
        self.graph.remove_node(id.0);
    }

    /// Removes a node and its edges.
    pub fn remove(&mut self, id: KernelId) {
        self.graph.remove_node(id.0);
    }

    /// Removes a node whose only consumer is `to`, which reads what the node read instead.
    ///
    /// This is how a fusion ends that keeps the later node: what the earlier computed, `to` computes now.
    pub fn absorb(&mut self, id: KernelId, to: KernelId) {
        for (edge, from) in self.operands(id) {
            self.connect(from, edge.port, to, edge.operand);
        }
        self.graph.remove_node(id.0);
    }

    /// Moves one operand from `id` to `to`, for fusions that keep `to`.
    pub fn move_operand(&mut self, id: KernelId, operand: Operand, to: KernelId) {
        let moved: Vec<(EdgeIndex, NodeIndex, Edge)> = self
            .graph
            .edges_directed(id.0, Incoming)
            .filter(|edge| edge.weight().operand == operand)
            .map(|edge| (edge.id(), edge.source(), *edge.weight()))
            .collect();
        for (index, source, edge) in moved {
            self.graph.remove_edge(index);
            self.graph.add_edge(source, to.0, edge);
        }
    }

    /// A topological order that keeps the order of addition where it can.
    ///
    /// # Errors
    /// If there is none: the id of a node on a cycle.
    pub fn order(&self) -> Result<Vec<KernelId>, KernelId> {
        let mut placed = std::collections::HashSet::new();
        let mut order = Vec::with_capacity(self.graph.node_count());
        let mut waiting = self.ids();
        while !waiting.is_empty() {
            let ready = |id: &KernelId| {
                self.operands(*id)
                    .iter()
                    .all(|(_, from)| placed.contains(from))
            };
            let Some(next) = waiting.iter().position(ready) else {
                return Err(waiting[0]);
            };
            let id = waiting.remove(next);
            placed.insert(id);
            order.push(id);
        }
        Ok(order)
    }
}

impl fmt::Display for KernelGraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::text::graph(self, f)
    }
}
