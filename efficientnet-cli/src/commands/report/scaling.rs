//! How the family is scaled.

use efficientnet::spec::{LayerGraph, Variant};
use maud::{Markup, html};

use super::page::{Align, Section, details, figure, table};
use super::{Member, Report};
use crate::draw::scaling::picture;
use crate::text::short;

impl Report<'_> {
    pub(super) fn scaling(&self) -> Section {
        let variants = self.members.iter();
        let variants = variants.map(|member| (member.variant, &member.graph));
        let variants: Vec<(&Variant, &LayerGraph)> = variants.collect();
        let picture = picture(&self.family.name, &variants);
        let caption = html! {
            "All to one scale: the square is the input; the bars are the stem and the sub-blocks, as long as their "
            "channels are many."
        };
        Section {
            id: "scaling",
            title: "Scaling",
            content: html! {
                p { (self.rule()) }
                (figure(&picture, caption))
                (details("As a table", &self.coefficients()))
            },
        }
    }

    /// What the spec does with coefficients.
    fn rule(&self) -> String {
        let scaling = &self.spec.scaling;
        format!(
            "Width multiplies channels, which become multiples of {}, at least {} % of the product; depth \
             multiplies repeats, rounded up; the input has the resolution's pixels.",
            scaling.channel_multiple,
            short(scaling.channel_floor.get() * 100.0),
        )
    }

    fn coefficients(&self) -> Markup {
        let titles = [
            "Variant",
            "Width",
            "Depth",
            "Resolution",
            "Dropout",
            "Sub-blocks",
        ];
        let header = titles.map(|title| (html! { (title) }, Align::Number));
        let row = |member: &Member| {
            let variant = member.variant;
            vec![
                html! { (member.name()) },
                html! { (short(variant.width.get())) },
                html! { (short(variant.depth.get())) },
                html! { (member.column.resolution()) },
                html! { (short(variant.dropout.get())) },
                html! { (member.architecture().sub_blocks()) },
            ]
        };
        let rows: Vec<Vec<Markup>> = self.members.iter().map(row).collect();
        table("Coefficients of every variant", &header, &rows)
    }
}
