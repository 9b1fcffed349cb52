//! The layer graph as text.

use std::fmt;

use super::{LayerGraph, LayerId};
use crate::layer::Layer;

/// One line a layer (id, name, what it does, operands, shape), under one comment line a part:
///
/// ```text
/// # stem
/// %0  input_layer    InputLayer                            224x224x3
/// %1  rescaling      Rescaling                 %0          224x224x3
/// ```
impl fmt::Display for LayerGraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<[String; 4]> = self
            .layers()
            .map(|(id, layer)| self.row(id, layer))
            .collect();
        let widths = [0, 1, 2, 3].map(|column| {
            rows.iter()
                .map(|row| row[column].len())
                .max()
                .unwrap_or_default()
        });
        let mut part = None;
        for ((_, layer), row) in self.layers().zip(&rows) {
            if part.replace(layer.place.part) != Some(layer.place.part) {
                writeln!(f, "# {}", layer.place.part)?;
            }
            for (cell, width) in row.iter().zip(widths) {
                write!(f, "{cell:width$}  ")?;
            }
            writeln!(f, "{}", layer.output)?;
        }
        Ok(())
    }
}

impl LayerGraph {
    fn row(&self, id: LayerId, layer: &Layer) -> [String; 4] {
        let operands: Vec<String> = self.inputs(id).iter().map(LayerId::to_string).collect();
        [
            id.to_string(),
            layer.name.clone(),
            layer.op.to_string(),
            operands.join(" "),
        ]
    }
}
