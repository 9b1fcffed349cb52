//! Products of pooled values: a pointwise product behind the pooling (MobileNetV3's head) is a vector times a
//! matrix, for which there is a kernel of its own.

use crate::ir::{KernelGraph, KernelId, Matrix, Op, Operand, Port};

pub(super) fn run(graph: &mut KernelGraph) {
    for id in graph.ids() {
        replace(graph, id);
    }
}

fn replace(graph: &mut KernelGraph, id: KernelId) {
    let Op::Pointwise {
        filter,
        activation,
        gate: None,
    } = graph.node(id).op.clone()
    else {
        return;
    };
    let Some((pooled, Port::Main)) = graph.operand(id, Operand::Data) else {
        return;
    };
    let is_vector = matches!(
        graph.node(pooled).op,
        Op::Mean | Op::PooledPointwise { .. } | Op::Dense { .. }
    );
    if is_vector && graph.operand(id, Operand::Residual).is_none() {
        graph.node_mut(id).op = Op::Dense {
            filter,
            activation,
            matrix: Matrix::Pointwise,
        };
    }
}
