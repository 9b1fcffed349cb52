//! Squeeze fusion: the depthwise kernel sums its output's pixels as it stores them, so that squeeze
//! and excite never reads the map again; it divides by the pixels itself.
//!
//! A mean behind any other producer, or read by anything else (the head's), stays a kernel.

use crate::ir::{KernelGraph, KernelId, Op, Operand, Port};

pub(super) fn run(graph: &mut KernelGraph) {
    for id in graph.ids() {
        fuse(graph, id);
    }
}

fn fuse(graph: &mut KernelGraph, mean: KernelId) {
    if graph.node(mean).op != Op::Mean {
        return;
    }
    let Some((producer, Port::Main)) = graph.operand(mean, Operand::Data) else {
        return;
    };
    let Some((consumer, Operand::Data)) = graph.sole_consumer(mean) else {
        return;
    };
    if !matches!(graph.node(consumer).op, Op::SqueezeExcite { .. }) {
        return;
    }
    let area = graph.node(producer).output.pixels();
    let Op::Depthwise { sums, .. } = &mut graph.node_mut(producer).op else {
        return;
    };
    *sums = true;
    if let Op::SqueezeExcite { pixels, .. } = &mut graph.node_mut(consumer).op {
        *pixels *= area;
    }
    graph.replace(mean, producer, Port::Sums);
}
