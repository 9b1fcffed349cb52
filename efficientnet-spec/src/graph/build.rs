//! Architecture to layer graph: Keras's layers, names and order.

use petgraph::stable_graph::StableDiGraph;

use super::{LayerGraph, LayerId};
use crate::layer::{Convolution, Depthwise, Layer, LayerOp};
use crate::{
    Activation, Architecture, ArchitectureFault, ArchitectureFaults, ArchitectureProblem, Block,
    Faults, Module, Output, Padding, Pads, Part, Place, Shape, SqueezeExcite, SubBlock,
};

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

/// Names of one sub-block.
struct Names {
    /// Keras's prefix, such as `block2a_`.
    keras: String,
    /// timm's prefix, such as `blocks.1.0.`.
    timm: String,
}

/// Where in its block a sub-block stands, and what changes with that.
struct Position {
    /// Number of the block, from 0.
    block: usize,
    /// Number inside the block, from 0.
    index: usize,
    in_channels: usize,
    stride: usize,
    /// Rate of stochastic depth.
    drop_rate: f64,
}

impl Builder<'_> {
    fn network(mut self, top: Top) -> Result<LayerGraph, ArchitectureFault> {
        let mut last = self.stem()?;
        self.mark(Output::Stem, last);
        let total: usize = self
            .architecture
            .blocks
            .iter()
            .map(|block| block.repeats)
            .sum();
        let mut done = 0;
        for (number, block) in self.architecture.blocks.iter().enumerate() {
            for index in 0..block.repeats {
                let first = index == 0;
                let position = Position {
                    block: number,
                    index,
                    in_channels: if first {
                        block.in_channels
                    } else {
                        block.out_channels
                    },
                    stride: if first { block.stride } else { 1 },
                    drop_rate: self.architecture.drop_connect * done as f64 / total as f64,
                };
                last = self.sub_block(last, block, &position)?;
                done += 1;
            }
            self.mark(Output::Block(number + 1), last);
        }
        last = self.head(last)?;
        self.mark(Output::Head, last);
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
        let (last, pads) = self.padding("stem_conv_pad", last, stem.kernel, stem.stride)?;
        let conv = Convolution {
            kernel: stem.kernel,
            stride: stem.stride,
            filters: stem.channels,
            pads,
            bias: false,
            activation: None,
        };
        let conv = LayerOp::Convolution(conv);
        let last = self.add("stem_conv", conv, &[last], Some("conv_stem".into()))?;
        let last = self.batch_norm("stem_bn", last, "bn1".into())?;
        self.activation("stem_activation", last)
    }

    fn head(&mut self, last: LayerId) -> Added {
        self.place = Place {
            part: Part::Final,
            module: None,
        };
        let conv = pointwise(self.architecture.head.channels, None);
        let last = self.add("top_conv", conv, &[last], Some("conv_head".into()))?;
        let last = self.batch_norm("top_bn", last, "bn2".into())?;
        self.activation("top_activation", last)
    }

    fn top(&mut self, last: LayerId) -> Result<(), ArchitectureFault> {
        let mut last = self.add("avg_pool", LayerOp::GlobalAveragePooling, &[last], None)?;
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

    /// Modules 1 or 2, 3 where the family has it, then 4 or 5.
    fn sub_block(&mut self, input: LayerId, block: &Block, at: &Position) -> Added {
        let sub_block = match (at.block, at.index) {
            (0, 0) => SubBlock::One,
            (_, 0) => SubBlock::Two,
            _ => SubBlock::Three,
        };
        self.place.part = Part::Block {
            block: at.block + 1,
            index: at.index,
            sub_block,
        };
        let names = Names {
            keras: format!("{}_", self.place.part),
            timm: format!("blocks.{}.{}.", at.block, at.index),
        };
        let map = self.expand_and_filter(input, block, at, &names)?;
        let gate = match &block.squeeze_excite {
            Some(squeeze) => Some(self.squeeze_excite(map, squeeze, at.in_channels, &names)?),
            None => None,
        };
        let shortcut = (at.stride == 1 && at.in_channels == block.out_channels).then_some(input);
        self.project(map, gate, shortcut, block, at, &names)
    }

    /// Module 1 or, with an expansion, module 2.
    fn expand_and_filter(
        &mut self,
        input: LayerId,
        block: &Block,
        at: &Position,
        names: &Names,
    ) -> Added {
        let Names { keras, timm } = names;
        let expanded = block.expand_ratio != 1;
        self.place.module = Some(if expanded { Module::Two } else { Module::One });
        let mut last = input;
        if expanded {
            let conv = pointwise(at.in_channels * block.expand_ratio, None);
            let tensor = Some(format!("{timm}conv_pw"));
            last = self.add(format!("{keras}expand_conv"), conv, &[last], tensor)?;
            last = self.batch_norm(format!("{keras}expand_bn"), last, format!("{timm}bn1"))?;
            last = self.activation(format!("{keras}expand_activation"), last)?;
        }
        let (last, pads) =
            self.padding(format!("{keras}dwconv_pad"), last, block.kernel, at.stride)?;
        let conv = Depthwise {
            kernel: block.kernel,
            stride: at.stride,
            pads,
        };
        let conv = LayerOp::Depthwise(conv);
        let tensor = Some(format!("{timm}conv_dw"));
        let last = self.add(format!("{keras}dwconv"), conv, &[last], tensor)?;
        let number = if expanded { 2 } else { 1 };
        let last = self.batch_norm(format!("{keras}bn"), last, format!("{timm}bn{number}"))?;
        self.activation(format!("{keras}activation"), last)
    }

    /// Module 3: the gate of one pixel. It is as wide as the map and squeezes to a share of the
    /// sub-block's input channels, rounded down (Keras; timm agrees wherever the share is whole).
    fn squeeze_excite(
        &mut self,
        map: LayerId,
        squeeze: &SqueezeExcite,
        in_channels: usize,
        names: &Names,
    ) -> Added {
        let Names { keras, timm } = names;
        self.place.module = Some(Module::Three);
        let pool = LayerOp::GlobalAveragePooling;
        let last = self.add(format!("{keras}se_squeeze"), pool, &[map], None)?;
        let last = self.add(
            format!("{keras}se_reshape"),
            LayerOp::Reshape,
            &[last],
            None,
        )?;
        let width = squeeze.width(in_channels);
        let reduce = pointwise(width, Some(squeeze.activation));
        let tensor = Some(format!("{timm}se.conv_reduce"));
        let last = self.add(format!("{keras}se_reduce"), reduce, &[last], tensor)?;
        let channels = self.graph.layer(map).output.channels();
        let expand = pointwise(channels, Some(squeeze.gate));
        let tensor = Some(format!("{timm}se.conv_expand"));
        self.add(format!("{keras}se_expand"), expand, &[last], tensor)
    }

    /// Module 4 or, with a shortcut, module 5.
    fn project(
        &mut self,
        map: LayerId,
        gate: Option<LayerId>,
        shortcut: Option<LayerId>,
        block: &Block,
        at: &Position,
        names: &Names,
    ) -> Added {
        let Names { keras, timm } = names;
        self.place.module = Some(if shortcut.is_some() {
            Module::Five
        } else {
            Module::Four
        });
        let mut last = map;
        if let Some(gate) = gate {
            last = self.add(
                format!("{keras}se_excite"),
                LayerOp::Multiply,
                &[map, gate],
                None,
            )?;
        }
        let (conv, norm) = if block.expand_ratio == 1 {
            ("conv_pw", 2)
        } else {
            ("conv_pwl", 3)
        };
        let tensor = Some(format!("{timm}{conv}"));
        let project = pointwise(block.out_channels, None);
        last = self.add(format!("{keras}project_conv"), project, &[last], tensor)?;
        last = self.batch_norm(
            format!("{keras}project_bn"),
            last,
            format!("{timm}bn{norm}"),
        )?;
        let Some(shortcut) = shortcut else {
            return Ok(last);
        };
        let rate = at.drop_rate;
        if rate > 0.0 {
            last = self.add(
                format!("{keras}drop"),
                LayerOp::Dropout { rate },
                &[last],
                None,
            )?;
        }
        self.add(format!("{keras}add"), LayerOp::Add, &[last, shortcut], None)
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

    fn activation(&mut self, name: impl Into<String>, last: LayerId) -> Added {
        self.add(
            name,
            LayerOp::Activation(self.architecture.activation),
            &[last],
            None,
        )
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
