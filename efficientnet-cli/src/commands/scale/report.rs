//! What scaling made of the baseline, number by number.

use std::io::Write;

use efficientnet::spec::{
    Architecture, ArchitectureError, Derivation, Factors, Options, Output, Padding, ScaledChannels,
    ScaledRepeats, Scaling, Spec, Variant,
};
use serde_json::{Value, json};

use crate::commands::counts::{self, Counts};
use crate::failure::Failure;
use crate::text;

/// How a variant came to be.
pub(super) enum Way {
    /// By a power of the spec's coefficients.
    Phi(f64, Factors),
    /// By sizes that were given; factors where the spec has a baseline to compare with.
    Sizes(Option<Factors>),
}

/// One number that scaling changes.
struct Number {
    baseline: usize,
    scaled: f64,
    rounded: usize,
}

impl Number {
    fn channels(channels: &ScaledChannels) -> Self {
        let baseline = channels.baseline;
        let exact = channels.rounded.map(|rounded| rounded.exact);
        Self {
            baseline,
            scaled: exact.unwrap_or(baseline as f64),
            rounded: channels.channels,
        }
    }

    fn repeats(repeats: &ScaledRepeats) -> Self {
        let baseline = repeats.baseline;
        Self {
            baseline,
            scaled: repeats.exact.unwrap_or(baseline as f64),
            rounded: repeats.repeats,
        }
    }

    fn cells(&self) -> [String; 3] {
        let Self {
            baseline,
            scaled,
            rounded,
        } = self;
        [
            baseline.to_string(),
            format!("{scaled:.2}"),
            rounded.to_string(),
        ]
    }

    fn document(&self) -> Value {
        json!({ "baseline": self.baseline, "scaled": self.scaled, "rounded": self.rounded })
    }
}

/// Stem, block or head.
struct Stage {
    name: String,
    channels: Number,
    repeats: Number,
}

/// A variant beside the spec's baseline.
pub(super) struct Report<'s> {
    spec: &'s Spec,
    variant: &'s Variant,
    way: &'s Way,
    stages: Vec<Stage>,
    counts: Counts,
    /// Where the spec has a baseline.
    baseline: Option<(&'s Variant, Counts)>,
}

impl<'s> Report<'s> {
    /// Builds both.
    ///
    /// # Errors
    /// Sizes out of bounds.
    pub(super) fn of(spec: &'s Spec, variant: &'s Variant, way: &'s Way) -> Result<Self, Failure> {
        let architecture = build(spec, variant).map_err(|error| {
            let hint = match way {
                Way::Phi(..) => "choose a phi nearer to 0",
                Way::Sizes(_) => "choose a smaller width, depth or resolution",
            };
            Failure::Mistake(format!("{error}\n{hint}"))
        })?;
        let compared = spec.baseline().map(|baseline| {
            let architecture = build(spec, baseline).map_err(Failure::mistake)?;
            Ok::<_, Failure>((baseline, Counts::of(&architecture)?))
        });
        Ok(Self {
            spec,
            variant,
            way,
            stages: stages(&spec.derivation(variant)),
            counts: Counts::of(&architecture)?,
            baseline: compared.transpose()?,
        })
    }

    pub(super) fn print(&self, out: &mut impl Write) -> Result<(), Failure> {
        let (family, name) = (&self.spec.family, &self.variant.name);
        writeln!(out, "{family} {name}: {}\n", self.title())?;
        self.print_coefficients(out)?;
        writeln!(out)?;
        self.print_stages(out)?;
        writeln!(out)?;
        self.print_counts(out)?;
        self.print_cost(out)
    }

    fn title(&self) -> String {
        match (self.way, &self.baseline) {
            (Way::Phi(phi, _), Some((baseline, _))) => {
                format!("{} scaled by phi = {phi}", baseline.name)
            }
            _ => "by width, depth and resolution".to_owned(),
        }
    }

    /// Depth, width and resolution; what they are powers of, where they are.
    fn print_coefficients(&self, out: &mut impl Write) -> Result<(), Failure> {
        let Scaling {
            alpha, beta, gamma, ..
        } = self.spec.scaling;
        let mut rows = text::rows();
        let power = |letter: &str, base: f64| match self.way {
            Way::Phi(phi, _) => format!("{letter}^phi = {base}^{phi}"),
            Way::Sizes(_) => String::new(),
        };
        let (depth, width) = (self.variant.depth.get(), self.variant.width.get());
        rows.add_row([
            "depth",
            &format!("{depth:.4}"),
            &power("alpha", alpha.get()),
        ]);
        rows.add_row(["width", &format!("{width:.4}"), &power("beta", beta.get())]);
        if let Some(Factors { resolution, .. }) = self.factors() {
            let factor = format!("{resolution:.4}");
            rows.add_row(["resolution", &factor, &power("gamma", gamma.get())]);
        }
        text::write_table(out, rows, [1])?;
        let side = self.variant.resolution;
        match (self.way, &self.baseline) {
            (Way::Phi(_, factors), Some((baseline, _))) => {
                let before = baseline.resolution.get();
                let exact = before as f64 * factors.resolution;
                writeln!(
                    out,
                    "input {side} x {side}: {before} * {:.4} = {exact:.2}, in steps of 2 from {before}",
                    factors.resolution
                )?;
            }
            _ => writeln!(out, "input {side} x {side}")?,
        }
        Ok(())
    }

    fn print_stages(&self, out: &mut impl Write) -> Result<(), Failure> {
        let header = [
            "stage", "channels", "scaled", "rounded", "repeats", "scaled", "rounded",
        ];
        let mut table = text::table(header);
        for (index, stage) in self.stages.iter().enumerate() {
            let label = [format!("{} {}", index + 1, stage.name)];
            let cells = [stage.channels.cells(), stage.repeats.cells()].concat();
            table.add_row(label.into_iter().chain(cells));
        }
        text::write_table(out, table, 1..header.len())?;
        Ok(())
    }

    fn print_counts(&self, out: &mut impl Write) -> Result<(), Failure> {
        let baseline = self.baseline.as_ref();
        let baseline = baseline.map(|(variant, counts)| (variant.name.as_str(), counts));
        let scaled = (self.variant.name.as_str(), &self.counts);
        counts::print(baseline.into_iter().chain([scaled]), out)
    }

    /// Multiply-accumulates as counted, and as equation 3 has them.
    fn print_cost(&self, out: &mut impl Write) -> Result<(), Failure> {
        if let (Some((baseline, _)), Some(ratio), Some(factors)) =
            (&self.baseline, self.ratio(), self.factors())
        {
            writeln!(
                out,
                "\nMACs are {ratio:.2} times those of {}; depth * width^2 * resolution^2, without \
                 roundings,\nis {:.2}.",
                baseline.name,
                factors.cost()
            )?;
        }
        Ok(())
    }

    fn factors(&self) -> Option<Factors> {
        match self.way {
            Way::Phi(_, factors) => Some(*factors),
            Way::Sizes(factors) => *factors,
        }
    }

    /// Multiply-accumulates over the baseline's.
    fn ratio(&self) -> Option<f64> {
        let (_, baseline) = self.baseline.as_ref()?;
        Some(self.counts.macs as f64 / baseline.macs as f64)
    }

    pub(super) fn document(&self) -> Value {
        let Scaling {
            alpha, beta, gamma, ..
        } = self.spec.scaling;
        let stage = |(index, stage): (usize, &Stage)| {
            json!({
                "stage": index + 1,
                "name": stage.name,
                "channels": stage.channels.document(),
                "repeats": stage.repeats.document(),
            })
        };
        let phi = match self.way {
            Way::Phi(phi, _) => Some(*phi),
            Way::Sizes(_) => None,
        };
        json!({
            "family": self.spec.family.as_str(),
            "variant": self.variant.name.as_str(),
            "baseline": self.baseline.as_ref().map(|(variant, _)| variant.name.as_str()),
            "scaling": { "alpha": alpha.get(), "beta": beta.get(), "gamma": gamma.get() },
            "phi": phi,
            "depth": self.variant.depth.get(),
            "width": self.variant.width.get(),
            "resolution": self.variant.resolution.get(),
            "resolution_factor": self.factors().map(|factors| factors.resolution),
            "dropout": self.variant.dropout.get(),
            "stages": self.stages.iter().enumerate().map(stage).collect::<Vec<_>>(),
            "layers_without_top": self.counts.layers,
            "trainable_parameters": self.counts.trainable,
            "total_parameters": self.counts.total,
            "macs": self.counts.macs,
            "macs_over_baseline": self.ratio(),
            "unrounded_macs_over_baseline": self.factors().map(|factors| factors.cost()),
        })
    }
}

/// Keras's graph, as in `table`.
fn build(spec: &Spec, variant: &Variant) -> Result<Architecture, ArchitectureError> {
    let options = Options {
        padding: Padding::Same,
        ..Options::default()
    };
    spec.scale(variant, &options)
}

fn stages(derivation: &Derivation) -> Vec<Stage> {
    let Derivation { stem, blocks, head } = derivation;
    let single = |output: Output, channels: &ScaledChannels| Stage {
        name: output.to_string(),
        channels: Number::channels(channels),
        repeats: Number {
            baseline: 1,
            scaled: 1.0,
            rounded: 1,
        },
    };
    let blocks = blocks.iter().enumerate();
    let blocks = blocks.map(|(index, (channels, repeats))| Stage {
        name: Output::Block(index + 1).to_string(),
        channels: Number::channels(channels),
        repeats: Number::repeats(repeats),
    });
    [single(Output::Stem, stem)]
        .into_iter()
        .chain(blocks)
        .chain([single(Output::Head, head)])
        .collect()
}
