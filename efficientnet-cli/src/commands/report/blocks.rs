//! The block table.

use efficientnet::spec::BlockKind;
use maud::{Markup, html};

use super::page::{Align, Section, table};
use super::{Member, Report};
use crate::commands::compare::{self, Stage};
use crate::commands::explain::kind_explained;
use crate::text::{grouped, millions};

/// A number of a variant.
type Number = fn(&Member) -> String;

/// What stands below the stages.
const TOTALS: [(&str, Number); 5] = [
    ("resolution", |member| member.column.resolution()),
    ("layers without top", |member| {
        member.counts().layers.to_string()
    }),
    ("trainable parameters", |member| {
        grouped(member.counts().trainable)
    }),
    ("all parameters, as Keras", |member| {
        grouped(member.counts().total)
    }),
    ("million multiply-accumulates", |member| {
        grouped(millions(member.counts().macs))
    }),
];

impl Report<'_> {
    /// Kinds of blocks that the family has.
    fn kinds(&self) -> impl Iterator<Item = BlockKind> {
        let members = self.members.first().into_iter();
        let used = members.flat_map(|member| &member.architecture().blocks);
        let used: Vec<BlockKind> = used.map(|block| block.kind).collect();
        let all = BlockKind::ALL.iter().copied();
        all.filter(move |kind| used.contains(kind))
    }

    pub(super) fn blocks(&self) -> Section {
        let members = &self.members;
        let stages = members
            .iter()
            .map(|member| compare::stages(member.architecture()));
        let stages: Vec<Vec<Stage>> = stages.collect();
        let mut header = vec![(html! { "Stage" }, Align::Words)];
        header.push((html! { "Operator" }, Align::Words));
        header.extend(members.iter().map(|member| {
            let link = html! { a href={ "#" (member.id()) } { (member.name()) } };
            (link, Align::Number)
        }));
        // Stages are those of the spec, operators the baseline's, in all variants.
        let first = stages.first().into_iter().flatten().enumerate();
        let rows = first.map(|(index, stage)| {
            let cells = stages.iter().filter_map(|stages| stages.get(index));
            let heading = [html! { (stage.name) }, html! { (stage.operator()) }];
            let cells = cells.map(|stage| html! { (stage.repeats) " × " (stage.channels) });
            heading.into_iter().chain(cells).collect()
        });
        let rows: Vec<Vec<Markup>> = rows.collect();
        let mut totals = vec![(html! { "Whole network" }, Align::Words)];
        totals.extend(header.iter().skip(2).cloned());
        let sums = TOTALS.map(|(name, value)| {
            let values = members.iter().map(|member| html! { (value(member)) });
            [html! { (name) }].into_iter().chain(values).collect()
        });
        Section {
            id: "blocks",
            title: "Blocks",
            content: html! {
                p {
                    "A cell is repeats × output channels. MBConv6 5x5/2 expands 6 times, has a kernel of 5 x 5 and, "
                    "in its first sub-block, a stride of 2."
                }
                (table("Stages of every variant", &header, &rows))
                (table("What the variants cost", &totals, &sums))
                @for kind in self.kinds() { p { (kind_explained(kind)) } }
                @if members.len() > 1 { @for (statement, article) in self.family.statements() {
                    p { (statement) @if let Some(article) = article { " " (article) } }
                } }
            },
        }
    }
}
