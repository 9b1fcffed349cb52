//! What must hold of a kernel graph between any two passes.

use std::collections::HashSet;

use efficientnet_spec::Output;

use super::{KernelGraph, KernelId, Op, Operand, Port, Shape};

/// A broken invariant, naming the node or edge at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The graph has no nodes.
    #[error("the kernel graph is empty")]
    Empty,
    /// The graph has no result.
    #[error("the kernel graph has no output")]
    NoOutput,
    /// Two results of one name.
    #[error("two outputs are named `{0}`")]
    DuplicateOutput(Output),
    /// A result whose node a pass removed.
    #[error("the node of output `{0}` is gone")]
    LostOutput(Output),
    /// A result of another shape than when it was asked for.
    #[error("output `{output}` was {expected}, but node `{node}` gives {found}")]
    OutputShape {
        /// Name of the output.
        output: Output,
        /// The node.
        node: String,
        /// What the node gives.
        found: Shape,
        /// What the output was when it was asked for.
        expected: Shape,
    },
    /// A node depends on itself.
    #[error("node `{0}` lies on a cycle")]
    Cycle(String),
    /// Two nodes of one name.
    #[error("two nodes are named `{0}`")]
    DuplicateName(String),
    /// A node whose result nobody reads.
    #[error("the result of node `{0}` is never used")]
    Dead(String),
    /// A missing, doubled or unexpected operand.
    #[error("node `{node}` ({op}) has operands {found:?}, expected {expected:?}")]
    Operands {
        /// The node.
        node: String,
        /// Its operation.
        op: &'static str,
        /// Operands it has.
        found: Vec<Operand>,
        /// Operands it needs.
        expected: Vec<Operand>,
    },
    /// An edge whose shape does not fit its consumer.
    #[error("edge `{from}` -> `{to}` ({operand:?}) carries {found}, expected {expected}")]
    Edge {
        /// Producer.
        from: String,
        /// Consumer.
        to: String,
        /// Operand of the consumer.
        operand: Operand,
        /// Shape carried.
        found: Shape,
        /// Shape needed.
        expected: Shape,
    },
    /// A node whose stored output shape is not what its operands give.
    #[error("node `{node}` ({op}) says its output is {found}, but its operands give {expected}")]
    Output {
        /// The node.
        node: String,
        /// Its operation.
        op: &'static str,
        /// Stored shape.
        found: Shape,
        /// Computed shape.
        expected: String,
    },
    /// Pooled values read by something that divides by another number, or not at all.
    #[error(
        "edge `{from}` -> `{to}` carries sums over {pixels} pixels, which `{to}` does not divide by"
    )]
    Pooled {
        /// Producer.
        from: String,
        /// Consumer.
        to: String,
        /// Pixels summed; 1 for plain values.
        pixels: usize,
    },
    /// An edge that reads sums that its producer does not make.
    #[error("edge `{from}` -> `{to}` reads pooled sums that `{from}` does not produce")]
    Port {
        /// Producer.
        from: String,
        /// Consumer.
        to: String,
    },
}

impl KernelGraph {
    /// Checks every invariant.
    ///
    /// # Errors
    /// The first broken one, in node order.
    pub fn verify(&self) -> Result<(), Fault> {
        self.verify_nodes()?;
        for id in self.ids() {
            if !self.is_output(id) && self.consumers(id).is_empty() {
                return Err(Fault::Dead(self.node(id).name.clone()));
            }
        }
        Ok(())
    }

    /// Checks everything but that every node is needed, which holds from dead-code removal on.
    pub(crate) fn verify_nodes(&self) -> Result<(), Fault> {
        if self.ids().is_empty() {
            return Err(Fault::Empty);
        }
        self.verify_outputs()?;
        let order = self
            .order()
            .map_err(|id| Fault::Cycle(self.node(id).name.clone()))?;
        let mut names = HashSet::new();
        for id in order {
            let node = self.node(id);
            if !names.insert(node.name.as_str()) {
                return Err(Fault::DuplicateName(node.name.clone()));
            }
            self.verify_operands(id)?;
            self.verify_shapes(id)?;
        }
        Ok(())
    }

    fn verify_outputs(&self) -> Result<(), Fault> {
        if self.outputs().is_empty() {
            return Err(Fault::NoOutput);
        }
        let mut names = HashSet::new();
        for output in self.outputs() {
            let name = output.name;
            if !names.insert(name) {
                return Err(Fault::DuplicateOutput(name));
            }
            if !self.contains(output.node) {
                return Err(Fault::LostOutput(name));
            }
            let node = self.node(output.node);
            if node.output != output.shape {
                return Err(Fault::OutputShape {
                    output: name,
                    node: node.name.clone(),
                    found: node.output,
                    expected: output.shape,
                });
            }
        }
        Ok(())
    }

    fn verify_operands(&self, id: KernelId) -> Result<(), Fault> {
        let node = self.node(id);
        let found: Vec<Operand> = self
            .operands(id)
            .iter()
            .map(|(edge, _)| edge.operand)
            .collect();
        let expected = expected_operands(&node.op, &found);
        if found == expected {
            return Ok(());
        }
        Err(Fault::Operands {
            node: node.name.clone(),
            op: node.op.name(),
            found,
            expected,
        })
    }

    fn verify_shapes(&self, id: KernelId) -> Result<(), Fault> {
        let node = self.node(id);
        for (edge, from) in self.operands(id) {
            let producer = self.node(from);
            if edge.port == Port::Sums && !producer.op.has_sums() {
                return Err(Fault::Port {
                    from: producer.name.clone(),
                    to: node.name.clone(),
                });
            }
            self.verify_pooled(edge.port, from, id)?;
            let found = self.port_shape(from, edge.port);
            let expected = match edge.operand {
                Operand::Data => continue,
                Operand::Gate => Shape::vector(self.data_shape(id).map_or(0, |s| s.channels)),
                Operand::Residual => node.output,
            };
            if found != expected {
                let (from, to) = (producer.name.clone(), node.name.clone());
                return Err(Fault::Edge {
                    from,
                    to,
                    operand: edge.operand,
                    found,
                    expected,
                });
            }
        }
        self.verify_output(id)
    }

    /// Sums go to squeeze and excite alone, which divides what it reads by the pixels summed.
    fn verify_pooled(&self, port: Port, from: KernelId, to: KernelId) -> Result<(), Fault> {
        let (producer, consumer) = (self.node(from), self.node(to));
        let pixels = match port {
            Port::Main => 1,
            Port::Sums => producer.output.pixels(),
        };
        let divided = match consumer.op {
            Op::SqueezeExcite { pixels, .. } => pixels,
            _ => 1,
        };
        if pixels == divided {
            return Ok(());
        }
        let (from, to) = (producer.name.clone(), consumer.name.clone());
        Err(Fault::Pooled { from, to, pixels })
    }

    fn data_shape(&self, id: KernelId) -> Option<Shape> {
        self.operand(id, Operand::Data)
            .map(|(from, port)| self.port_shape(from, port))
    }

    fn verify_output(&self, id: KernelId) -> Result<(), Fault> {
        let node = self.node(id);
        let Some(input) = self.data_shape(id) else {
            return Ok(());
        };
        let expected = expected_output(&node.op, input, node.output.channels);
        if expected == Some(node.output) {
            return Ok(());
        }
        Err(Fault::Output {
            node: node.name.clone(),
            op: node.op.name(),
            found: node.output,
            expected: expected.map_or_else(|| "nothing".to_owned(), |shape| shape.to_string()),
        })
    }
}

fn expected_operands(op: &Op, found: &[Operand]) -> Vec<Operand> {
    let mut expected = match op {
        Op::Input => vec![],
        Op::Multiply | Op::Pointwise { gate: Some(_), .. } => vec![Operand::Data, Operand::Gate],
        Op::Add => vec![Operand::Data, Operand::Residual],
        Op::Identity(_)
        | Op::Pad(_)
        | Op::BatchNorm { .. }
        | Op::Activation(_)
        | Op::Mean
        | Op::Convolution { .. }
        | Op::Pointwise { gate: None, .. }
        | Op::Depthwise { .. }
        | Op::DepthFirst { .. }
        | Op::PooledPointwise { .. }
        | Op::SqueezeExcite { .. }
        | Op::Dense { .. } => vec![Operand::Data],
    };
    // The shortcut of a projection is optional.
    if matches!(op, Op::Pointwise { .. } | Op::Convolution { .. })
        && found.last() == Some(&Operand::Residual)
    {
        expected.push(Operand::Residual);
    }
    expected
}

/// Output shape of `op` on `input`; `channels` are the filters of those ops that choose them.
fn expected_output(op: &Op, input: Shape, channels: usize) -> Option<Shape> {
    match op {
        Op::Input
        | Op::Identity(_)
        | Op::BatchNorm { .. }
        | Op::Activation(_)
        | Op::Multiply
        | Op::Add => Some(input),
        Op::Pad(pads) => Some(Shape {
            height: input.height + pads.top + pads.bottom,
            width: input.width + pads.left + pads.right,
            ..input
        }),
        Op::Mean => Some(Shape::vector(input.channels)),
        Op::Pointwise { .. } => Some(Shape { channels, ..input }),
        Op::Convolution { window, .. } => window.output(input).map(|(height, width)| Shape {
            height,
            width,
            channels,
        }),
        Op::Depthwise { window, .. } => window.output(input).map(|(height, width)| Shape {
            height,
            width,
            ..input
        }),
        Op::DepthFirst {
            producer, window, ..
        } => {
            let expanded = producer.output(input, channels)?;
            let (height, width) = window.output(expanded)?;
            Some(Shape {
                height,
                width,
                channels,
            })
        }
        Op::SqueezeExcite { .. } => Some(Shape::vector(input.channels)),
        Op::PooledPointwise { .. } | Op::Dense { .. } => Some(Shape::vector(channels)),
    }
}

#[cfg(test)]
mod tests;
