//! The layers of one sub-block.

use super::{Added, Builder, pointwise};
use crate::graph::LayerId;
use crate::layer::{Depthwise, LayerOp};
use crate::{Block, BlockKind, Module, Part, SqueezeExcite};

/// One sub-block: its block, where in it it stands, and what changes with that.
pub(super) struct SubBlock<'a> {
    block: &'a Block,
    /// Number of the block, from 0.
    number: usize,
    /// Number inside the block, from 0.
    index: usize,
    in_channels: usize,
    stride: usize,
    /// Channels of the expansion, if any.
    expanded: Option<usize>,
    /// Rate of stochastic depth.
    drop_rate: f64,
}

/// Beginnings of the names in one sub-block.
struct Names {
    /// Keras's, such as `block2a_`.
    keras: String,
    /// timm's, such as `blocks.1.0.`.
    timm: String,
}

impl<'a> SubBlock<'a> {
    pub(super) fn new(block: &'a Block, number: usize, index: usize, drop_rate: f64) -> Self {
        Self {
            block,
            number,
            index,
            in_channels: block.input_of(index),
            stride: block.stride_of(index),
            expanded: block.expanded(index),
            drop_rate,
        }
    }

    fn part(&self) -> Part {
        let sub_block = match (self.number, self.index) {
            (0, 0) => crate::SubBlock::One,
            (_, 0) => crate::SubBlock::Two,
            _ => crate::SubBlock::Three,
        };
        Part::Block {
            block: self.number + 1,
            index: self.index,
            sub_block,
        }
    }

    /// Keras: `id_skip and strides == 1 and filters_in == filters_out`.
    fn has_shortcut(&self) -> bool {
        let Block {
            shortcut,
            out_channels,
            ..
        } = *self.block;
        shortcut && self.stride == 1 && self.in_channels == out_channels
    }

    /// timm's layer names of the projection and the batch norm behind it.
    fn projection(&self) -> (&'static str, &'static str) {
        match (self.block.kind, self.expanded) {
            (BlockKind::Mbconv, None) => ("conv_pw", "bn2"),
            (BlockKind::Mbconv, Some(_)) => ("conv_pwl", "bn3"),
            (BlockKind::FusedMbconv, _) => ("conv_pwl", "bn2"),
            (BlockKind::Convolution, _) => ("conv", "bn1"),
        }
    }
}

impl Builder<'_> {
    /// Modules 1 or 2, 3 where the block has it, then 4 or 5; of a block of convolutions 4 or 5 alone.
    pub(super) fn sub_block(&mut self, input: LayerId, at: SubBlock<'_>) -> Added {
        self.place.part = at.part();
        let names = Names {
            keras: format!("{}_", self.place.part),
            timm: format!("blocks.{}.{}.", at.number, at.index),
        };
        let map = match at.block.kind {
            BlockKind::Mbconv => self.expand_and_filter(input, &at, &names)?,
            BlockKind::FusedMbconv => self.expand_fused(input, &at, &names)?,
            BlockKind::Convolution => input,
        };
        let gate = match &at.block.squeeze_excite {
            Some(squeeze) => Some(self.squeeze_excite(map, squeeze, &at, &names)?),
            None => None,
        };
        let last = self.project(map, gate, &at, &names)?;
        match at.has_shortcut() {
            true => self.add_shortcut(last, input, at.drop_rate, &names),
            false => Ok(last),
        }
    }

    /// Module 1 or, with an expansion, module 2.
    fn expand_and_filter(&mut self, input: LayerId, at: &SubBlock<'_>, names: &Names) -> Added {
        let Names { keras, timm } = names;
        let Block {
            kernel, activation, ..
        } = *at.block;
        let mut last = input;
        self.place.module = Some(Module::One);
        if let Some(channels) = at.expanded {
            self.place.module = Some(Module::Two);
            let (conv, tensor) = (pointwise(channels, None), Some(format!("{timm}conv_pw")));
            last = self.add(format!("{keras}expand_conv"), conv, &[last], tensor)?;
            last = self.batch_norm(format!("{keras}expand_bn"), last, format!("{timm}bn1"))?;
            last = self.activation(format!("{keras}expand_activation"), last, activation)?;
        }
        let pad = format!("{keras}dwconv_pad");
        let (last, pads) = self.padding(pad, last, kernel, at.stride)?;
        let conv = LayerOp::Depthwise(Depthwise {
            kernel,
            stride: at.stride,
            pads,
        });
        let tensor = Some(format!("{timm}conv_dw"));
        let last = self.add(format!("{keras}dwconv"), conv, &[last], tensor)?;
        let number = if at.expanded.is_some() { 2 } else { 1 };
        let last = self.batch_norm(format!("{keras}bn"), last, format!("{timm}bn{number}"))?;
        self.activation(format!("{keras}activation"), last, activation)
    }

    /// Module 1 of a fused block, under the names that Keras's EfficientNetV2 has.
    fn expand_fused(&mut self, input: LayerId, at: &SubBlock<'_>, names: &Names) -> Added {
        let Names { keras, timm } = names;
        self.place.module = Some(Module::One);
        let (name, tensor) = (format!("{keras}expand_conv"), format!("{timm}conv_exp"));
        let channels = at.expanded.unwrap_or(at.in_channels);
        let window = (at.block.kernel, at.stride);
        let last = self.convolution(name, input, window, channels, tensor)?;
        let last = self.batch_norm(format!("{keras}expand_bn"), last, format!("{timm}bn1"))?;
        let name = format!("{keras}expand_activation");
        self.activation(name, last, at.block.activation)
    }

    /// Module 3: the gate of one pixel, as wide as the map.
    fn squeeze_excite(
        &mut self,
        map: LayerId,
        squeeze: &SqueezeExcite,
        at: &SubBlock<'_>,
        names: &Names,
    ) -> Added {
        let Names { keras, timm } = names;
        self.place.module = Some(Module::Three);
        let pool = LayerOp::GlobalAveragePooling;
        let last = self.add(format!("{keras}se_squeeze"), pool, &[map], None)?;
        let name = format!("{keras}se_reshape");
        let last = self.add(name, LayerOp::Reshape, &[last], None)?;
        let channels = self.graph.layer(map).output.channels();
        let width = squeeze.width(at.in_channels, channels);
        let reduce = pointwise(width, Some(squeeze.activation));
        let tensor = Some(format!("{timm}se.conv_reduce"));
        let last = self.add(format!("{keras}se_reduce"), reduce, &[last], tensor)?;
        let expand = pointwise(channels, Some(squeeze.gate));
        let tensor = Some(format!("{timm}se.conv_expand"));
        self.add(format!("{keras}se_expand"), expand, &[last], tensor)
    }

    /// Module 4 or, with a shortcut, module 5 up to its batch norm. In a block of convolutions it sees
    /// neighbours and has an activation.
    fn project(
        &mut self,
        map: LayerId,
        gate: Option<LayerId>,
        at: &SubBlock<'_>,
        names: &Names,
    ) -> Added {
        let Names { keras, timm } = names;
        self.place.module = Some(match at.has_shortcut() {
            true => Module::Five,
            false => Module::Four,
        });
        let mut last = map;
        if let Some(gate) = gate {
            let name = format!("{keras}se_excite");
            last = self.add(name, LayerOp::Multiply, &[map, gate], None)?;
        }
        let (conv, norm) = at.projection();
        let (name, tensor) = (format!("{keras}project_conv"), format!("{timm}{conv}"));
        let filters = at.block.out_channels;
        let plain = at.block.kind == BlockKind::Convolution;
        last = match plain {
            true => self.convolution(name, last, (at.block.kernel, at.stride), filters, tensor)?,
            false => self.add(name, pointwise(filters, None), &[last], Some(tensor))?,
        };
        let name = format!("{keras}project_bn");
        last = self.batch_norm(name, last, format!("{timm}{norm}"))?;
        match plain {
            true => {
                let name = format!("{keras}project_activation");
                self.activation(name, last, at.block.activation)
            }
            false => Ok(last),
        }
    }

    /// The rest of module 5. Layers of rate 0 are left out, as in Keras.
    fn add_shortcut(
        &mut self,
        mut last: LayerId,
        input: LayerId,
        rate: f64,
        names: &Names,
    ) -> Added {
        let Names { keras, .. } = names;
        if rate > 0.0 {
            let name = format!("{keras}drop");
            last = self.add(name, LayerOp::Dropout { rate }, &[last], None)?;
        }
        self.add(format!("{keras}add"), LayerOp::Add, &[last, input], None)
    }
}
