//! `summary`: one level of a variant as text or JSON.

mod layers;
mod lines;
mod node;
mod totals;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::process::ExitCode;

use efficientnet::codegen::ir::KernelGraph;
use efficientnet::codegen::plan::Plan;
use efficientnet::codegen::plan::Precision;
use efficientnet::spec::{Architecture, Options};
use serde_json::{Value, json};
use terminal_size::{Width, terminal_size_of};

use crate::arguments::{Summary, View};
use crate::failure::Failure;
use crate::{network, text};

pub(crate) fn run(arguments: &Summary, out: &mut impl Write) -> Result<ExitCode, Failure> {
    check(arguments)?;
    let variant = &arguments.variant.variant;
    let spec = network::spec(arguments.variant.spec.as_deref(), variant)?;
    let options = Options {
        padding: arguments.padding.into(),
        ..Options::default()
    };
    let architecture = network::architecture(&spec, variant, &options)?;
    match (arguments.view, arguments.json) {
        (View::Layers, true) => document(out, &layers::document(arguments, &architecture)?)?,
        (View::Layers, false) => layers::write(arguments, &architecture, out)?,
        (View::Blocks, true) => document(out, &blocks_json(&architecture))?,
        (View::Blocks, false) => write!(out, "{architecture}")?,
        (View::Kernels, json) => {
            let kernels = network::compile(&architecture, Precision::F32)?.kernels;
            match json {
                true => document(out, &kernels_json(&architecture, &kernels))?,
                false => calls(&kernels.to_string(), arguments, out)?,
            }
        }
        (View::Plan, json) => {
            let plan = network::compile(&architecture, arguments.precision.into())?.plan;
            match json {
                true => document(out, &plan_json(&plan))?,
                false => calls(&plan.to_string(), arguments, out)?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses options with views that they do not apply to.
fn check(arguments: &Summary) -> Result<(), Failure> {
    let view = arguments.view;
    let given = [
        ("--no-top", arguments.no_top),
        ("--tree", arguments.tree),
        ("--columns", !arguments.columns.is_empty()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) if view != View::Layers => Err(Failure::Mistake(format!(
            "{option} applies to the view of layers; leave it out or choose --view layers"
        ))),
        None if view == View::Blocks && arguments.width.is_some() => Err(Failure::mistake(
            "--width does not apply to blocks, a table of one width; leave it out or choose --view \
             layers, kernels or plan",
        )),
        _ => Ok(()),
    }
}

/// Characters of a line: those that are asked for, or those of the terminal.
fn width(arguments: &Summary) -> usize {
    let asked = arguments.width.map(NonZeroUsize::get);
    asked.unwrap_or_else(|| {
        let terminal = terminal_size_of(io::stdout()).map(|(Width(width), _)| width.into());
        // Terminals that do not know their size say 0.
        terminal.filter(|&width| width > 0).unwrap_or(text::WIDTH)
    })
}

/// Writes a text with a call a line; where a line is too long, the rest follows below, indented.
fn calls(text: &str, arguments: &Summary, out: &mut impl Write) -> Result<(), Failure> {
    let width = width(arguments);
    for line in text.lines() {
        writeln!(out, "{}", text::hanging(line, 4, width))?;
    }
    Ok(())
}

fn document(out: &mut impl Write, value: &Value) -> Result<(), Failure> {
    writeln!(out, "{value:#}").map_err(Failure::from)
}

fn name(architecture: &Architecture) -> String {
    format!("{}-{}", architecture.family, architecture.variant)
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
