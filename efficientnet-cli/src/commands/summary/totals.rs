//! What stands below the layers: sums over all of them, and what an inference takes.

use efficientnet::codegen::plan::Precision;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Write};

use efficientnet::codegen;
use efficientnet::spec::{Architecture, LayerGraph, Output, Top};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::text::{self, GAP, grouped};

use super::node::{Sums, bytes};

/// The totals of a variant's layers.
pub(super) struct Totals {
    /// Over the layers that are shown.
    sums: Sums,
    /// Layers without top, as published for the family.
    without_top: usize,
    top: Top,
    /// Bytes of the outputs that are needed at once, at most, layer by layer.
    peak: u64,
    /// Bytes that the compiled inference works in on one thread.
    workspace: u64,
}

impl Totals {
    pub(super) fn of(
        architecture: &Architecture,
        graph: &LayerGraph,
        top: Top,
        sums: Sums,
    ) -> Result<Self, Failure> {
        let without = LayerGraph::build(architecture, Top::Without).map_err(Failure::mistake)?;
        let maps = || architecture.outputs().into_iter().filter(|o| o.is_map());
        let output = match top {
            Top::With => Output::Logits,
            Top::Without => maps().next_back().unwrap_or(Output::Stem),
        };
        let plan = codegen::compile(architecture, &[output], Precision::F32)?.plan;
        Ok(Self {
            sums,
            without_top: without.len(),
            top,
            peak: peak(graph),
            workspace: plan.workspace_bytes() as u64,
        })
    }

    fn non_trainable(&self) -> u64 {
        self.sums.parameters.saturating_sub(self.sums.trainable)
    }

    /// Bytes of all parameters in float32.
    fn weights(&self) -> u64 {
        let size = size_of::<f32>() as u64;
        self.sums.parameters.saturating_mul(size)
    }

    /// What is counted, how much of it, and what is to be known about that.
    fn rows(&self) -> [(&'static str, String, Cow<'static, str>); 9] {
        let Sums {
            layers,
            parameters,
            trainable,
            macs,
            memory,
        } = self.sums;
        let megabytes = |bytes: u64| format!("{:.2} MB", bytes as f64 / 1e6);
        let counted = match self.top {
            Top::With => format!("without top, as Keras counts; {layers} with it").into(),
            Top::Without => "without top, as Keras counts".into(),
        };
        let statistics = "statistics of batch norms and of the input".into();
        let float32 = "all parameters in float32".into();
        let peak = "needed at once, layer by layer".into();
        let thread = "of one thread, as compiled here".into();
        let image = "multiply-accumulates for one image".into();
        let outputs = "outputs of all layers together".into();
        [
            ("layers", grouped(self.without_top as u64), counted),
            ("parameters", grouped(parameters), "".into()),
            ("  trainable", grouped(trainable), "".into()),
            ("  non-trainable", grouped(self.non_trainable()), statistics),
            ("MACs", grouped(macs), image),
            ("weights", megabytes(self.weights()), float32),
            ("activations", megabytes(memory), outputs),
            ("  peak", megabytes(self.peak), peak),
            ("workspace", megabytes(self.workspace), thread),
        ]
    }

    /// Writes them in lines of `width` characters, as far as the notes can be wrapped.
    pub(super) fn write(&self, out: &mut impl Write, width: usize) -> io::Result<()> {
        let rows = self.rows();
        let names = rows.iter().map(|(name, ..)| name.len()).max();
        let values = rows.iter().map(|(_, value, _)| value.len()).max();
        let taken = names.unwrap_or(0) + values.unwrap_or(0) + 2 * usize::from(GAP);
        let mut table = text::rows();
        for (name, value, note) in &rows {
            let note = text::wrapped(note, width.saturating_sub(taken));
            table.add_row([*name, value, &note]);
        }
        text::write_table(out, table, [1])
    }

    /// Keys and values of the JSON document.
    pub(super) fn entries(&self) -> [(&'static str, Value); 10] {
        [
            ("total_layers", json!(self.sums.layers)),
            ("layers_without_top", json!(self.without_top)),
            ("total_parameters", json!(self.sums.parameters)),
            ("trainable_parameters", json!(self.sums.trainable)),
            ("non_trainable_parameters", json!(self.non_trainable())),
            ("macs", json!(self.sums.macs)),
            ("weight_bytes", json!(self.weights())),
            ("activation_bytes", json!(self.sums.memory)),
            ("peak_activation_bytes", json!(self.peak)),
            ("workspace_bytes", json!(self.workspace)),
        ]
    }
}

/// Bytes of the outputs that are there at once, at most, where each layer writes one of its own and
/// each is kept until its last consumer is done.
fn peak(graph: &LayerGraph) -> u64 {
    let (mut live, mut peak) = (0_u64, 0);
    for (id, layer) in graph.layers() {
        live = live.saturating_add(bytes(layer.output));
        peak = live.max(peak);
        let inputs: BTreeSet<_> = graph.inputs(id).into_iter().collect();
        for input in inputs {
            if graph.consumers(input).last() == Some(&id) {
                live = live.saturating_sub(bytes(graph.layer(input).output));
            }
        }
    }
    peak
}

#[cfg(test)]
mod tests {
    use efficientnet::spec::{Options, Spec, bundled};

    use super::*;

    /// At the first expansion of B0 (block 2): 112x112x96 padded to 113x113x96, both needed at once.
    #[test]
    fn the_peak_of_b0_is_the_padding_before_the_first_strided_depthwise() {
        let spec = Spec::parse(bundled("efficientnet").unwrap(), "efficientnet").unwrap();
        let options = Options {
            padding: efficientnet::spec::Padding::Same,
            ..Options::default()
        };
        let architecture = spec.architecture("b0", &options).unwrap();
        let graph = LayerGraph::build(&architecture, Top::With).unwrap();
        assert_eq!(peak(&graph), 4 * 96 * (112 * 112 + 113 * 113));
    }
}
