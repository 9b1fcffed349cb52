//! The page around the sections, and what they share.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Member, Report};
use crate::draw::{Diagram, Role, Scene, Theme, svg};
use crate::text::scaled;

pub(super) const STYLE: &str = include_str!("assets/report.css");
const SCRIPT: &str = include_str!("assets/report.js");

/// A part of the page: what links to it say, where it is, and what is in it.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) content: Markup,
}

impl Report<'_> {
    /// The whole page.
    pub(super) fn page(&self) -> Markup {
        let title = format!("The {} family", self.family.name);
        let sections = self.sections();
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) }
                    style { (PreEscaped(style())) }
                }
                body {
                    a.skip href="#content" { "Skip to the content" }
                    header { h1 { (title) } p { (self.summary()) } }
                    nav aria-label="Contents" {
                        ul { @for section in &sections {
                            li { a href={ "#" (section.id) } { (section.title) } }
                        } }
                    }
                    main #content tabindex="-1" { @for section in &sections {
                        section #(section.id) aria-labelledby={ (section.id) "-title" } {
                            h2 id={ (section.id) "-title" } { (section.title) }
                            (section.content)
                        }
                    } }
                    footer { p {
                        "Made by efficientnet " (env!("CARGO_PKG_VERSION"))
                        ". Shapes and counts are those of the layers that Keras builds, computed from the spec."
                    } }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    }

    fn sections(&self) -> Vec<Section> {
        let mut sections = vec![
            self.blocks(),
            self.scaling(),
            self.accuracy(),
            self.anatomy(),
            self.variants(),
        ];
        sections.extend(self.latency());
        sections
    }

    /// The family in a sentence.
    fn summary(&self) -> String {
        let of = |member: &Member| {
            let counts = member.counts();
            format!(
                "{} ({} layers without top, {} parameters, {} multiply-accumulates at {} pixels)",
                member.name(),
                counts.layers,
                scaled(counts.trainable),
                scaled(counts.macs),
                member.column.resolution(),
            )
        };
        match &self.members[..] {
            [first, .., last] => {
                let count = self.members.len();
                let (first, last) = (of(first), of(last));
                format!("{count} variants of one baseline, from {first} to {last}.")
            }
            [only] => format!("One variant, {}.", of(only)),
            [] => String::new(),
        }
    }
}

/// The colours of the pictures, then everything else.
fn style() -> String {
    let colours = |theme| {
        let roles = [
            Role::Page,
            Role::Column,
            Role::Group,
            Role::Ink,
            Role::Faint,
            Role::Flow,
        ];
        let colours = roles.map(|role| format!("--{}:{};", role.class(), role.colour(theme)));
        format!(":root{{{}}}", colours.concat())
    };
    let [light, dark] = [Theme::Light, Theme::Dark].map(colours);
    let drawings = svg::style_sheet(".drawing ");
    format!("{light}@media (prefers-color-scheme:dark){{{dark}}}{drawings}\n{STYLE}")
}

/// How the cells of a column stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Words,
    Number,
}

impl Align {
    fn class(self) -> Option<&'static str> {
        (self == Align::Number).then_some("number")
    }
}

/// A table whose rows begin with their heading.
pub(super) fn table(caption: &str, header: &[(Markup, Align)], rows: &[Vec<Markup>]) -> Markup {
    let cells = |row: &[Markup]| {
        let aligned = header.iter().map(|(_, align)| align.class()).skip(1);
        let cells = row.iter().skip(1).cloned().zip(aligned);
        cells.collect::<Vec<_>>()
    };
    scroll(
        caption,
        html! {
            table {
                caption { (caption) }
                thead { tr { @for (title, align) in header {
                    th scope="col" class=[align.class()] { (title) }
                } } }
                tbody { @for row in rows { tr {
                    @if let Some(first) = row.first() { th scope="row" { (first) } }
                    @for (cell, class) in cells(row) { td class=[class] { (cell) } }
                } } }
            }
        },
    )
}

/// Something that may be wider than the page.
fn scroll(label: &str, content: Markup) -> Markup {
    html! { div.scroll role="group" aria-label=(label) { (content) } }
}

/// A picture with a caption.
pub(super) fn figure(scene: &Scene, caption: Markup) -> Markup {
    let picture = PreEscaped(svg::write(scene, svg::Use::Inline));
    html! { figure { (scroll(&scene.title, picture)) figcaption { (caption) } } }
}

/// The boxes of a diagram as a table.
pub(super) fn boxes(diagram: &Diagram) -> Markup {
    let header = [
        (html! { "Box" }, Align::Words),
        (html! { "What it does" }, Align::Words),
        (html! { "Output" }, Align::Number),
        (html! { "Parameters" }, Align::Number),
        (html! { "Multiply-accumulates" }, Align::Number),
    ];
    let rows = diagram.leaves().map(|leaf| {
        let fact = |label: &str| {
            let fact = leaf.facts.iter().find(|(name, _)| *name == label);
            fact.map(|(_, lines)| lines.join(", ")).unwrap_or_default()
        };
        let lines = leaf.lines.iter().filter(|line| **line != leaf.name);
        let lines: Vec<&str> = lines.map(String::as_str).collect();
        vec![
            html! { (leaf.name) },
            html! { (lines.join("; ")) },
            html! { (leaf.output) },
            html! { (fact("Parameters")) },
            html! { (fact("Multiply-accumulates")) },
        ]
    });
    let rows: Vec<Vec<Markup>> = rows.collect();
    details("As a table", &table(&diagram.title, &header, &rows))
}

/// Something that unfolds.
pub(super) fn details(summary: &str, content: &Markup) -> Markup {
    html! { details { summary { (summary) } (content) } }
}
