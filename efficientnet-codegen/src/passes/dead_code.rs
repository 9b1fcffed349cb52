//! Dead-code removal: what no output needs is not computed.
//!
//! A model that gives the map of an early block ends there.

use std::collections::HashSet;

use crate::ir::KernelGraph;

pub(super) fn run(graph: &mut KernelGraph) {
    let mut needed = HashSet::new();
    let mut open: Vec<_> = graph.outputs().iter().map(|output| output.node).collect();
    while let Some(id) = open.pop() {
        if needed.insert(id) {
            open.extend(graph.operands(id).into_iter().map(|(_, from)| from));
        }
    }
    for id in graph.ids() {
        if !needed.contains(&id) {
            graph.remove(id);
        }
    }
}
