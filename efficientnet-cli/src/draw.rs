//! Pictures of a variant, all from its layer graph (kernel calls: from its plan), and of two beside each other.
//!
//! ```text
//! LayerGraph, Plan ──▶ Diagram: boxes in columns, edges ──layout──▶ Scene: rectangles, lines, texts
//!                         │           │                                │
//!                         └──▶ .dot   ▼                                └──▶ .svg ──▶ .png, .html
//!        what `compare` found ──▶ SideBySide: rows of two boxes ──layout──▶ Scene
//! ```
//!
//! The layout is our own: these graphs are chains with a few edges beside them, which a general layout would
//! hide. A column is a block, the flow goes down in it, and what skips layers runs beside it.
//!
//! Charts and the picture of a family's scaling are scenes from the first.

pub(crate) mod chart;
pub(crate) mod colour;
mod diagram;
pub(crate) mod dot;
mod font;
pub(crate) mod html;
mod layout;
pub(crate) mod png;
pub(crate) mod scaling;
pub(crate) mod scene;
pub(crate) mod side_by_side;
pub(crate) mod svg;

pub(crate) use colour::{Role, Theme};
pub(crate) use diagram::{Diagram, Extents, Leaf};
pub(crate) use layout::{figure, layout, layout_side_by_side};
pub(crate) use scene::Scene;

#[cfg(test)]
pub(crate) mod tests;
