//! Accuracy against what it costs: cited figures, and our counts beside them.

use efficientnet::spec::{Spec, bundled};
use maud::{Markup, html};

use super::page::{Align, Section, figure, table};
use super::published::{self, Figures, Published};
use super::{Member, Report};
use crate::commands::counts;
use crate::draw::chart::{Dot, dots};
use crate::text::list;

/// A variant and what is published of it.
struct Row<'a> {
    member: &'a Member<'a>,
    figures: &'a Figures,
}

/// A number with the digits of its source.
fn number(digits: &str) -> f64 {
    // A test reads all.
    digits.parse().unwrap_or_default()
}

impl Report<'_> {
    pub(super) fn accuracy(&self) -> Section {
        let published = published::of(&self.family.name);
        let cited = published.as_ref().map(|known| (known, self.cited(known)));
        let content = match cited {
            Some((published, rows)) if !rows.is_empty() => self.charts(published, &rows),
            _ => html! { p {
                "Accuracy is not computed but cited, and no published figures of this family are known to "
                "efficientnet " (env!("CARGO_PKG_VERSION")) "."
            } },
        };
        Section {
            id: "accuracy",
            title: "Accuracy",
            content,
        }
    }

    /// The variants that a source has figures of: those of the bundled spec, whatever else has their names.
    fn cited<'a>(&'a self, published: &'a Published) -> Vec<Row<'a>> {
        let text = bundled(&published.family).unwrap_or_default();
        let Ok(spec) = Spec::parse(text, &published.family) else {
            return Vec::new();
        };
        let is_bundled = |member: &Member| {
            let known = counts::architecture(&spec, member.name());
            known.is_ok_and(|known| known == *member.architecture())
        };
        let rows = published.figures.iter().filter_map(|figures| {
            let mut members = self.members.iter();
            let member = members.find(|member| member.name() == figures.variant)?;
            is_bundled(member).then_some(Row { member, figures })
        });
        rows.collect()
    }

    fn charts(&self, published: &Published, rows: &[Row]) -> Markup {
        let dot = |row: &Row, digits: &str| Dot {
            label: row.member.name().to_owned(),
            x: number(digits),
            y: number(&row.figures.top1),
        };
        let top1 = "top-1 accuracy on ImageNet, %";
        let parameters = rows.iter().map(|row| dot(row, &row.figures.parameters));
        let operations = rows.iter().map(|row| dot(row, &row.figures.operations));
        let billions = format!("billion {}", published.operations);
        let charts = [
            dots(
                "Parameters against accuracy",
                ["million parameters", top1],
                &parameters.collect::<Vec<_>>(),
            ),
            dots(
                &format!("{} against accuracy", published.operations),
                [&billions, top1],
                &operations.collect::<Vec<_>>(),
            ),
        ];
        html! {
            p {
                "Cited, not computed: " a href=(published.link) rel="noreferrer" { (published.source) }
                ". One multiply-accumulate is one of its " (published.operations) "."
            }
            div.charts { @for chart in &charts { (figure(chart, html! { (chart.title) ", as published" })) } }
            (self.figures(published, rows))
            @if let Some(note) = resolutions(rows) { p { (note) } }
            @if let Some(note) = self.others(rows) { p { (note) } }
        }
    }

    /// Cited and counted, side by side.
    fn figures(&self, published: &Published, rows: &[Row]) -> Markup {
        let titles = [
            "Variant".to_owned(),
            "Top-1, %, cited".to_owned(),
            "Million parameters, cited".to_owned(),
            "Million parameters, counted here".to_owned(),
            format!("Billion {}, cited", published.operations),
            "Billion multiply-accumulates, counted here".to_owned(),
        ];
        let header = titles.map(|title| (html! { (title) }, Align::Number));
        let rows = rows.iter().map(|Row { member, figures }| {
            let counts = member.counts();
            vec![
                html! { (member.name()) },
                html! { (figures.top1) },
                html! { (figures.parameters) },
                html! { (format!("{:.2}", counts.trainable as f64 / 1e6)) },
                html! { (figures.operations) },
                html! { (format!("{:.3}", counts.macs as f64 / 1e9)) },
            ]
        });
        let rows: Vec<Vec<Markup>> = rows.collect();
        table("Published figures and our counts", &header, &rows)
    }

    /// Which variants have no published figures.
    fn others(&self, rows: &[Row]) -> Option<String> {
        let is_cited = |name: &str| rows.iter().any(|row| row.member.name() == name);
        let others = self.members.iter().map(Member::name);
        let others: Vec<&str> = others.filter(|name| !is_cited(name)).collect();
        let source = "The source has no figures of";
        (!others.is_empty()).then(|| format!("{source} {} as they are here.", list(&others)))
    }
}

/// Where figures are of inputs of another size than the spec's.
fn resolutions(rows: &[Row]) -> Option<String> {
    let differ = rows.iter().filter(|row| {
        let size = row.member.architecture().input.size();
        size != (row.figures.resolution, row.figures.resolution)
    });
    let words = differ.map(|Row { member, figures }| {
        let (name, size) = (member.name(), member.column.resolution());
        format!("{name} at {} pixels, here {size}", figures.resolution)
    });
    let words: Vec<String> = words.collect();
    let begin = "Published of other inputs than the spec's, which the counts are of:";
    (!words.is_empty()).then(|| format!("{begin} {}.", list(&words)))
}
