//! Liveness and arena offsets: buffers that are never alive together share addresses.
//!
//! Greedy by size, the largest first, each at the lowest address where nothing that is alive at the
//! same time lies (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference",
//! 2020, section 5.3).

use std::ops::RangeInclusive;

use crate::plan::{ALIGNMENT, Plan, Storage, intervals, overlap};

pub(super) fn run(plan: &mut Plan) {
    let live = intervals(plan);
    let mut by_size: Vec<usize> = (0..plan.buffers.len())
        .filter(|&i| live[i].is_some())
        .collect();
    by_size.sort_by_key(|&i| (std::cmp::Reverse(plan.buffers[i].floats()), i));
    let mut placed: Vec<(usize, usize, RangeInclusive<usize>)> = Vec::new();
    for index in by_size {
        let Some(interval) = live[index].clone() else {
            continue;
        };
        let len = plan.buffers[index].floats().next_multiple_of(ALIGNMENT);
        let mut rivals: Vec<(usize, usize)> = placed
            .iter()
            .filter(|(_, _, other)| overlap(other, &interval))
            .map(|&(begin, end, _)| (begin, end))
            .collect();
        rivals.sort_unstable();
        let offset = lowest_gap(&rivals, len);
        plan.buffers[index].storage = Storage::Arena(offset);
        placed.push((offset, offset + len, interval));
    }
    plan.arena = placed.iter().map(|&(_, end, _)| end).max().unwrap_or(0);
}

/// Lowest address with `len` free floats between address-sorted rivals.
fn lowest_gap(rivals: &[(usize, usize)], len: usize) -> usize {
    let mut offset = 0;
    for &(begin, end) in rivals {
        if offset + len <= begin {
            break;
        }
        offset = offset.max(end);
    }
    offset
}

#[cfg(test)]
mod tests;
