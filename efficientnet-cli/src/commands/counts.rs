//! What a variant costs, counted in its layer graph.

use std::io::Write;

use efficientnet::spec::{Architecture, LayerGraph, Options, Padding, Spec, Top};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::network;
use crate::text::{self, grouped, millions};

/// A variant as Keras builds it: its layers and parameters are those that are counted.
pub(super) fn architecture(spec: &Spec, variant: &str) -> Result<Architecture, Failure> {
    let options = Options {
        padding: Padding::Same,
        ..Options::default()
    };
    network::architecture(spec, variant, &options)
}

/// The layers of a variant, all of them.
pub(super) fn graph(architecture: &Architecture) -> Result<LayerGraph, Failure> {
    LayerGraph::build(architecture, Top::With).map_err(Failure::mistake)
}

/// What a variant costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Counts {
    /// Layers as Keras shows them without top.
    pub(super) layers: usize,
    pub(super) trainable: u64,
    pub(super) total: u64,
    pub(super) macs: u64,
}

impl Counts {
    pub(super) fn of(architecture: &Architecture) -> Result<Self, Failure> {
        let graph = graph(architecture)?;
        let without = LayerGraph::build(architecture, Top::Without).map_err(Failure::mistake)?;
        Ok(Self {
            layers: without.len(),
            trainable: graph.total_trainable_parameters(),
            total: graph.total_parameters(),
            macs: graph.total_macs(),
        })
    }

    pub(super) fn document(&self) -> Value {
        json!({
            "layers_without_top": self.layers,
            "trainable_parameters": self.trainable,
            "total_parameters": self.total,
            "macs": self.macs,
        })
    }
}

/// A line a variant, for the numbers that are too long for a column each.
pub(super) fn print<'c>(
    counts: impl IntoIterator<Item = (&'c str, &'c Counts)>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let header = [
        "",
        "layers without top",
        "trainable parameters",
        "all, as Keras",
        "million MACs",
    ];
    let mut table = text::table(header);
    for (name, counts) in counts {
        table.add_row([
            name.to_owned(),
            counts.layers.to_string(),
            grouped(counts.trainable),
            grouped(counts.total),
            grouped(millions(counts.macs)),
        ]);
    }
    text::write_table(out, table, 1..header.len())?;
    Ok(())
}
