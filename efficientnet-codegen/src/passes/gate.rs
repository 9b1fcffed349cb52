//! Gate handling: the squeeze-excite multiply disappears into the projection behind it.
//!
//! The gate is applied where it costs fewer products: to the rows of the projection's weights
//! (`in * out` for every strip of pixels, early in the network, where maps are large) or to its input
//! as it is read (`pixels * in`, late, where channels are many). Only linear projections take one.

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

/// `in` cancels on both sides: the gate goes to the weights where a strip has more pixels than the
/// product has filters.
fn cheaper(input: Shape, output: Shape) -> GateMode {
    let strip = super::tiles::strip_pixels(input.pixels(), input.channels, output.channels);
    if output.channels < strip {
        GateMode::Weights
    } else {
        GateMode::Input
    }
}
