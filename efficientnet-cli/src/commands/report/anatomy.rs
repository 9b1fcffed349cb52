//! What blocks are made of: five modules, three sub-blocks.

use efficientnet::spec::{LayerGraph, Module, Part, SubBlock};
use maud::{Markup, html};

use super::Report;
use super::page::{Align, Section, figure, table};
use crate::draw::{self, Diagram, Role};
use crate::text::list;

const MODULES: [Module; 5] = [
    Module::One,
    Module::Two,
    Module::Three,
    Module::Four,
    Module::Five,
];

const SUB_BLOCKS: [SubBlock; 3] = [SubBlock::One, SubBlock::Two, SubBlock::Three];

impl Report<'_> {
    pub(super) fn anatomy(&self) -> Section {
        let first = self.members.first();
        Section {
            id: "anatomy",
            title: "Modules and sub-blocks",
            content: html! { @if let Some(member) = first {
                p {
                    "Every sub-block is put together from modules, every module from layers; each is drawn where "
                    (member.name()) " first has it. Lines on the left of boxes are shortcuts; those on the right pass "
                    "what is beside them, as a map passes its squeeze and excite."
                }
                (drawn(&member.graph, &Diagram::modules(member.architecture(), &member.graph)))
                (self.occurrences())
            } },
        }
    }

    /// How often each variant has each of them.
    fn occurrences(&self) -> Markup {
        let mut header = vec![(html! { "Piece" }, Align::Words)];
        let names = self.members.iter();
        header.extend(names.map(|member| (html! { (member.name()) }, Align::Number)));
        let roles = MODULES.map(Role::Module).into_iter();
        let roles = roles.chain(SUB_BLOCKS.map(Role::SubBlock));
        let rows = roles.map(|role| {
            let counts = self.members.iter();
            let counts = counts.map(|member| html! { (occurrences(&member.graph, role)) });
            [html! { (role.title()) }]
                .into_iter()
                .chain(counts)
                .collect()
        });
        let rows: Vec<Vec<Markup>> = rows.collect();
        table("How many of them a variant has", &header, &rows)
    }
}

/// All that occur, and which do not.
fn drawn(graph: &LayerGraph, modules: &Diagram) -> Markup {
    let sub_blocks =
        SUB_BLOCKS.map(|kind| (Role::SubBlock(kind), Diagram::sub_block(modules, kind)));
    let modules = MODULES.map(|module| (Role::Module(module), Diagram::module(graph, module)));
    let all = modules.iter().chain(&sub_blocks);
    let missing = all.filter(|(_, diagram)| diagram.is_none());
    let missing: Vec<&str> = missing.map(|(role, _)| role.title()).collect();
    html! {
        @for (title, pieces) in [("Modules", &modules[..]), ("Sub-blocks", &sub_blocks[..])] {
            h3 { (title) }
            div.pieces { @for diagram in pieces.iter().filter_map(|(_, diagram)| diagram.as_ref()) {
                (figure(&draw::figure(diagram), html! { (diagram.title) ", " (diagram.subtitle) }))
            } }
        }
        @if !missing.is_empty() { p { "There is no " (list(&missing)) " in it." } }
    }
}

/// Pieces of a kind: a run of layers that are in one place.
fn occurrences(graph: &LayerGraph, role: Role) -> usize {
    let places: Vec<_> = graph.layers().map(|(_, layer)| layer.place).collect();
    match role {
        Role::Module(module) => {
            let runs = places.chunk_by(|a, b| a == b);
            runs.filter(|run| run[0].module == Some(module)).count()
        }
        Role::SubBlock(kind) => {
            let runs = places.chunk_by(|a, b| a.part == b.part);
            let is_kind = |part| matches!(part, Part::Block { sub_block, .. } if sub_block == kind);
            runs.filter(|run| is_kind(run[0].part)).count()
        }
        _ => 0,
    }
}
