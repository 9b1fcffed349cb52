//! `plot`: a variant as a picture.

use std::process::ExitCode;

use efficientnet::codegen::plan::Precision;
use efficientnet::spec::{Architecture, LayerGraph, Options, Top};

use super::picture::{Format, Target};
use crate::arguments::{Level, Plot};
use crate::draw::{Diagram, dot, layout};
use crate::failure::Failure;
use crate::network;

pub(crate) fn run(arguments: &Plot) -> Result<ExitCode, Failure> {
    let spec = arguments.variant.spec.as_deref();
    let target = Target::new(&arguments.output, arguments.theme, [spec])?;
    if arguments.no_top && arguments.level == Level::Kernels {
        let reason =
            "--no-top does not apply to kernels, whose plan gives the logits; leave it out";
        return Err(Failure::mistake(reason));
    }
    let diagram = diagram(arguments)?;
    match target.format {
        Format::Dot => target.write(dot::write(&diagram).as_bytes())?,
        Format::Drawn(format) => {
            let advice = ".svg or .html, or --level modules or blocks";
            target.draw(format, &layout(&diagram), diagram.leaves(), advice)?;
        }
    }
    Ok(ExitCode::SUCCESS)
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
