//! Architecture to layer graph: Keras's layers, names and order.

mod sub_block;

use petgraph::stable_graph::StableDiGraph;

use super::{LayerGraph, LayerId};
use crate::layer::{Convolution, Layer, LayerOp};
use crate::{
    Activation, Architecture, ArchitectureFault, ArchitectureFaults, ArchitectureProblem, Faults,
    Output, Padding, Pads, Part, Place, Shape,
};
use sub_block::SubBlock;

/// Whether the graph ends in the classifier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Top {
    /// Pooling, dropout and classifier: the output is the logits.
    #[default]
    With,
    /// The output is the head's feature map, as with Keras's `include_top=False`.
    Without,
}

impl LayerGraph {
    /// The layers of a variant: for SAME padding the graph of `keras.applications.efficientnet`,
    /// with the same names.
    ///
    /// # Errors
    /// The faults of an architecture that does not pass [`Architecture::verify`].
    pub fn build(architecture: &Architecture, top: Top) -> Result<LayerGraph, ArchitectureFaults> {
        architecture.verify()?;
        let builder = Builder {
            architecture,
            graph: LayerGraph {
                graph: StableDiGraph::new(),
                outputs: Vec::new(),
            },
            place: Place {
                part: Part::Stem,
                module: None,
            },
        };
        builder.network(top).map_err(|fault| Faults(vec![fault]))
    }
}

struct Builder<'a> {
    architecture: &'a Architecture,
    graph: LayerGraph,
    /// Where the layers now being added stand.
    place: Place,
}

type Added = Result<LayerId, ArchitectureFault>;

impl Builder<'_> {
    fn network(mut self, top: Top) -> Result<LayerGraph, ArchitectureFault> {
        let mut last = self.stem()?;
        self.mark(Output::Stem, last);
        let mut done = 0;
        for (number, block) in self.architecture.blocks.iter().enumerate() {
            for index in 0..block.repeats {
                let drop_rate = self.architecture.drop_rate(done);
                last = self.sub_block(last, SubBlock::new(block, number, index, drop_rate))?;
                done += 1;
            }
            self.mark(Output::Block(number + 1), last);
        }
        self.place = Place {
            part: Part::Final,
            module: None,
        };
        if !self.architecture.head.after_pooling {
            last = self.head(last)?;
            self.mark(Output::Head, last);
        }
        if top == Top::With {
            self.top(last)?;
        }
        Ok(self.graph)
    }

    fn mark(&mut self, output: Output, layer: LayerId) {
        self.graph.outputs.push((output, layer));
    }

    fn stem(&mut self) -> Added {
        let stem = &self.architecture.stem;
        let input = self.input(self.architecture.input);
        let last = self.add("rescaling", LayerOp::Rescaling, &[input], None)?;
        let last = self.add("normalization", LayerOp::Normalization, &[last], None)?;
        let window = (stem.kernel, stem.stride);
        let last =
            self.convolution("stem_conv", last, window, stem.channels, "conv_stem".into())?;
        let last = self.batch_norm("stem_bn", last, "bn1".into())?;
        self.activation("stem_activation", last, self.architecture.activation)
    }

    fn head(&mut self, last: LayerId) -> Added {
        let conv = pointwise(self.architecture.head.channels, None);
        let last = self.add("top_conv", conv, &[last], Some("conv_head".into()))?;
        let last = self.batch_norm("top_bn", last, "bn2".into())?;
        self.activation("top_activation", last, self.architecture.activation)
    }

    /// A product of the pooled values with a bias of its own (timm, `MobileNetV3`).
    fn head_after_pooling(&mut self, pooled: LayerId) -> Added {
        let Architecture {
            head, activation, ..
        } = self.architecture;
        let last = self.add("top_reshape", LayerOp::Reshape, &[pooled], None)?;
        let conv = pointwise(head.channels, Some(*activation));
        let last = self.add("top_conv", conv, &[last], Some("conv_head".into()))?;
        self.add("top_flatten", LayerOp::Flatten, &[last], None)
    }

    fn top(&mut self, last: LayerId) -> Result<(), ArchitectureFault> {
        let mut last = self.add("avg_pool", LayerOp::GlobalAveragePooling, &[last], None)?;
        if self.architecture.head.after_pooling {
            last = self.head_after_pooling(last)?;
        }
        self.mark(Output::Features, last);
        let rate = self.architecture.dropout;
        if rate > 0.0 {
            last = self.add("top_dropout", LayerOp::Dropout { rate }, &[last], None)?;
        }
        let dense = LayerOp::Dense {
            units: self.architecture.classes,
        };
        last = self.add("predictions", dense, &[last], Some("classifier".into()))?;
        self.mark(Output::Logits, last);
        Ok(())
    }

    /// The zero padding layer of a strided window (then the window has none of its own), or the
    /// implicit pads of an unstrided one.
    fn padding(
        &mut self,
        name: impl Into<String>,
        last: LayerId,
        kernel: usize,
        stride: usize,
    ) -> Result<(LayerId, Pads), ArchitectureFault> {
        let (height, width) = self.graph.layer(last).output.size();
        let pads = match self.architecture.padding {
            Padding::Symmetric => Pads::symmetric(kernel),
            Padding::Same => Pads::same(height, width, kernel, stride),
        };
        if stride == 1 {
            return Ok((last, pads));
        }
        let padded = self.add(name, LayerOp::ZeroPadding(pads), &[last], None)?;
        Ok((padded, Pads::NONE))
    }

    fn batch_norm(&mut self, name: impl Into<String>, last: LayerId, tensor: String) -> Added {
        self.add(name, LayerOp::BatchNormalization, &[last], Some(tensor))
    }

    fn activation(
        &mut self,
        name: impl Into<String>,
        last: LayerId,
        activation: Activation,
    ) -> Added {
        self.add(name, LayerOp::Activation(activation), &[last], None)
    }

    /// A dense convolution of so many pixels and such a stride, without bias and activation, and the zeros
    /// before it.
    fn convolution(
        &mut self,
        name: impl Into<String>,
        last: LayerId,
        (kernel, stride): (usize, usize),
        filters: usize,
        tensor: String,
    ) -> Added {
        let name = name.into();
        let (last, pads) = self.padding(format!("{name}_pad"), last, kernel, stride)?;
        let conv = LayerOp::Convolution(Convolution {
            kernel,
            stride,
            filters,
            pads,
            bias: false,
            activation: None,
        });
        self.add(name, conv, &[last], Some(tensor))
    }

    fn input(&mut self, output: Shape) -> LayerId {
        let layer = Layer {
            name: "input_layer".into(),
            op: LayerOp::Input,
            place: self.place,
            output,
            tensor: None,
        };
        LayerId(self.graph.graph.add_node(layer))
    }

    fn add(
        &mut self,
        name: impl Into<String>,
        op: LayerOp,
        operands: &[LayerId],
        tensor: Option<String>,
    ) -> Added {
        let name = name.into();
        let shapes: Vec<_> = operands
            .iter()
            .map(|id| self.graph.layer(*id).output)
            .collect();
        let output = op
            .output_shape(&shapes)
            .map_err(|fault| ArchitectureFault::new(&name, ArchitectureProblem::Shape(fault)))?;
        let layer = Layer {
            name,
            op,
            place: self.place,
            output,
            tensor,
        };
        let node = self.graph.graph.add_node(layer);
        for (position, operand) in operands.iter().enumerate() {
            self.graph.graph.add_edge(operand.0, node, position);
        }
        Ok(LayerId(node))
    }
}

/// A product over channels; with an activation it has a bias, as in squeeze and excite.
fn pointwise(filters: usize, activation: Option<Activation>) -> LayerOp {
    LayerOp::Convolution(Convolution {
        kernel: 1,
        stride: 1,
        filters,
        pads: Pads::NONE,
        bias: activation.is_some(),
        activation,
    })
}
