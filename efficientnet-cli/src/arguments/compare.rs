//! Options of `compare`.

use std::path::PathBuf;

use clap::Args;

use crate::draw::Theme;

/// Options of `compare`.
#[derive(Args, Debug)]
pub(crate) struct Compare {
    /// Variant of a bundled spec (such as b0, lite0, v2_s) or of --spec.
    #[arg(value_name = "A")]
    pub(crate) first: String,
    /// Variant to compare it with, of a bundled spec, --spec or --spec-b.
    #[arg(value_name = "B")]
    pub(crate) second: String,
    /// YAML file, or name of a bundled spec, of both [default: the bundled ones that have them].
    #[arg(long, value_name = "SPEC")]
    pub(crate) spec: Option<String>,
    /// The same for B alone.
    #[arg(long, value_name = "SPEC")]
    pub(crate) spec_b: Option<String>,
    /// Draw both beside each other, too: a .svg, .html or .png.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Colours of a .png [default: light]; the other formats follow the viewer's.
    #[arg(long, value_enum, requires = "output")]
    pub(crate) theme: Option<Theme>,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}
