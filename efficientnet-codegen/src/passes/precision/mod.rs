//! Precision: which tensors and weights are narrower than f32.

mod bf16;
mod int8;

use crate::plan::{BufferId, Call, Kernel, Plan, Precision};

pub(super) fn run(plan: &mut Plan) {
    match plan.precision {
        Precision::F32 => {}
        Precision::Bf16 => bf16::run(plan),
        Precision::Int8 => int8::run(plan),
    }
}

/// Adds a call without products that reads all of what another call writes, right behind it; gives its buffer, named
/// after the other call with `suffix`.
fn insert_behind(plan: &mut Plan, writer: usize, suffix: &str, kernel: Kernel) -> BufferId {
    let written = &plan.calls[writer];
    let (place, input, shape) = (written.place, written.output, written.output_shape);
    let (name, end) = (format!("{}{suffix}", written.name), written.weights.end);
    let output = plan.add_buffer(name.clone(), shape.len());
    let call = Call {
        name,
        place,
        kernel,
        input,
        output,
        output_shape: shape,
        weights: end..end,
        not_depth_first: None,
    };
    plan.calls.insert(writer + 1, call);
    output
}
