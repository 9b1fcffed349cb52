//! `table`: all variants of a spec side by side, stage by stage.

use std::io::Write;
use std::process::ExitCode;

use efficientnet::spec::{Architecture, Output, Spec};
use serde_json::{Value, json};

use super::counts::{self, Counts};
use crate::arguments::Table;
use crate::failure::Failure;
use crate::network;
use crate::text;

/// The family that the article is about.
const ARTICLES_FAMILY: &str = "efficientnet";
/// The family's article (Towards Data Science, 2020), which the statements below the table answer.
const ARTICLE: &str = "\"Complete Architectural Details of all EfficientNet Models\"";

pub(crate) fn run(arguments: &Table, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let spec = network::spec_named(&arguments.spec)?;
    let family = Family::of(&spec)?;
    match arguments.json {
        true => writeln!(out, "{:#}", family.document())?,
        false => family.print(out)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// One stage of a variant: the article counts stem and head as stages 1 and 9.
struct Stage {
    name: String,
    kernel: usize,
    stride: usize,
    channels: usize,
    repeats: usize,
}

/// One of a stage's numbers.
type Number = fn(&Stage) -> usize;

/// One variant.
pub(super) struct Column {
    pub(super) architecture: Architecture,
    stages: Vec<Stage>,
    pub(super) counts: Counts,
}

impl Column {
    fn of(spec: &Spec, variant: &str) -> Result<Self, Failure> {
        let architecture = counts::architecture(spec, variant)?;
        Ok(Self {
            stages: stages(&architecture),
            counts: Counts::of(&architecture)?,
            architecture,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.architecture.variant
    }

    fn size(&self) -> (usize, usize) {
        self.architecture.input.size()
    }

    /// `224`, or `192x256`.
    pub(super) fn resolution(&self) -> String {
        match self.size() {
            (height, width) if height == width => height.to_string(),
            (height, width) => format!("{height}x{width}"),
        }
    }
}

fn stages(architecture: &Architecture) -> Vec<Stage> {
    let stem = Stage {
        name: Output::Stem.to_string(),
        kernel: architecture.stem.kernel,
        stride: architecture.stem.stride,
        channels: architecture.stem.channels,
        repeats: 1,
    };
    let blocks = architecture.blocks.iter().enumerate();
    let blocks = blocks.map(|(index, block)| Stage {
        name: Output::Block(index + 1).to_string(),
        kernel: block.kernel,
        stride: block.stride,
        channels: block.out_channels,
        repeats: block.repeats,
    });
    let head = Stage {
        name: Output::Head.to_string(),
        kernel: 1,
        stride: 1,
        channels: architecture.head.channels,
        repeats: 1,
    };
    [stem].into_iter().chain(blocks).chain([head]).collect()
}

/// All variants of a spec.
pub(super) struct Family {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
}

impl Family {
    pub(super) fn of(spec: &Spec) -> Result<Self, Failure> {
        let names = spec.variants.iter().map(|variant| variant.name.as_str());
        let columns = names.map(|name| Column::of(spec, name));
        Ok(Self {
            name: spec.family.to_string(),
            columns: columns.collect::<Result<_, _>>()?,
        })
    }

    fn kernels_are_equal(&self) -> bool {
        let kernels = |column: &Column| -> Vec<usize> {
            column.stages.iter().map(|stage| stage.kernel).collect()
        };
        self.columns
            .windows(2)
            .all(|pair| kernels(&pair[0]) == kernels(&pair[1]))
    }

    fn resolutions_are_equal(&self) -> bool {
        self.columns
            .windows(2)
            .all(|pair| pair[0].size() == pair[1].size())
    }

    /// What the table answers of the two things that the article leaves open or gets wrong, and, of its
    /// family, what the article says.
    pub(super) fn statements(&self) -> [(String, Option<String>); 2] {
        let kernels = match self.kernels_are_equal() {
            true => "Kernel sizes are the same in all variants, stage by stage.",
            false => "Kernel sizes differ between variants.",
        };
        let open = format!("({ARTICLE} leaves it open.)");
        let listed = |column: &Column| format!("{} in {}", column.resolution(), column.name());
        let (resolution, verdict) = match &self.columns[..] {
            [first, .., last] if !self.resolutions_are_equal() => {
                let (first, last) = (listed(first), listed(last));
                let text = format!("The resolution is not the same: from {first} to {last}.");
                (text, "says that it is")
            }
            _ => {
                let text = "The resolution is the same in all variants.".to_owned();
                (text, "says so of B0 to B7, where it is not")
            }
        };
        let verdict = format!("({ARTICLE} {verdict}.)");
        let articles = |text| (self.name == ARTICLES_FAMILY).then_some(text);
        [
            (kernels.to_owned(), articles(open)),
            (resolution, articles(verdict)),
        ]
    }

    fn print(&self, out: &mut impl Write) -> Result<(), Failure> {
        writeln!(out, "{}\n", self.name)?;
        self.print_stages(out)?;
        writeln!(out)?;
        let columns = self.columns.iter();
        let counts = columns.map(|column| (column.name(), &column.counts));
        counts::print(counts, out)?;
        writeln!(out)?;
        for (statement, article) in self.statements() {
            writeln!(out, "{statement}")?;
            if let Some(article) = article {
                writeln!(out, "  {article}")?;
            }
        }
        Ok(())
    }

    /// A column a variant.
    fn print_stages(&self, out: &mut impl Write) -> Result<(), Failure> {
        let mut table = text::table(["", "stage"]);
        let row = |title: &str, stage: String, value: &dyn Fn(&Column) -> String| {
            let values = self.columns.iter().map(value);
            let labels = [title.to_owned(), stage].into_iter();
            labels.chain(values).collect::<Vec<_>>()
        };
        table.set_header(row("", "stage".to_owned(), &|column| {
            column.name().to_owned()
        }));
        table.add_row(row("resolution", String::new(), &Column::resolution));
        let sections: [(&str, Number); 3] = [
            ("kernel", |stage| stage.kernel),
            ("channels", |stage| stage.channels),
            ("repeats", |stage| stage.repeats),
        ];
        let stages = self.columns.first().map_or(&[][..], |first| &first.stages);
        for (title, value) in sections {
            for (index, stage) in stages.iter().enumerate() {
                let title = if index == 0 { title } else { "" };
                let label = format!("{} {}", index + 1, stage.name);
                // All variants have the same stages.
                let value = |column: &Column| value(&column.stages[index]).to_string();
                table.add_row(row(title, label, &value));
            }
        }
        text::write_table(out, table, 2..2 + self.columns.len())?;
        Ok(())
    }

    fn document(&self) -> Value {
        let stage = |(index, stage): (usize, &Stage)| {
            json!({
                "stage": index + 1,
                "name": stage.name,
                "kernel": stage.kernel,
                "stride": stage.stride,
                "channels": stage.channels,
                "repeats": stage.repeats,
            })
        };
        let variant = |column: &Column| {
            json!({
                "variant": column.name(),
                "resolution": [column.size().0, column.size().1],
                "stages": column.stages.iter().enumerate().map(stage).collect::<Vec<_>>(),
                "layers_without_top": column.counts.layers,
                "trainable_parameters": column.counts.trainable,
                "total_parameters": column.counts.total,
                "macs": column.counts.macs,
            })
        };
        json!({
            "family": self.name,
            "variants": self.columns.iter().map(variant).collect::<Vec<_>>(),
            "kernel_sizes_are_equal": self.kernels_are_equal(),
            "resolutions_are_equal": self.resolutions_are_equal(),
            "statements": self.statements().map(|(statement, article)| match article {
                Some(article) => format!("{statement} {article}"),
                None => statement,
            }),
        })
    }
}
