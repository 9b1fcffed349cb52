//! A diagram a variant, one at a time where there is a script.

use efficientnet::spec::bundled;
use maud::{Markup, html};

use super::page::{Section, boxes, figure};
use super::{Member, Report};
use crate::draw::{Diagram, layout};

impl Report<'_> {
    pub(super) fn variants(&self) -> Section {
        Section {
            id: "variants",
            title: "Variants",
            content: html! {
                p { "Blocks with their sub-blocks and shortcuts, and the maps between them." }
                ul #choice aria-label="Variant" { @for member in &self.members {
                    li { a id={ "choose-" (member.name()) } href={ "#" (member.id()) } { (member.name()) } }
                } }
                @for member in &self.members { (self.variant(member)) }
            },
        }
    }

    fn variant(&self, member: &Member) -> Markup {
        let diagram = Diagram::blocks(member.architecture(), &member.graph);
        let name = member.name();
        let spec = match bundled(self.named) {
            Some(_) => String::new(),
            None => format!(" --spec {}", self.named),
        };
        let page = format!("efficientnet plot {name}{spec} --level layers -o {name}.html");
        html! {
            section.variant id=(member.id()) aria-labelledby={ "choose-" (name) } {
                h3 { (name) }
                (figure(&layout(&diagram), html! { "Every layer, to fold, zoom and search: " code { (page) } }))
                (boxes(&diagram))
            }
        }
    }
}
