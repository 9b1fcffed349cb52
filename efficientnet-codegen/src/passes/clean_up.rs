//! Inference clean-up: layers that compute nothing at inference disappear, and explicit zeros become
//! part of the window that reads them.

use crate::ir::{KernelGraph, KernelId, Op, Operand, Port};

pub(super) fn run(graph: &mut KernelGraph) {
    for id in graph.ids() {
        match graph.node(id).op {
            Op::Identity(_) => remove(graph, id),
            Op::Pad(_) => absorb_pad(graph, id),
            Op::Input
            | Op::BatchNorm { .. }
            | Op::Activation(_)
            | Op::Multiply
            | Op::Add
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

fn remove(graph: &mut KernelGraph, id: KernelId) {
    if let Some((from, port)) = graph.operand(id, Operand::Data) {
        graph.replace(id, from, port);
    }
}

/// Adds the zeros to the window of the only consumer; leaves them where there is no such window.
fn absorb_pad(graph: &mut KernelGraph, id: KernelId) {
    let Op::Pad(pads) = graph.node(id).op else {
        return;
    };
    let Some((consumer, Operand::Data)) = graph.sole_consumer(id) else {
        return;
    };
    let Some((from, Port::Main)) = graph.operand(id, Operand::Data) else {
        return;
    };
    let (Op::Convolution { window, .. } | Op::Depthwise { window, .. }) =
        &mut graph.node_mut(consumer).op
    else {
        return;
    };
    window.pads.top += pads.top;
    window.pads.bottom += pads.bottom;
    window.pads.left += pads.left;
    window.pads.right += pads.right;
    graph.replace(id, from, Port::Main);
}
