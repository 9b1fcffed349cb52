//! Epilogue fusion: the activation and the residual add behind a product are done by its kernel while
//! the result is still in registers.
//!
//! A shortcut ends at a linear projection in almost every network of this kind (Sandler et al., "MobileNetV2",
//! 2018, section 3.2), and behind the activation where a sub-block is a convolution alone (Tan and Le,
//! "EfficientNetV2", 2021). So kernels add it last, and an activation is fused only where there is none yet.

use efficientnet_spec::Pads;

use crate::ir::{KernelGraph, KernelId, Op, Operand, Port, Window};

/// The window of a product over all pixels.
const ONE_PIXEL: Window = Window {
    kernel: 1,
    stride: 1,
    pads: Pads::NONE,
};

pub(super) fn run(graph: &mut KernelGraph) {
    for id in graph.ids() {
        match graph.node(id).op {
            Op::Activation(_) => fuse_activation(graph, id),
            Op::Add => fuse_add(graph, id),
            Op::Input
            | Op::Identity(_)
            | Op::Pad(_)
            | Op::BatchNorm { .. }
            | Op::Multiply
            | Op::Mean
            | Op::Convolution { .. }
            | Op::Pointwise { .. }
            | Op::Depthwise { .. }
            | Op::DepthFirst { .. }
            | Op::PooledPointwise { .. }
            | Op::SqueezeExcite { .. }
            | Op::Dense { .. } => {}
        }
    }
}

fn fuse_activation(graph: &mut KernelGraph, id: KernelId) {
    let Op::Activation(activation) = graph.node(id).op else {
        return;
    };
    let Some((product, Port::Main)) = graph.operand(id, Operand::Data) else {
        return;
    };
    let alone = graph.sole_consumer(product) == Some((id, Operand::Data));
    if !alone || graph.operand(product, Operand::Residual).is_some() {
        return;
    }
    match graph.node_mut(product).op.activation_mut() {
        Some(slot @ None) => *slot = Some(activation),
        Some(Some(_)) | None => return,
    }
    graph.replace(id, product, Port::Main);
}

fn fuse_add(graph: &mut KernelGraph, id: KernelId) {
    let Some((product, Port::Main)) = graph.operand(id, Operand::Data) else {
        return;
    };
    let alone = graph.sole_consumer(product) == Some((id, Operand::Data));
    let free = graph.operand(product, Operand::Residual).is_none();
    if !alone || !free {
        return;
    }
    let op = match graph.node(product).op.clone() {
        op @ (Op::Pointwise {
            activation: None, ..
        }
        | Op::Convolution { .. }) => op,
        // The projection's kernel has no activation, the convolution's has.
        Op::Pointwise {
            filter,
            activation,
            gate: None,
        } => Op::Convolution {
            window: ONE_PIXEL,
            filter,
            activation,
        },
        _ => return,
    };
    graph.node_mut(product).op = op;
    graph.move_operand(id, Operand::Residual, product);
    graph.replace(id, product, Port::Main);
}
