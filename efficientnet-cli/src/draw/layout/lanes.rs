//! Lanes beside a group's boxes, for the edges that do not go straight down.

use crate::draw::diagram::{Edge, EdgeKind};

/// An edge beside the boxes of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Detour {
    /// The box above which it leaves the flow.
    pub(super) leaves: usize,
    /// The box that it ends at.
    pub(super) ends: usize,
    /// Which side: shortcuts run on the left.
    pub(super) kind: EdgeKind,
    /// Lane, from 0 beside the boxes outwards.
    pub(super) lane: usize,
}

/// The detours that end in a group, whose boxes are the `first`th on to before the `end`th. What comes from
/// before the group leaves the flow at its beginning.
pub(super) fn detours(edges: &[Edge], first: usize, end: usize) -> Vec<Detour> {
    let inside = edges.iter().filter(|edge| (first..end).contains(&edge.to));
    let mut open: Vec<Detour> = inside
        .filter(|edge| edge.kind != EdgeKind::Flow)
        .map(|edge| Detour {
            leaves: (edge.from + 1).max(first),
            ends: edge.to,
            kind: edge.kind,
            lane: 0,
        })
        .collect();
    // Short ones inside long ones.
    open.sort_by_key(|detour| (detour.ends - detour.leaves, detour.leaves));
    let mut placed: Vec<Detour> = Vec::new();
    for mut detour in open {
        while placed.iter().any(|other| meet(other, &detour)) {
            detour.lane += 1;
        }
        placed.push(detour);
    }
    placed
}

/// How many lanes detours take on one side.
pub(super) fn count(detours: &[Detour], kind: EdgeKind) -> usize {
    let lanes = detours.iter().filter(|detour| detour.kind == kind);
    lanes.map(|detour| detour.lane + 1).max().unwrap_or(0)
}

fn meet(a: &Detour, b: &Detour) -> bool {
    (a.kind, a.lane) == (b.kind, b.lane) && a.leaves <= b.ends && b.leaves <= a.ends
}
