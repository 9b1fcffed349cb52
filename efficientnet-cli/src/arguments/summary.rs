//! Options of `summary`.

use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};

use super::shared::{Padding, Precision, Variant, count};

/// Levels of the compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum View {
    /// One line per layer with shape and costs, as Keras's summary, and the totals.
    Layers,
    /// Stem, blocks and head after scaling: the paper's table of the variant.
    Blocks,
    /// What is left of the layers after fusion.
    Kernels,
    /// Kernel calls in order, with tiles and places in the workspace.
    Plan,
}

/// Columns of the view of layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Column {
    /// Keras's name of the layer.
    Name,
    /// Keras's class; of a group in a tree, its number of layers.
    Type,
    /// Shape of the output: rows, columns, channels.
    Output,
    /// Parameters, buffers of batch norms included.
    Parameters,
    /// Multiply-accumulates for one image.
    Macs,
    /// Kernel and stride of a convolution.
    Kernel,
    /// Memory of the output in float32.
    Memory,
    /// Layers that the layer reads.
    Inputs,
}

/// Options of `summary`.
#[derive(Args, Debug)]
pub(crate) struct Summary {
    #[command(flatten)]
    pub(crate) variant: Variant,
    /// What to show.
    #[arg(long, value_enum, default_value_t = View::Layers)]
    pub(crate) view: View,
    /// What maps and matrices are made of (view of the plan).
    #[arg(long, value_enum, default_value_t = Precision::F32)]
    pub(crate) precision: Precision,
    /// Padding of strided convolutions; same is Keras's graph.
    #[arg(long, value_enum, default_value_t = Padding::Same)]
    pub(crate) padding: Padding,
    /// Leave out pooling, dropout and classifier (view of layers).
    #[arg(long)]
    pub(crate) no_top: bool,
    /// Group layers into stem, blocks, sub-blocks and modules, with sums (view of layers).
    #[arg(long)]
    pub(crate) tree: bool,
    /// Levels of the tree below the model: 1 its parts, 2 sub-blocks, 3 modules, 4 layers.
    #[arg(long, value_name = "N", requires = "tree")]
    pub(crate) depth: Option<usize>,
    /// Columns, with commas between [default: name,type,output,parameters,macs] (view of layers).
    #[arg(
        long,
        value_enum,
        value_name = "COLUMNS",
        value_delimiter = ',',
        conflicts_with = "json"
    )]
    pub(crate) columns: Vec<Column>,
    /// Characters of a line, but for blocks [default: those of the terminal, 80 without one].
    #[arg(long, value_name = "N", value_parser = count, conflicts_with = "json")]
    pub(crate) width: Option<NonZeroUsize>,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}
