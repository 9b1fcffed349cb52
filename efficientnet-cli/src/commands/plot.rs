//! `plot`: a variant as a picture.

use efficientnet::codegen::plan::Precision;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use efficientnet::runtime::files::write_atomically;
use efficientnet::spec::{Architecture, LayerGraph, Options, Top};

use crate::arguments::{Level, Plot};
use crate::draw::png::PngError;
use crate::draw::{Diagram, Theme, dot, html, layout, png, svg};
use crate::failure::Failure;
use crate::{files, network};

/// Formats by the ending of a file's name.
const FORMATS: [(&str, Format); 4] = [
    ("svg", Format::Svg),
    ("html", Format::Html),
    ("dot", Format::Dot),
    ("png", Format::Png),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Svg,
    Html,
    Dot,
    Png,
}

pub(crate) fn run(arguments: &Plot) -> Result<ExitCode, Failure> {
    let format = format(&arguments.output)?;
    if arguments.theme.is_some() && format != Format::Png {
        let reason = "--theme is for .png, the other formats follow the viewer's; leave it out";
        return Err(Failure::mistake(reason));
    }
    if arguments.no_top && arguments.level == Level::Kernels {
        let reason =
            "--no-top does not apply to kernels, whose plan gives the logits; leave it out";
        return Err(Failure::mistake(reason));
    }
    let named = arguments.variant.spec.as_deref();
    let inputs: Vec<&Path> = named.map(Path::new).into_iter().collect();
    files::check_output(&arguments.output, &inputs)?;
    let diagram = diagram(arguments)?;
    let bytes = match format {
        Format::Dot => dot::write(&diagram).into_bytes(),
        Format::Svg => svg::write(&layout(&diagram), svg::Use::File).into_bytes(),
        Format::Html => html::write(&diagram, &layout(&diagram)).into_bytes(),
        Format::Png => pixels(&diagram, arguments.theme.unwrap_or_default())?,
    };
    let write = |writer: &mut dyn Write| writer.write_all(&bytes);
    write_atomically(&arguments.output, write).map_err(Failure::system)?;
    Ok(ExitCode::SUCCESS)
}

fn format(path: &Path) -> Result<Format, Failure> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let ending = ending.unwrap_or_default().to_ascii_lowercase();
    let known = FORMATS.iter().find(|(name, _)| *name == ending);
    known.map(|(_, format)| *format).ok_or_else(|| {
        Failure::Mistake(format!(
            "{}: expected a file's name that ends in .svg, .html, .dot or .png, one of which is \
             the format",
            path.display()
        ))
    })
}

fn diagram(arguments: &Plot) -> Result<Diagram, Failure> {
    let variant = &arguments.variant.variant;
    let spec = network::spec(arguments.variant.spec.as_deref(), variant)?;
    let options = Options {
        resolution: arguments.resolution,
        padding: arguments.padding.into(),
        ..Options::default()
    };
    let architecture = network::architecture(&spec, variant, &options)?;
    let top = match arguments.no_top {
        true => Top::Without,
        false => Top::With,
    };
    let of_graph = |draw: fn(&Architecture, &LayerGraph) -> Diagram| {
        let graph = LayerGraph::build(&architecture, top).map_err(Failure::mistake)?;
        Ok(draw(&architecture, &graph))
    };
    match arguments.level {
        Level::Blocks => of_graph(Diagram::blocks),
        Level::Modules => of_graph(Diagram::modules),
        Level::Layers => of_graph(Diagram::layers),
        Level::Kernels => Ok(Diagram::kernels(
            &network::compile(&architecture, Precision::F32)?.plan,
        )),
    }
}

fn pixels(diagram: &Diagram, theme: Theme) -> Result<Vec<u8>, Failure> {
    png::write(&layout(diagram), theme).map_err(|error| match error {
        PngError::TooLarge { width, height } => Failure::Mistake(format!(
            "{}: {width} x {height} pixels are too many for a .png; choose .svg or .html, or \
             --level modules or blocks",
            diagram.title
        )),
        PngError::Render(reason) => Failure::Program(reason),
    })
}
