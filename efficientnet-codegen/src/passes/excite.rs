//! Excite fusion: the two products, with biases, that make a gate work on vectors too small for
//! kernels of their own and become one call.

use crate::ir::{Affine, KernelGraph, KernelId, Op, Operand, Port};

pub(super) fn run(graph: &mut KernelGraph) {
    for id in graph.ids() {
        fuse(graph, id);
    }
}

fn fuse(graph: &mut KernelGraph, reduce: KernelId) {
    let Some((pooled, Port::Main)) = graph.operand(reduce, Operand::Data) else {
        return;
    };
    let Some((expand, Operand::Data)) = graph.sole_consumer(reduce) else {
        return;
    };
    let Some((_, Operand::Gate)) = graph.sole_consumer(expand) else {
        return;
    };
    if graph.node(pooled).output.pixels() != 1
        || graph.node(pooled).output != graph.node(expand).output
    {
        return;
    }
    if graph.operand(reduce, Operand::Residual).is_some() {
        return;
    }
    let (
        Op::Pointwise {
            filter: first,
            activation,
            gate: None,
        },
        Op::Pointwise {
            filter: second,
            activation: gate,
            gate: None,
        },
    ) = (graph.node(reduce).op.clone(), graph.node(expand).op.clone())
    else {
        return;
    };
    if first.affine != Affine::Bias || second.affine != Affine::Bias {
        return;
    }
    graph.node_mut(expand).op = Op::SqueezeExcite {
        pixels: 1,
        squeezed: graph.node(reduce).output.channels,
        reduce: first,
        activation,
        expand: second,
        gate,
    };
    graph.replace(reduce, pooled, Port::Main);
}
