//! The text of a kernel graph: one line a node, grouped by part, stable for a given graph.

use std::fmt;

use efficientnet_spec::Activation;

use super::{
    Affine, Filter, GateMode, KernelGraph, KernelId, Op, Operand, Port, Producer, op::zeros,
};
use crate::place;

/// Writes
///
/// ```text
/// # Block 2, sub-block 2a
/// block2a_dwconv = depthwise(block2a_expand_conv) 3x3/2 pad 0,1,0,1 blocks.1.0.conv_dw * blocks.1.0.bn2 silu sums : 56x56x96
/// ```
///
/// and behind it ` -> logits` where the node gives this output, and `  # not depth-first: ...` where it
/// could be fused with the node before, but for what follows.
pub(super) fn graph(graph: &KernelGraph, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let order = graph.order().unwrap_or_else(|_| graph.ids());
    let mut part = None;
    for id in order {
        let node = graph.node(id);
        if part != Some(node.place.part) {
            part = Some(node.place.part);
            writeln!(f, "# {}", place::title(node.place.part))?;
        }
        let operands: Vec<String> = graph
            .operands(id)
            .iter()
            .map(|(edge, from)| operand(graph, edge.operand, edge.port, *from))
            .collect();
        write!(
            f,
            "{} = {}({})",
            node.name,
            node.op.name(),
            operands.join(", ")
        )?;
        write!(f, "{}", attributes(&node.op))?;
        write!(f, " : {}", node.output)?;
        for output in graph.outputs().iter().filter(|output| output.node == id) {
            write!(f, " -> {}", output.name)?;
        }
        if let Some(obstacle) = node.not_depth_first {
            write!(f, "  # not depth-first: {obstacle}")?;
        }
        writeln!(f)?;
    }
    Ok(())
}

fn operand(graph: &KernelGraph, operand: Operand, port: Port, from: KernelId) -> String {
    let name = &graph.node(from).name;
    let port = match port {
        Port::Main => "",
        Port::Sums => ".sums",
    };
    let role = match operand {
        Operand::Data => "",
        Operand::Gate => "gate ",
        Operand::Residual => "residual ",
    };
    format!("{role}{name}{port}")
}

fn attributes(op: &Op) -> String {
    match op {
        Op::Input | Op::Identity(_) | Op::Multiply | Op::Add | Op::Mean => String::new(),
        Op::Pad(pads) => format!(" {}", zeros(*pads)),
        Op::BatchNorm { tensor } => format!(" {tensor}"),
        Op::Activation(activation) => format!(" {activation}"),
        Op::Convolution {
            window,
            filter,
            activation,
        } => {
            format!(" {window}{}{}", filter_text(filter), epilogue(*activation))
        }
        Op::Pointwise {
            filter,
            activation,
            gate,
        } => {
            let gate = match gate {
                None => "",
                Some(GateMode::Weights) => " gate-weights",
                Some(GateMode::Input) => " gate-input",
            };
            format!("{}{}{gate}", filter_text(filter), epilogue(*activation))
        }
        Op::Depthwise {
            window,
            filter,
            activation,
            sums,
        } => {
            let sums = if *sums { " sums" } else { "" };
            format!(
                " {window}{}{}{sums}",
                filter_text(filter),
                epilogue(*activation)
            )
        }
        Op::DepthFirst {
            producer,
            window,
            filter,
            activation,
            sums,
        } => {
            let sums = if *sums { " sums" } else { "" };
            format!(
                "{} | {window}{}{}{sums}",
                producer_text(producer),
                filter_text(filter),
                epilogue(*activation)
            )
        }
        Op::PooledPointwise { filter, activation } => {
            format!("{}{}", filter_text(filter), epilogue(*activation))
        }
        Op::SqueezeExcite {
            pixels,
            squeezed,
            reduce,
            activation,
            expand,
            gate,
        } => format!(
            " /{pixels} ->{squeezed}{}{}{}{}",
            filter_text(reduce),
            epilogue(*activation),
            filter_text(expand),
            epilogue(*gate),
        ),
        Op::Dense {
            filter, activation, ..
        } => format!("{}{}", filter_text(filter), epilogue(*activation)),
    }
}

fn producer_text(producer: &Producer) -> String {
    let (window, filter, activation) = match producer {
        Producer::Pointwise { filter, activation } => (String::new(), filter, activation),
        Producer::Convolution {
            window,
            filter,
            activation,
        } => (format!(" {window}"), filter, activation),
    };
    format!("{window}{}{}", filter_text(filter), epilogue(*activation))
}

fn filter_text(filter: &Filter) -> String {
    match &filter.affine {
        Affine::None => format!(" {}", filter.weight),
        Affine::Bias => format!(" {}+bias", filter.weight),
        Affine::Norm(norm) => format!(" {}*{norm}", filter.weight),
    }
}

fn epilogue(activation: Option<Activation>) -> String {
    activation.map_or_else(String::new, |a| format!(" {a}"))
}
