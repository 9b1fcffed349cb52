//! When a buffer is alive: from the call that writes it to the last one that reads it.

use std::ops::RangeInclusive;

use super::{BufferId, Plan, Storage};

/// First and last call during which each buffer of the arena holds something.
pub(crate) fn intervals(plan: &Plan) -> Vec<Option<RangeInclusive<usize>>> {
    let mut live: Vec<Option<RangeInclusive<usize>>> = vec![None; plan.buffers.len()];
    let mut touch = |id: BufferId, at: usize| {
        if plan.buffer(id).storage == Storage::Input {
            return;
        }
        let slot = &mut live[id.index()];
        let begin = slot.as_ref().map_or(at, |interval| *interval.start());
        *slot = Some(begin..=at);
    };
    for (at, call) in plan.calls.iter().enumerate() {
        let tensors = call.tensors();
        for id in tensors.reads.into_iter().chain(tensors.writes) {
            touch(id, at);
        }
    }
    // A result is alive until the caller has read it, after the last call.
    for output in &plan.outputs {
        touch(output.buffer, plan.calls.len());
    }
    live
}

/// Whether two intervals share a call.
pub(crate) fn overlap(a: &RangeInclusive<usize>, b: &RangeInclusive<usize>) -> bool {
    a.start() <= b.end() && b.start() <= a.end()
}
