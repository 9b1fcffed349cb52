//! Gate handling: the squeeze-excite multiply disappears into the projection behind it.
//!
//! The gate is applied where it costs less: to all of the projection's weights (`in * out` products once per
//! call, early in the network, where maps are large) or to its input as it is read (`pixels * in`, late,
//! where channels are many). Only linear projections take one.

use crate::ir::{GateMode, KernelGraph, KernelId, Op, Operand, Port, Shape};

pub(super) fn run(graph: &mut KernelGraph) {
    for id in graph.ids() {
        fuse(graph, id);
    }
}

fn fuse(graph: &mut KernelGraph, id: KernelId) {
    if graph.node(id).op != Op::Multiply {
        return;
    }
    let Some((map, Port::Main)) = graph.operand(id, Operand::Data) else {
        return;
    };
    let Some((project, Operand::Data)) = graph.sole_consumer(id) else {
        return;
    };
    let mode = cheaper(graph.node(id).output, graph.node(project).output);
    let Op::Pointwise {
        activation: None,
        gate: gate @ None,
        ..
    } = &mut graph.node_mut(project).op
    else {
        return;
    };
    *gate = Some(mode);
    graph.move_operand(id, Operand::Gate, project);
    graph.replace(id, map, Port::Main);
}

/// `in` cancels on both sides: the gate goes to the weights where the map has more than twice as many pixels
/// as the product has filters. Twice, because each thread scales all weights, but its own share of the input
/// alone.
fn cheaper(input: Shape, output: Shape) -> GateMode {
    if 2 * output.channels < input.pixels() {
        GateMode::Weights
    } else {
        GateMode::Input
    }
}
