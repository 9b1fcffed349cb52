//! The explanation as text.

use std::io::Write;

use efficientnet::spec::{BlockKind, Factors, Rounded, Scaling, Variant};

use super::{Counts, Explained, Stage, SubBlock, words};
use crate::failure::Failure;
use crate::text::{self, grouped, millions, paragraph, short};

impl Explained<'_> {
    pub(super) fn print(&self, out: &mut impl Write) -> Result<(), Failure> {
        writeln!(out, "{} {}", self.spec.family, self.variant.name)?;
        title(out, "Coefficients")?;
        self.print_coefficients(out)?;
        title(out, "Channels")?;
        self.print_channels(out)?;
        title(out, "Repeats")?;
        self.print_repeats(out)?;
        title(out, "Inside the blocks")?;
        self.print_blocks(out)?;
        title(out, "While training")?;
        self.print_training(out)?;
        title(out, "Totals")?;
        self.print_totals(out)
    }

    fn print_coefficients(&self, out: &mut impl Write) -> Result<(), Failure> {
        let (name, side) = (&self.variant.name, self.variant.resolution);
        let [width, depth] = [self.variant.width, self.variant.depth].map(|c| short(c.get()));
        match &self.baseline {
            Some(_) if self.is_baseline() => paragraph(
                out,
                &format!(
                    "{name} is the baseline: the spec's table of blocks as it is, width {width}, depth \
                     {depth}, with an input of {side} x {side}. Other variants multiply these."
                ),
                0,
            )?,
            Some((baseline, _)) => {
                let (before, sides) = (&baseline.name, baseline.resolution);
                let text = format!(
                    "{name} is the baseline {before} with {width} times the channels, {depth} times the \
                     repeats and an input of {side} x {side} in place of {sides} x {sides}."
                );
                paragraph(out, &text, 0)?;
                self.print_phi(out)?;
            }
            None => paragraph(
                out,
                &format!(
                    "{name} has {width} times the channels and {depth} times the repeats of the spec's \
                     table of blocks, which no variant has as it is, and an input of {side} x {side}."
                ),
                0,
            )?,
        }
        paragraph(out, &self.sides(), 0)?;
        Ok(())
    }

    /// How near the coefficients are to powers of one number.
    fn print_phi(&self, out: &mut impl Write) -> Result<(), Failure> {
        let Some(factors) = self.factors() else {
            return Ok(());
        };
        let scaling = &self.spec.scaling;
        let Scaling {
            alpha, beta, gamma, ..
        } = scaling;
        // As it is shown, so that what is said of it can be checked.
        let shown = |phi: f64| (phi * 100.0).round() / 100.0;
        let (alone, phi) = (
            scaling.exponents(factors),
            scaling.nearest_phi(factors).map(shown),
        );
        let at = phi.map(|phi| scaling.coefficients(phi));
        let roughly = match at.is_some_and(|at| are_near(factors, at)) {
            true => "are such powers roughly",
            false => "are no such powers",
        };
        let text = format!(
            "Compound scaling (Tan and Le, 2019, equation 3) makes them powers of one number phi, depth \
             {alpha}^phi, width {beta}^phi, resolution {gamma}^phi. The spec's entries {roughly}; \
             each by itself has a phi of its own{}",
            match phi {
                Some(phi) => format!(", and nearest to all is {phi:.2}."),
                None => ".".to_owned(),
            }
        );
        paragraph(out, &text, 0)?;
        writeln!(out)?;
        let near = phi.map_or_else(String::new, |phi| format!("at phi {phi:.2}"));
        let mut table = text::table(["", "entry", "phi by itself", &near]);
        type Get = fn(&Factors) -> f64;
        let rows: [(&str, Option<f64>, Get); 3] = [
            ("depth", alone.depth, |factors| factors.depth),
            ("width", alone.width, |factors| factors.width),
            ("resolution", alone.resolution, |factors| factors.resolution),
        ];
        for (what, exponent, get) in rows {
            let number = |number: Option<f64>, digits: usize| {
                number.map_or_else(|| "-".to_owned(), |number| format!("{number:.digits$}"))
            };
            table.add_row([
                what.to_owned(),
                number(Some(get(&factors)), 4),
                // A zero has no sign.
                number(exponent.map(|exponent| exponent + 0.0), 2),
                number(at.as_ref().map(get), 4),
            ]);
        }
        text::write_table(out, table, 1..4)?;
        writeln!(out)?;
        Ok(())
    }

    /// The sides of the maps, where they change.
    fn sides(&self) -> String {
        let side = |(height, width): (usize, usize)| format!("{height} x {width}");
        let mut last = self.architecture.input.size();
        let mut steps = vec![side(last)];
        for Stage { output, shape, .. } in &self.stages {
            // A head behind the pooling has one pixel, without a stride.
            if shape.size() != last && output.is_map() {
                last = shape.size();
                steps.push(format!("{} in {}", side(last), words::stage(*output)));
            }
        }
        format!(
            "Each stride of 2 halves the sides of the maps, rounded up: {}.",
            steps.join(", ")
        )
    }

    fn print_channels(&self, out: &mut impl Write) -> Result<(), Failure> {
        let Scaling {
            channel_multiple,
            channel_floor,
            ..
        } = self.spec.scaling;
        let floor = match channel_floor.get() {
            0.0 => String::new(),
            floor => format!(
                "; where that leaves less than {} % of the product, one multiple more",
                short(floor * 100.0)
            ),
        };
        let text = format!(
            "The baseline's channels times the width {}, to the nearest multiple of {channel_multiple}, \
             half up{floor}.",
            short(self.variant.width.get())
        );
        paragraph(out, &text, 0)?;
        writeln!(out)?;
        let mut table = text::table(["stage", "baseline", "scaled", "channels", ""]);
        for (
            index,
            Stage {
                output, channels, ..
            },
        ) in self.stages.iter().enumerate()
        {
            let exact = channels.rounded.map(|rounded| short(rounded.exact));
            table.add_row([
                format!("{} {}", index + 1, words::stage(*output)),
                channels.baseline.to_string(),
                exact.unwrap_or_default(),
                channels.channels.to_string(),
                words::channels(channels),
            ]);
        }
        text::write_table(out, table, 1..4)?;
        Ok(())
    }

    fn print_repeats(&self, out: &mut impl Write) -> Result<(), Failure> {
        let text = format!(
            "The baseline's sub-blocks times the depth {}, rounded up. The kernel sizes and strides stay \
             as they are; the stride belongs to a block's first sub-block.",
            short(self.variant.depth.get())
        );
        paragraph(out, &text, 0)?;
        writeln!(out)?;
        let mut table = text::table(["", "baseline", "scaled", "repeats", ""]);
        for (stage, repeats) in self.stages.iter().filter_map(|s| Some((s, s.repeats?))) {
            table.add_row([
                words::stage(stage.output),
                repeats.baseline.to_string(),
                repeats.exact.map(short).unwrap_or_default(),
                repeats.repeats.to_string(),
                words::repeats(&repeats),
            ]);
        }
        text::write_table(out, table, 1..4)?;
        Ok(())
    }

    fn print_blocks(&self, out: &mut impl Write) -> Result<(), Failure> {
        let used = |kind: &&BlockKind| self.sub_blocks.iter().any(|block| block.kind == **kind);
        for kind in BlockKind::ALL.iter().filter(used) {
            paragraph(out, words::kind_explained(*kind), 0)?;
        }
        let mut rules = vec![
            "Expanded channels: the ratio's multiple, rounded as above where the ratio is \
             no whole number.",
        ];
        if let Some(squeeze) = self.sub_blocks.iter().find_map(|block| block.squeeze) {
            rules.push(match squeeze.rounded {
                Some(_) => "Squeeze width: the ratio's share, rounded to a multiple as above.",
                None => "Squeeze width: the ratio's share of the channels, rounded down.",
            });
        }
        rules.push("Where stride and channels stay, the input is added to the output (+).");
        paragraph(out, &rules.join(" "), 0)?;
        writeln!(out)?;
        let header = ["", "kind", "window", "expanded", "squeezed", "out"];
        let mut table = text::table(header);
        for group in self.sub_blocks.chunk_by(is_like) {
            table.add_row(row(group));
        }
        text::write_table(out, table, [5])?;
        for raised in self.raised() {
            paragraph(out, &words::raised(&raised), 0)?;
        }
        Ok(())
    }

    /// The roundings inside blocks in which the floor acts, each once.
    fn raised(&self) -> Vec<Rounded> {
        let mut raised: Vec<Rounded> = Vec::new();
        for block in &self.sub_blocks {
            let expansion = block.expansion.and_then(|expanded| expanded.rounded);
            let squeeze = block.squeeze.and_then(|squeeze| squeeze.rounded);
            for rounded in expansion.into_iter().chain(squeeze) {
                if rounded.is_raised() && !raised.contains(&rounded) {
                    raised.push(rounded);
                }
            }
        }
        raised
    }

    fn print_training(&self, out: &mut impl Write) -> Result<(), Failure> {
        let dropout = short(self.variant.dropout.get());
        let text = format!("Dropout before the classifier: {dropout}, an entry of the spec.");
        paragraph(out, &text, 0)?;
        let (rate, total) = (self.architecture.drop_connect, self.sub_blocks.len());
        if rate == 0.0 {
            writeln!(out, "There is no stochastic depth.")?;
            return Ok(());
        }
        let rate = short(rate);
        let text = format!(
            "Stochastic depth: sub-block i of {total}, counted from 0, is left out at the rate {rate} * i / \
             {total}, where it has a shortcut to stand in for it:"
        );
        paragraph(out, &text, 0)?;
        for block in self.sub_blocks.chunk_by(|a, b| a.block == b.block) {
            let rates = block.iter().filter_map(|sub_block| {
                Some(format!("{} {:.4}", sub_block.label, sub_block.drop_rate?))
            });
            let rates: Vec<String> = rates.collect();
            if !rates.is_empty() {
                paragraph(
                    out,
                    &format!("block {}: {}", block[0].block, rates.join(", ")),
                    9,
                )?;
            }
        }
        Ok(())
    }

    fn print_totals(&self, out: &mut impl Write) -> Result<(), Failure> {
        let baseline = self.baseline.as_ref().filter(|_| !self.is_baseline());
        let baseline = baseline.map(|(variant, counts)| (*variant, *counts));
        let columns: Vec<_> = baseline
            .into_iter()
            .chain([(self.variant, self.counts)])
            .collect();
        let mut table = text::table([""]);
        let row = |title: &str, value: &dyn Fn(&Variant, &Counts) -> String| {
            let values = columns
                .iter()
                .map(|(variant, counts)| value(variant, counts));
            [title.to_owned()]
                .into_iter()
                .chain(values)
                .collect::<Vec<_>>()
        };
        table.set_header(row("", &|variant, _| variant.name.to_string()));
        for (title, value) in TOTALS {
            table.add_row(row(title, &|_, counts| value(counts)));
        }
        text::write_table(out, table, 1..=columns.len())?;
        if let (Some((variant, counts)), Some(factors)) = (baseline, self.factors()) {
            let ratio = |after: u64, before: u64| after as f64 / before as f64;
            let text = format!(
                "{:.2} times the parameters and {:.2} times the multiply-accumulates (MACs) of {}; depth * \
                 width^2 * resolution^2, without roundings, is {:.2}.",
                ratio(self.counts.trainable, counts.trainable),
                ratio(self.counts.macs, counts.macs),
                variant.name,
                factors.cost()
            );
            writeln!(out)?;
            paragraph(out, &text, 0)?;
        }
        Ok(())
    }
}

/// What is counted, and how it reads.
type Total = (&'static str, fn(&Counts) -> String);

const TOTALS: [Total; 4] = [
    ("layers without top", |counts| counts.layers.to_string()),
    ("trainable parameters", |counts| grouped(counts.trainable)),
    ("all parameters, as Keras", |counts| grouped(counts.total)),
    ("million MACs", |counts| grouped(millions(counts.macs))),
];

fn title(out: &mut impl Write, text: &str) -> Result<(), Failure> {
    writeln!(out, "\n{text}\n{}", "-".repeat(text.len()))?;
    Ok(())
}

/// Whether two sub-blocks in a row are the same but for their place.
fn is_like(a: &SubBlock, b: &SubBlock) -> bool {
    let numbers = |block: &SubBlock| {
        let [expansion, squeeze] = cells(block);
        let window = (block.kernel, block.stride, block.shortcut);
        (block.block, block.input, window, expansion, squeeze)
    };
    numbers(a) == numbers(b)
}

fn cells(block: &SubBlock) -> [String; 2] {
    let none = || "-".to_owned();
    [
        block.expansion.as_ref().map_or_else(none, words::expansion),
        block.squeeze.as_ref().map_or_else(none, words::squeeze),
    ]
}

/// A line for sub-blocks that are the same but for their place.
fn row(group: &[SubBlock]) -> Vec<String> {
    let (first, last) = (&group[0], &group[group.len() - 1]);
    // `3b-c`: the letters stand behind the block's number.
    let letters = last.label.trim_start_matches(|c: char| c.is_ascii_digit());
    let label = match group.len() {
        1 => first.label.clone(),
        _ => format!("{}-{letters}", first.label),
    };
    let [expansion, squeeze] = cells(first);
    let plus = if first.shortcut { "+" } else { " " };
    vec![
        label,
        words::kind(first.kind).to_owned(),
        format!("{0}x{0}/{1}", first.kernel, first.stride),
        expansion,
        squeeze,
        format!("{} {plus}", first.channels),
    ]
}

/// Whether factors are within 15 % of others, as the published variants up to B7 are of powers of one phi.
fn are_near(factors: Factors, others: Factors) -> bool {
    let pairs = [
        (factors.depth, others.depth),
        (factors.width, others.width),
        (factors.resolution, others.resolution),
    ];
    pairs.iter().all(|(a, b)| (a / b - 1.0).abs() <= 0.15)
}
