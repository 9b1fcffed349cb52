//! For tests: a network that shows every pass at work and still fits on a page, and graphs and plans
//! written by hand.

use efficientnet_spec::{
    Activation, Architecture, Block, BlockKind, ExpandOf, Expansion, Head, Output, Padding, Part,
    Place, Rounding, SqueezeExcite, SqueezeOf, Stem,
};

use crate::ir::{
    Affine, Filter, KernelGraph, KernelId, NamedOutput, Node, Op, Operand, Port, Shape,
};
use crate::plan::{
    Buffer, BufferId, Call, Gate, Kernel, Plan, PlanOutput, Precision, Split, Storage,
};

/// Two blocks, three sub-blocks, one of each kind, on an odd and rectangular input.
pub(crate) fn architecture() -> Architecture {
    let squeeze_excite = Some(SqueezeExcite {
        ratio: 0.25,
        of: SqueezeOf::Input,
        rounding: None,
        activation: Activation::Silu,
        gate: Activation::Sigmoid,
    });
    let block = |expand_ratio, kernel, stride, in_channels, out_channels, repeats| Block {
        kind: BlockKind::Mbconv,
        expansion: Expansion {
            ratios: vec![expand_ratio],
            of: ExpandOf::Input,
            rounding: Rounding {
                multiple: 8,
                floor: 0.9,
            },
        },
        kernel,
        stride,
        in_channels,
        out_channels,
        repeats,
        activation: Activation::Silu,
        squeeze_excite: squeeze_excite.clone(),
        shortcut: true,
    };
    Architecture {
        family: "tiny".to_owned(),
        variant: "t0".to_owned(),
        input: efficientnet_spec::Shape::Map {
            height: 17,
            width: 20,
            channels: 3,
        },
        padding: Padding::Same,
        activation: Activation::Silu,
        stem: Stem {
            kernel: 3,
            stride: 2,
            channels: 16,
        },
        blocks: vec![block(1.0, 3, 1, 16, 8, 1), block(6.0, 5, 2, 8, 24, 2)],
        head: Head {
            channels: 32,
            after_pooling: false,
        },
        classes: 10,
        dropout: 0.2,
        drop_connect: 0.2,
    }
}

/// The same without squeeze and excite and with relu6, so that it can be int8.
pub(crate) fn quantizable() -> Architecture {
    let mut architecture = architecture();
    architecture.activation = Activation::Relu6;
    for block in &mut architecture.blocks {
        (block.activation, block.squeeze_excite) = (Activation::Relu6, None);
    }
    architecture
}

/// A small map.
pub(crate) const MAP: Shape = Shape {
    height: 4,
    width: 4,
    channels: 8,
};

const PLACE: Place = Place {
    part: Part::Final,
    module: None,
};

/// The weights of a product, without bias or batch norm.
pub(crate) fn filter(weight: &str) -> Filter {
    Filter {
        weight: weight.to_owned(),
        affine: Affine::None,
    }
}

/// A product over all pixels.
pub(crate) fn pointwise(weight: &str) -> Op {
    Op::Pointwise {
        filter: filter(weight),
        activation: None,
        gate: None,
    }
}

/// A graph written by hand, node by node.
#[derive(Default)]
pub(crate) struct Builder(pub(crate) KernelGraph);

impl Builder {
    /// Adds a node that reads main outputs; the newest is the graph's output.
    pub(crate) fn node(
        &mut self,
        name: &str,
        op: Op,
        output: Shape,
        operands: &[(Operand, KernelId)],
    ) -> KernelId {
        let operands: Vec<_> = operands
            .iter()
            .map(|&(operand, from)| (operand, from, Port::Main))
            .collect();
        let node = Node {
            name: name.to_owned(),
            op,
            place: PLACE,
            output,
            not_depth_first: None,
        };
        let id = self.0.add(node, &operands);
        self.output(&[(Output::Logits, id)]);
        id
    }

    /// Says what the graph's outputs are.
    pub(crate) fn output(&mut self, outputs: &[(Output, KernelId)]) {
        let named = |&(name, node): &(Output, KernelId)| NamedOutput {
            name,
            node,
            shape: self.0.node(node).output,
        };
        let outputs = outputs.iter().map(named).collect();
        self.0.set_outputs(outputs);
    }
}

/// A plan without calls; its only buffer is the input, of one pixel and one channel.
pub(crate) fn empty_plan() -> Plan {
    Plan {
        family: "tiny".to_owned(),
        variant: "by-hand".to_owned(),
        padding: Padding::Same,
        precision: Precision::F32,
        input: Shape::vector(1),
        parameters: 0,
        macs: 0,
        buffers: vec![Buffer {
            name: "input".to_owned(),
            len: 1,
            precision: Precision::F32,
            storage: Storage::Input,
        }],
        calls: Vec::new(),
        outputs: Vec::new(),
        unused: Vec::new(),
        arena: 0,
        scratch: 0,
    }
}

/// A plan's output that holds a whole buffer.
pub(crate) fn output(plan: &Plan, name: Output, buffer: BufferId) -> PlanOutput {
    PlanOutput {
        name,
        buffer,
        shape: Shape::vector(plan.buffer(buffer).len),
    }
}

/// A call by the buffers it touches; its shapes mean nothing.
pub(crate) fn call(
    name: &str,
    input: BufferId,
    output: BufferId,
    gate: Option<Gate>,
    residual: Option<BufferId>,
) -> Call {
    Call {
        name: name.to_owned(),
        place: PLACE,
        kernel: Kernel::Pointwise {
            input: MAP,
            out_channels: MAP.channels,
            filter: filter(name),
            activation: None,
            gate,
            residual,
            strip: 1,
            split: Split::Rows,
            weights: Precision::F32,
        },
        input,
        output,
        output_shape: MAP,
        weights: 0..0,
        not_depth_first: None,
    }
}
