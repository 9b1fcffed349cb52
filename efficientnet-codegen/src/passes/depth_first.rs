//! Depth-first fusion: a sub-block's expansion, or the stem, and the depthwise behind it become one kernel,
//! which makes the expanded map strip by strip and never stores it ("fused-layer" processing: Alwani et al.,
//! "Fused-Layer CNN Accelerators", 2016).
//!
//! The expanded map is the widest of a sub-block. The fusion saves a store and a load of each of its
//! values and costs nothing but the rows under two strips' windows, which are kept (or, where two threads'
//! strips meet, made twice). So it is made wherever the smallest strip fits the cache, and the depthwise
//! alone reads the map; where not, the node says why. A depthwise that reads a sub-block's input has no
//! expansion to fuse, and says nothing.

use crate::caches;
use crate::ir::{KernelGraph, KernelId, Obstacle, Op, Operand, Port, Producer};
use crate::plan::{DepthFirst, Precision};

pub(super) fn run(graph: &mut KernelGraph) {
    for id in graph.ids() {
        fuse(graph, id);
    }
}

fn fuse(graph: &mut KernelGraph, depthwise: KernelId) {
    let Op::Depthwise {
        window,
        filter,
        activation,
        sums,
    } = graph.node(depthwise).op.clone()
    else {
        return;
    };
    let Some((before, Port::Main)) = graph.operand(depthwise, Operand::Data) else {
        return;
    };
    let Some(producer) = producer(graph, before) else {
        return;
    };
    if let Some(obstacle) = obstacle(graph, before, depthwise, &producer) {
        graph.node_mut(depthwise).not_depth_first = Some(obstacle);
        return;
    }
    graph.node_mut(depthwise).op = Op::DepthFirst {
        producer,
        window,
        filter,
        activation,
        sums,
    };
    graph.absorb(before, depthwise);
}

/// What a node is as the first half of such a kernel, if it can be.
fn producer(graph: &KernelGraph, id: KernelId) -> Option<Producer> {
    match graph.node(id).op.clone() {
        Op::Pointwise {
            filter,
            activation,
            gate: None,
        } if graph.operand(id, Operand::Residual).is_none() => {
            Some(Producer::Pointwise { filter, activation })
        }
        Op::Convolution {
            window,
            filter,
            activation,
        } if graph.reads_input(id) => Some(Producer::Convolution {
            window,
            filter,
            activation,
        }),
        _ => None,
    }
}

fn obstacle(
    graph: &KernelGraph,
    before: KernelId,
    depthwise: KernelId,
    producer: &Producer,
) -> Option<Obstacle> {
    if let Some(output) = graph.outputs().iter().find(|o| o.node == before) {
        return Some(Obstacle::Output(output.name));
    }
    if graph.sole_consumer(before) != Some((depthwise, Operand::Data)) {
        return Some(Obstacle::Consumers(graph.consumers(before).len()));
    }
    let (Op::Depthwise { window, .. }, Some((from, port))) = (
        &graph.node(depthwise).op,
        graph.operand(before, Operand::Data),
    ) else {
        return None;
    };
    let shape = DepthFirst {
        producer: Some(producer),
        input: graph.port_shape(from, port),
        precision: Precision::F32,
        expanded: graph.node(before).output,
        window: *window,
        output: graph.node(depthwise).output,
    };
    let (needed, room) = (shape.strip_len(1), caches::STRIP);
    (needed > room).then_some(Obstacle::Cache { needed, room })
}
