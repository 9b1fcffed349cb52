//! The comparison as text.

use std::io::Write;

use super::{Comparison, Side, Stage, TRAINING, Trait, WHOLE};
use crate::failure::Failure;
use crate::text::{self, grouped, millions, paragraph};

/// One line of the table: what it is about, both values, and what differs.
struct Row {
    name: String,
    values: [String; 2],
    differs: Vec<String>,
}

impl Comparison {
    pub(super) fn print(&self, out: &mut impl Write) -> Result<(), Failure> {
        let [a, b] = &self.names;
        writeln!(out, "{a} and {b}\n")?;
        self.print_stages(out)?;
        writeln!(out)?;
        self.print_totals(out)?;
        writeln!(out)?;
        for statement in self.statements() {
            paragraph(out, &statement, 2)?;
        }
        Ok(())
    }

    fn print_stages(&self, out: &mut impl Write) -> Result<(), Failure> {
        let rows = self.rows();
        let width = |cell: &dyn Fn(&Row) -> usize| rows.iter().map(cell).max().unwrap_or(0);
        let columns = [
            width(&|row| row.name.len()),
            width(&|row| row.values[0].len().max(self.names[0].len())),
            width(&|row| row.values[1].len().max(self.names[1].len())),
        ];
        // Two spaces behind each column.
        let left = text::WIDTH.saturating_sub(columns.iter().sum::<usize>() + 6);
        let [a, b] = &self.names;
        let mut table = text::table(["", a, b, "differs"]);
        for row in rows {
            let mut lines = lines(&row.differs, left).into_iter();
            let [first, second] = row.values;
            let differs = lines.next().unwrap_or_default();
            table.add_row([row.name, first, second, differs]);
            for line in lines {
                table.add_row(["", "", "", &line]);
            }
        }
        text::write_table(out, table, [])?;
        Ok(())
    }

    fn rows(&self) -> Vec<Row> {
        let stages = self.pairs.iter().map(|pair| {
            let value = |side: usize| match pair.stages[side] {
                Some(index) => described(&self.sides[side].stages[index]),
                None => "-".to_owned(),
            };
            Row {
                name: pair.name.clone(),
                values: [value(0), value(1)],
                differs: self.differences(pair),
            }
        });
        // Of the networks' other traits those that differ: the sentences have the rest.
        let (resolution, others) = WHOLE.split_at(1);
        let differ =
            |it: &&Trait| self.different.contains(&it.name) || self.training.contains(&it.name);
        let others = others.iter().chain(TRAINING).filter(differ);
        let row = |it: &Trait| self.row(it);
        let whole = resolution.iter().map(row);
        whole.chain(stages).chain(others.map(row)).collect()
    }

    fn row(&self, it: &Trait) -> Row {
        let values = self
            .sides
            .each_ref()
            .map(|side| (it.value)(&side.architecture));
        let differs = values[0] != values[1];
        Row {
            name: it.name.to_owned(),
            values,
            differs: differs.then(|| it.name.to_owned()).into_iter().collect(),
        }
    }

    fn print_totals(&self, out: &mut impl Write) -> Result<(), Failure> {
        let [a, b] = &self.names;
        let mut table = text::table(["", a, b, "ratio"]);
        for total in TOTALS {
            let [a, b] = self.sides.each_ref().map(total.count);
            let ratio = format!("{:.2}", b as f64 / a as f64);
            table.add_row([
                total.name.to_owned(),
                (total.text)(a),
                (total.text)(b),
                ratio,
            ]);
        }
        text::write_table(out, table, 1..4)?;
        Ok(())
    }
}

/// Something that is counted in both.
pub(super) struct Total {
    pub(super) name: &'static str,
    /// Its key in a document.
    pub(super) key: &'static str,
    pub(super) count: fn(&Side) -> u64,
    pub(super) text: fn(u64) -> String,
}

/// What variants cost.
pub(super) const TOTALS: &[Total] = &[
    Total {
        name: "layers without top",
        key: "layers_without_top",
        count: |side| side.counts.layers as u64,
        text: grouped,
    },
    Total {
        name: "trainable parameters",
        key: "trainable_parameters",
        count: |side| side.counts.trainable,
        text: grouped,
    },
    Total {
        name: "all parameters, as Keras",
        key: "total_parameters",
        count: |side| side.counts.total,
        text: grouped,
    },
    Total {
        name: "million MACs",
        key: "macs",
        count: |side| side.counts.macs,
        text: |macs| grouped(millions(macs)),
    },
    Total {
        name: "workspace, MB on one thread",
        key: "workspace_bytes",
        count: |side| side.workspace as u64,
        text: |bytes| format!("{:.2}", bytes as f64 / 1e6),
    },
];

/// `2 x MBConv6 5x5/2, 40`, or `3x3/2, 32` for stem and head.
fn described(stage: &Stage) -> String {
    let (operator, channels) = (stage.operator(), stage.channels);
    match stage.name.starts_with("block") {
        true => format!("{} x {operator}, {channels}", stage.repeats),
        false => format!("{operator}, {channels}"),
    }
}

/// Words in lines of a width, with commas between them.
fn lines(words: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.len() + 2 + word.len() < width => {
                line.push_str(", ");
                line.push_str(word);
            }
            Some(line) => {
                line.push(',');
                lines.push(word.clone());
            }
            None => lines.push(word.clone()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_broken_between_words() {
        let words = ["kernel", "stride", "channels"].map(str::to_owned);
        assert_eq!(lines(&words, 16), ["kernel, stride,", "channels"]);
        assert_eq!(lines(&[], 16), [""; 0]);
    }
}
