//! The verifier of the layer graph.

use std::collections::HashMap;

use petgraph::Direction::Incoming;
use petgraph::algo::toposort;
use petgraph::visit::{Dfs, Reversed};

use super::{LayerGraph, LayerId};
use crate::layer::{LayerOp, ShapeFault};
use crate::{Faults, Shape};

/// What is wrong with one layer or edge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphFault {
    /// The graph has no or several layers of the kind that must be there once.
    #[error("expected one {kind}, found {}", listed(found))]
    NotOne {
        /// `input` or `output`.
        kind: &'static str,
        /// Names of the layers found.
        found: Vec<String>,
    },
    /// Two layers have the same name.
    #[error("layers {first} and {second} are both called `{name}`")]
    DuplicateName {
        /// The name.
        name: String,
        /// The first of the two.
        first: LayerId,
        /// The second.
        second: LayerId,
    },
    /// A layer's operands are not numbered 0, 1, ...
    #[error("layer `{layer}`: operand positions are {found:?}, expected 0..{expected}")]
    Positions {
        /// Name of the layer.
        layer: String,
        /// Positions of its edges.
        found: Vec<usize>,
        /// Number of operands it takes.
        expected: usize,
    },
    /// A layer does not take the shape of an operand.
    #[error("edge {}: {fault}", edge(producer, layer))]
    Operand {
        /// Name of the layer.
        layer: String,
        /// Name of the operand's producer, where the fault is one operand's.
        producer: Option<String>,
        /// What does not fit.
        fault: ShapeFault,
    },
    /// The stored shape is not the one that the operands give.
    #[error("layer `{layer}`: stored shape {stored}, its operands give {computed}")]
    Output {
        /// Name of the layer.
        layer: String,
        /// The shape it carries.
        stored: Shape,
        /// The shape it should carry.
        computed: Shape,
    },
    /// The input does not reach the layer.
    #[error("layer `{layer}`: not reachable from the input")]
    Unreachable {
        /// Name of the layer.
        layer: String,
    },
    /// The layer does not reach the output.
    #[error("layer `{layer}`: dead, the output does not need it")]
    Dead {
        /// Name of the layer.
        layer: String,
    },
    /// The layer feeds itself.
    #[error("layer `{layer}`: on a cycle")]
    Cycle {
        /// Name of one layer on the cycle.
        layer: String,
    },
    /// A layer stands before one of its operands.
    #[error("edge `{producer}` -> `{layer}`: the operand comes later in the order of layers")]
    Order {
        /// Name of the operand's producer.
        producer: String,
        /// Name of the layer.
        layer: String,
    },
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "none".into()
    } else {
        names.join(", ")
    }
}

fn edge(producer: &Option<String>, layer: &str) -> String {
    match producer {
        Some(producer) => format!("`{producer}` -> `{layer}`"),
        None => format!("into `{layer}`"),
    }
}

/// All faults of a layer graph.
pub type GraphFaults = Faults<GraphFault>;

impl LayerGraph {
    /// Checks one input, one output, unique names, order, operands, and every shape against the
    /// one that its operands give.
    ///
    /// # Errors
    /// Every fault, with the name of the layer or edge.
    pub fn verify(&self) -> Result<(), GraphFaults> {
        let mut faults = Vec::new();
        self.check_names(&mut faults);
        self.check_order(&mut faults);
        for (id, _) in self.layers() {
            self.check_layer(id, &mut faults);
        }
        self.check_ends(&mut faults);
        Faults::check(faults)
    }

    fn check_names(&self, faults: &mut Vec<GraphFault>) {
        let mut seen = HashMap::new();
        for (second, layer) in self.layers() {
            if let Some(first) = seen.insert(&layer.name, second) {
                let name = layer.name.clone();
                faults.push(GraphFault::DuplicateName {
                    name,
                    first,
                    second,
                });
            }
        }
    }

    fn check_order(&self, faults: &mut Vec<GraphFault>) {
        if let Err(cycle) = toposort(&self.graph, None) {
            faults.push(GraphFault::Cycle {
                layer: self.name(LayerId(cycle.node_id())),
            });
            return;
        }
        for (id, layer) in self.layers() {
            for producer in self
                .inputs(id)
                .into_iter()
                .filter(|producer| *producer > id)
            {
                let producer = self.name(producer);
                faults.push(GraphFault::Order {
                    producer,
                    layer: layer.name.clone(),
                });
            }
        }
    }

    fn check_layer(&self, id: LayerId, faults: &mut Vec<GraphFault>) {
        let layer = self.layer(id);
        let mut positions: Vec<usize> = self
            .graph
            .edges_directed(id.0, Incoming)
            .map(|edge| *edge.weight())
            .collect();
        positions.sort_unstable();
        let expected = layer.op.operand_count();
        if !positions.iter().copied().eq(0..expected) {
            let layer = layer.name.clone();
            faults.push(GraphFault::Positions {
                layer,
                found: positions,
                expected,
            });
            return;
        }
        if layer.op == LayerOp::Input {
            return;
        }
        match layer.op.output_shape(&self.input_shapes(id)) {
            Ok(computed) if computed == layer.output => {}
            Ok(computed) => faults.push(GraphFault::Output {
                layer: layer.name.clone(),
                stored: layer.output,
                computed,
            }),
            Err(fault) => {
                let producer = match fault {
                    ShapeFault::Operand { position, .. } => self
                        .inputs(id)
                        .get(position)
                        .map(|producer| self.name(*producer)),
                    ShapeFault::Count { .. } => None,
                };
                faults.push(GraphFault::Operand {
                    layer: layer.name.clone(),
                    producer,
                    fault,
                });
            }
        }
    }

    /// One input that reaches every layer, one output that every layer reaches.
    fn check_ends(&self, faults: &mut Vec<GraphFault>) {
        let ids = |keep: &dyn Fn(LayerId) -> bool| -> Vec<LayerId> {
            self.layers()
                .map(|(id, _)| id)
                .filter(|id| keep(*id))
                .collect()
        };
        let inputs = ids(&|id| self.layer(id).op == LayerOp::Input);
        let outputs = ids(&|id| self.consumers(id).is_empty());
        for (kind, found) in [("input", &inputs), ("output", &outputs)] {
            if found.len() != 1 {
                let found = found.iter().map(|id| self.name(*id)).collect();
                faults.push(GraphFault::NotOne { kind, found });
            }
        }
        if let [input] = inputs[..] {
            let mut search = Dfs::new(&self.graph, input.0);
            while search.next(&self.graph).is_some() {}
            for id in ids(&|id| !search.discovered.contains(id.index())) {
                faults.push(GraphFault::Unreachable {
                    layer: self.name(id),
                });
            }
        }
        if let [output] = outputs[..] {
            let reversed = Reversed(&self.graph);
            let mut search = Dfs::new(reversed, output.0);
            while search.next(reversed).is_some() {}
            for id in ids(&|id| !search.discovered.contains(id.index())) {
                faults.push(GraphFault::Dead {
                    layer: self.name(id),
                });
            }
        }
    }

    fn name(&self, id: LayerId) -> String {
        self.layer(id).name.clone()
    }
}
