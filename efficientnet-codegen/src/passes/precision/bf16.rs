//! bfloat16: which maps and weights are.
//!
//! A map is bfloat16 where its kernel can write it so and each that reads it multiplies it with a matrix, or adds it
//! to such a product: what depthwise kernels give, and what products of those give. What lies between an expansion
//! and its depthwise stays f32, as do sums, gates and what windows slide over. Matrices are of their input's
//! precision; those of vectors (squeeze and excite, the classifier) are read once a product, and always bfloat16. A
//! result that is such a map is widened into a buffer of its own, right behind the call that writes it.

use std::collections::HashSet;

use super::insert_behind;
use crate::ir::Producer;
use crate::plan::{BufferId, Call, Kernel, Plan, Precision};

pub(super) fn run(plan: &mut Plan) {
    let narrow = narrow(plan);
    for &id in &narrow {
        plan.buffers[id.index()].precision = Precision::Bf16;
    }
    for call in &mut plan.calls {
        let input = plan.buffers[call.input.index()].precision;
        match &mut call.kernel {
            Kernel::Pointwise { weights, .. }
            | Kernel::PooledPointwise { weights, .. }
            | Kernel::DepthFirst { weights, .. } => *weights = input,
            Kernel::SqueezeExcite { weights, .. } | Kernel::Dense { weights, .. } => {
                *weights = Precision::Bf16;
            }
            Kernel::Stem { .. }
            | Kernel::Convolution { .. }
            | Kernel::Depthwise { .. }
            | Kernel::Mean { .. }
            | Kernel::Widen { .. }
            | Kernel::Quantize { .. }
            | Kernel::Dequantize { .. } => {}
        }
    }
    widen_outputs(plan);
}

/// The maps that are bfloat16.
fn narrow(plan: &Plan) -> HashSet<BufferId> {
    let written = plan.calls.iter().filter(|call| writes_narrow(call));
    let mut narrow: HashSet<BufferId> = written.map(|call| call.output).collect();
    for call in &plan.calls {
        if !reads_narrow(call) {
            narrow.remove(&call.input);
            // Only a product adds a shortcut of bfloat16.
            if let Some(residual) = call.kernel.residual() {
                narrow.remove(&residual);
            }
        }
    }
    // A product of floats gives floats; calls come in the order in which they read each other.
    for call in &plan.calls {
        let is_product = matches!(call.kernel, Kernel::Pointwise { .. });
        if is_product && !narrow.contains(&call.input) {
            narrow.remove(&call.output);
        }
    }
    narrow
}

fn writes_narrow(call: &Call) -> bool {
    matches!(
        call.kernel,
        Kernel::Pointwise { .. } | Kernel::Depthwise { .. } | Kernel::DepthFirst { .. }
    )
}

fn reads_narrow(call: &Call) -> bool {
    matches!(
        call.kernel,
        Kernel::Pointwise { .. }
            | Kernel::PooledPointwise { .. }
            | Kernel::DepthFirst {
                producer: Producer::Pointwise { .. },
                ..
            }
    )
}

/// Gives results of bfloat16 a call that widens them.
fn widen_outputs(plan: &mut Plan) {
    for index in 0..plan.outputs.len() {
        let output = plan.outputs[index];
        let narrow = plan.buffer(output.buffer).precision == Precision::Bf16;
        let writer = plan.calls.iter().position(|c| c.output == output.buffer);
        let Some(writer) = writer.filter(|_| narrow) else {
            continue;
        };
        let input = output.shape;
        let wide = insert_behind(plan, writer, ".f32", Kernel::Widen { input });
        plan.outputs[index].buffer = wide;
    }
}
