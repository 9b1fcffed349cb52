//! One box a kernel call: what was fused into it, and its tiles.

use std::collections::BTreeMap;

use efficientnet::codegen::ir::{GateMode, Producer, Shape};
use efficientnet::codegen::plan::{BufferId, Call, Kernel, Plan, Split};
use efficientnet::spec::Activation;

use super::words::{convolution, with};
use super::{Columns, Diagram, Edge, EdgeKind, Extents, Leaf, role, words};
use crate::text::{grouped, millions};

pub(super) fn diagram(plan: &Plan) -> Diagram {
    let mut columns = Columns::default();
    let mut edges = Vec::new();
    // The call that wrote a buffer last.
    let mut writers: BTreeMap<BufferId, usize> = BTreeMap::new();
    for call in &plan.calls {
        let to = columns.push(call.place.part, 1, leaf(plan, call));
        let tensors = call.tensors();
        for (position, buffer) in tensors.reads.into_iter().enumerate() {
            let Some(&from) = writers.get(&buffer) else {
                continue;
            };
            // The first is what it works on, which may be its shortcut, too.
            let kind = match position > 0 && call.kernel.residual() == Some(buffer) {
                true => EdgeKind::Skip,
                false => EdgeKind::between(from, to),
            };
            edges.push(Edge { from, to, kind });
        }
        writers.extend(tensors.writes.into_iter().map(|buffer| (buffer, to)));
    }
    Diagram {
        title: words::title(&plan.family, &plan.variant, "kernels"),
        subtitle: format!(
            "input {}, {} kernel calls, {} bytes of workspace on one thread, {} million \
             multiply-accumulates",
            plan.input,
            plan.calls.len(),
            grouped(plan.workspace_bytes() as u64),
            grouped(millions(plan.macs)),
        ),
        input: Some(extents(plan.input)),
        columns: columns.columns,
        edges,
        is_overview: false,
    }
}

fn leaf(plan: &Plan, call: &Call) -> Leaf {
    let shape = call.output_shape;
    let mut lines = vec![call.kernel.name().to_owned(), call.name.clone()];
    lines.extend(steps(&call.kernel));
    lines.extend(tile(&call.kernel));
    let buffer = plan.buffer(call.output);
    let mut facts = vec![
        ("Kernel", vec![call.kernel.name().to_owned()]),
        ("Input", vec![call.kernel.input_shape().to_string()]),
        ("Output", vec![shape.to_string()]),
        ("Steps", steps(&call.kernel)),
        (
            "Output buffer",
            vec![format!(
                "{} floats at {}",
                grouped(buffer.len as u64),
                plan.offset(call.output)
            )],
        ),
        ("Line of the plan", vec![plan.line(call)]),
    ];
    facts.retain(|(_, lines)| !lines.is_empty());
    Leaf {
        name: call.name.clone(),
        lines,
        role: role(call.place),
        output: extents(shape),
        chips: Vec::new(),
        facts,
    }
}

fn extents(shape: Shape) -> Extents {
    Extents(match shape.pixels() {
        1 => vec![shape.channels],
        _ => vec![shape.height, shape.width, shape.channels],
    })
}

/// What a call does, in order: layers that were fused, a line each.
fn steps(kernel: &Kernel) -> Vec<String> {
    match kernel {
        Kernel::Stem {
            out_channels,
            window,
            activation,
            ..
        } => {
            vec![convolution(
                window.kernel,
                window.stride,
                *out_channels,
                *activation,
            )]
        }
        Kernel::Convolution {
            out_channels,
            window,
            activation,
            residual,
            ..
        } => {
            let conv = convolution(window.kernel, window.stride, *out_channels, *activation);
            [Some(conv), shortcut(*residual)]
                .into_iter()
                .flatten()
                .collect()
        }
        Kernel::Pointwise {
            out_channels,
            activation,
            gate,
            residual,
            ..
        } => {
            let gate = gate.map(|gate| match gate.mode {
                GateMode::Weights => "weights times gate".to_owned(),
                GateMode::Input => "input times gate".to_owned(),
            });
            let conv = convolution(1, 1, *out_channels, *activation);
            [gate, Some(conv), shortcut(*residual)]
                .into_iter()
                .flatten()
                .collect()
        }
        Kernel::PooledPointwise {
            out_channels,
            activation,
            ..
        } => vec![
            convolution(1, 1, *out_channels, *activation),
            "mean over pixels".to_owned(),
        ],
        Kernel::Depthwise {
            window,
            activation,
            sums,
            ..
        } => {
            let conv = depthwise(window.kernel, window.stride, *activation);
            [Some(conv), sums_of(*sums)].into_iter().flatten().collect()
        }
        Kernel::DepthFirst {
            producer,
            expanded,
            window,
            activation,
            sums,
            ..
        } => {
            let channels = expanded.channels;
            let first = match producer {
                Producer::Pointwise { activation, .. } => convolution(1, 1, channels, *activation),
                Producer::Convolution {
                    window, activation, ..
                } => convolution(window.kernel, window.stride, channels, *activation),
            };
            let conv = depthwise(window.kernel, window.stride, *activation);
            [Some(first), Some(conv), sums_of(*sums)]
                .into_iter()
                .flatten()
                .collect()
        }
        Kernel::SqueezeExcite {
            channels,
            squeezed,
            activation,
            gate,
            ..
        } => vec![
            "mean of the sums".to_owned(),
            dense(*squeezed, *activation),
            dense(*channels, *gate),
        ],
        Kernel::Mean { .. } => vec!["mean over pixels".to_owned()],
        Kernel::Widen { .. } => vec!["bf16 to f32".to_owned()],
        Kernel::Quantize { .. } => vec!["f32 to int8".to_owned()],
        Kernel::Dequantize { .. } => vec!["int8 to f32".to_owned()],
        Kernel::Dense {
            out_channels,
            activation,
            ..
        } => vec![dense(*out_channels, *activation)],
    }
}

fn depthwise(kernel: usize, stride: usize, activation: Option<Activation>) -> String {
    with(
        format!("depthwise {}", words::window(kernel, stride)),
        activation,
    )
}

fn dense(channels: usize, activation: Option<Activation>) -> String {
    with(format!("dense to {channels}"), activation)
}

fn shortcut(residual: Option<BufferId>) -> Option<String> {
    residual.map(|_| "add shortcut".to_owned())
}

fn sums_of(sums: Option<BufferId>) -> Option<String> {
    sums.map(|_| "sums over pixels".to_owned())
}

/// Such as `tile: 7 rows` of a map's output, or pixels of a product's.
fn tile(kernel: &Kernel) -> Option<String> {
    let (strip, unit, split) = match kernel {
        Kernel::Stem { strip, split, .. }
        | Kernel::Convolution { strip, split, .. }
        | Kernel::Depthwise { strip, split, .. }
        | Kernel::DepthFirst { strip, split, .. } => (strip, "rows", split),
        Kernel::Pointwise { strip, split, .. } => (strip, "pixels", split),
        Kernel::PooledPointwise { .. }
        | Kernel::SqueezeExcite { .. }
        | Kernel::Mean { .. }
        | Kernel::Dense { .. }
        | Kernel::Widen { .. }
        | Kernel::Quantize { .. }
        | Kernel::Dequantize { .. } => return None,
    };
    let split = match split {
        Split::Rows => "strips",
        Split::Channels => "channels",
    };
    Some(format!("tile {strip} {unit}, threads share {split}"))
}
