//! Options of `plot`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use efficientnet::spec::Resolution;

use super::shared::{Padding, Variant, resolution};
use crate::draw::Theme;

/// Options of `plot`.
#[derive(Args, Debug)]
pub(crate) struct Plot {
    #[command(flatten)]
    pub(crate) variant: Variant,
    /// File to write: .svg, .html, .dot or .png.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// What a box is.
    #[arg(long, value_enum, default_value_t = Level::Blocks)]
    pub(crate) level: Level,
    /// Padding of strided convolutions; same is Keras's graph.
    #[arg(long, value_enum, default_value_t = Padding::Same)]
    pub(crate) padding: Padding,
    /// Size of the input in pixels, such as 224 or 192x256 [default: the variant's].
    #[arg(long, value_name = "SIZE", value_parser = resolution)]
    pub(crate) resolution: Option<Resolution>,
    /// Leave out pooling, dropout and classifier (all levels but kernels).
    #[arg(long)]
    pub(crate) no_top: bool,
    /// Colours of a .png [default: light]; the other formats follow the viewer's.
    #[arg(long, value_enum)]
    pub(crate) theme: Option<Theme>,
}

/// What a box of a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// Stem, blocks and final layers on a page, with the sub-blocks in each block.
    Blocks,
    /// The modules of each sub-block in colours; equal sub-blocks are drawn once.
    Modules,
    /// Every layer.
    Layers,
    /// Every kernel call: what was fused, and its tile.
    Kernels,
}
