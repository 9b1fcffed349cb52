//! Pooling fusion: a product whose result is only averaged over the pixels (the head's) adds up some pixels of one
//! panel at a time while they are in L1, so that the widest map of the network's end is never stored.

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
    let Some((product, Port::Main)) = graph.operand(mean, Operand::Data) else {
        return;
    };
    let alone = graph.sole_consumer(product) == Some((mean, Operand::Data));
    if !alone || graph.operand(product, Operand::Residual).is_some() {
        return;
    }
    let Op::Pointwise {
        filter,
        activation,
        gate: None,
    } = graph.node(product).op.clone()
    else {
        return;
    };
    graph.node_mut(mean).op = Op::PooledPointwise { filter, activation };
    graph.absorb(product, mean);
}
