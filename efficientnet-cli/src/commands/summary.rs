//! `summary`: one level of a variant as text or JSON.

use std::io::Write;
use std::process::ExitCode;

use efficientnet::codegen::ir::KernelGraph;
use efficientnet::codegen::plan::Plan;
use efficientnet::spec::{Architecture, LayerGraph, Options, Shape, Top};
use serde_json::{Value, json};

use crate::arguments::{Summary, View};
use crate::failure::Failure;
use crate::network;
use crate::text;

pub(crate) fn run(arguments: &Summary, out: &mut impl Write) -> Result<ExitCode, Failure> {
    if arguments.no_top && arguments.view != View::Layers {
        let reason = "--no-top applies to the view of layers; leave it out or choose --view layers";
        return Err(Failure::mistake(reason));
    }
    let variant = &arguments.variant.variant;
    let spec = network::spec(arguments.variant.spec.as_deref(), variant)?;
    let options = Options {
        padding: arguments.padding.into(),
        ..Options::default()
    };
    let architecture = network::architecture(&spec, variant, &options)?;
    match (arguments.view, arguments.json) {
        (View::Layers, json) => {
            let top = if arguments.no_top {
                Top::Without
            } else {
                Top::With
            };
            let graph = LayerGraph::build(&architecture, top).map_err(Failure::mistake)?;
            match json {
                true => document(out, &layers_json(&architecture, &graph))?,
                false => {
                    layers(out, &architecture, &graph)?;
                    if top == Top::With {
                        workspace(out, &architecture)?;
                    }
                }
            }
        }
        (View::Blocks, true) => document(out, &blocks_json(&architecture))?,
        (View::Blocks, false) => write!(out, "{architecture}")?,
        (View::Kernels, json) => {
            let kernels = network::compile(&architecture)?.kernels;
            match json {
                true => document(out, &kernels_json(&architecture, &kernels))?,
                false => write!(out, "{kernels}")?,
            }
        }
        (View::Plan, json) => {
            let plan = network::compile(&architecture)?.plan;
            match json {
                true => document(out, &plan_json(&plan))?,
                false => write!(out, "{plan}")?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn document(out: &mut impl Write, value: &Value) -> Result<(), Failure> {
    writeln!(out, "{value:#}").map_err(Failure::from)
}

fn name(architecture: &Architecture) -> String {
    format!("{}-{}", architecture.family, architecture.variant)
}

/// The table that a framework's summary would print, and the totals.
fn layers(
    out: &mut impl Write,
    architecture: &Architecture,
    graph: &LayerGraph,
) -> Result<(), Failure> {
    let mut table = text::table(["layer", "type", "output", "parameters", "inputs"]);
    for (id, layer) in graph.layers() {
        let inputs: Vec<&str> = graph
            .inputs(id)
            .into_iter()
            .map(|input| graph.layer(input).name.as_str())
            .collect();
        table.add_row([
            layer.name.clone(),
            layer.op.type_name().to_owned(),
            shape_text(layer.output),
            graph.parameters(id).to_string(),
            inputs.join(", "),
        ]);
    }
    writeln!(out, "{}", name(architecture))?;
    text::write_table(out, table, [3])?;
    writeln!(
        out,
        "{} layers, {} parameters ({} trainable), {} million multiply-accumulates",
        graph.len(),
        graph.total_parameters(),
        graph.total_trainable_parameters(),
        text::millions(graph.total_macs()),
    )?;
    Ok(())
}

/// What one inference takes beside its weights.
fn workspace(out: &mut impl Write, architecture: &Architecture) -> Result<(), Failure> {
    let bytes = network::compile(architecture)?.plan.workspace_bytes();
    writeln!(
        out,
        "{:.2} MB of workspace on one thread",
        bytes as f64 / 1e6
    )?;
    Ok(())
}

fn shape_text(shape: Shape) -> String {
    let extents: Vec<String> = shape.extents().iter().map(ToString::to_string).collect();
    extents.join("x")
}

fn layers_json(architecture: &Architecture, graph: &LayerGraph) -> Value {
    let layers: Vec<Value> = graph
        .layers()
        .map(|(id, layer)| {
            let inputs: Vec<&str> = graph
                .inputs(id)
                .into_iter()
                .map(|input| graph.layer(input).name.as_str())
                .collect();
            json!({
                "name": layer.name,
                "type": layer.op.type_name(),
                "output_shape": layer.output.extents(),
                "parameters": graph.parameters(id),
                "inputs": inputs,
            })
        })
        .collect();
    json!({
        "model": name(architecture),
        "layers": layers,
        "total_layers": graph.len(),
        "total_parameters": graph.total_parameters(),
        "trainable_parameters": graph.total_trainable_parameters(),
        "macs": graph.total_macs(),
    })
}

fn blocks_json(architecture: &Architecture) -> Value {
    let blocks: Vec<Value> = architecture
        .blocks
        .iter()
        .enumerate()
        .map(|(index, block)| {
            let expanded = (0..block.repeats).map(|index| block.expanded(index));
            json!({
                "block": index + 1,
                "kind": block.kind.word(),
                "expanded_channels": expanded.collect::<Vec<_>>(),
                "kernel": block.kernel,
                "stride": block.stride,
                "in_channels": block.in_channels,
                "out_channels": block.out_channels,
                "repeats": block.repeats,
                "squeeze_excite": block.squeeze_excite.as_ref().map(|se| se.ratio),
            })
        })
        .collect();
    json!({
        "model": name(architecture),
        "input_shape": architecture.input.extents(),
        "stem": { "kernel": architecture.stem.kernel, "stride": architecture.stem.stride,
                  "channels": architecture.stem.channels },
        "blocks": blocks,
        "head": { "channels": architecture.head.channels,
                  "after_pooling": architecture.head.after_pooling },
        "classes": architecture.classes,
        "dropout": architecture.dropout,
    })
}

fn kernels_json(architecture: &Architecture, graph: &KernelGraph) -> Value {
    let nodes: Vec<Value> = graph
        .ids()
        .into_iter()
        .map(|id| {
            let node = graph.node(id);
            let operands: Vec<&str> = graph
                .operands(id)
                .into_iter()
                .map(|(_, from)| graph.node(from).name.as_str())
                .collect();
            let shape = node.output;
            json!({
                "name": node.name,
                "op": node.op.name(),
                "output_shape": [shape.height, shape.width, shape.channels],
                "inputs": operands,
            })
        })
        .collect();
    json!({ "model": name(architecture), "kernels": nodes })
}

fn plan_json(plan: &Plan) -> Value {
    let calls: Vec<Value> = plan
        .calls
        .iter()
        .map(|call| {
            let shape = call.output_shape;
            json!({
                "name": call.name,
                "kernel": call.kernel.name(),
                "output_shape": [shape.height, shape.width, shape.channels],
                "offset": plan.offset(call.output),
                "text": plan.line(call),
            })
        })
        .collect();
    json!({
        "model": format!("{}-{}", plan.family, plan.variant),
        "workspace_bytes": plan.workspace_bytes(),
        "calls": calls,
    })
}
