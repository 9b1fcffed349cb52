//! Batch-norm folding: a batch norm behind a product becomes part of that product's weights.
//!
//! It stays where its producer has other consumers, a shortcut, an activation or a bias already.

use crate::ir::{Affine, KernelGraph, KernelId, Op, Operand, Port};

pub(super) fn run(graph: &mut KernelGraph) {
    for id in graph.ids() {
        fold(graph, id);
    }
}

fn fold(graph: &mut KernelGraph, id: KernelId) {
    let Op::BatchNorm { tensor } = graph.node(id).op.clone() else {
        return;
    };
    let Some((product, Port::Main)) = graph.operand(id, Operand::Data) else {
        return;
    };
    let alone = graph.sole_consumer(product) == Some((id, Operand::Data));
    if !alone || graph.operand(product, Operand::Residual).is_some() {
        return;
    }
    let op = &mut graph.node_mut(product).op;
    if op
        .activation_mut()
        .is_some_and(|activation| activation.is_some())
    {
        return;
    }
    let Some(filter) = op.filter_mut() else {
        return;
    };
    if filter.affine != Affine::None {
        return;
    }
    filter.affine = Affine::Norm(tensor);
    graph.replace(id, product, Port::Main);
}
