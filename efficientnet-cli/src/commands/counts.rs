//! What a variant costs, counted in its layer graph.

use efficientnet::spec::{Architecture, LayerGraph, Options, Padding, Spec, Top};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::network;

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
