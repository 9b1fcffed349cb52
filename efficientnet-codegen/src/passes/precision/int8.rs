//! int8: every map and the pooled vector are codes, from the image on; the classifier gives floats.
//!
//! The caller's image is quantised before anything else, its channels in groups that products take at once. What is
//! to be floats is dequantised right behind the call that writes it: results, and a map whose mean could not be
//! fused, since it is a result itself; the mean is quantised again where a product reads it.

use super::insert_behind;
use crate::plan::{BufferId, Call, Kernel, Plan, Precision, Storage, grouped};

pub(super) fn run(plan: &mut Plan) {
    quantize_image(plan);
    for call in &mut plan.calls {
        let output = &mut plan.buffers[call.output.index()].precision;
        match &mut call.kernel {
            Kernel::Stem { weights, .. }
            | Kernel::Pointwise { weights, .. }
            | Kernel::PooledPointwise { weights, .. }
            | Kernel::Depthwise { weights, .. }
            | Kernel::DepthFirst { weights, .. } => {
                (*weights, *output) = (Precision::Int8, Precision::Int8);
            }
            Kernel::Dense { weights, .. } => *weights = Precision::Int8,
            Kernel::Quantize { .. } => *output = Precision::Int8,
            // The others are in no network that can be int8, or give floats.
            Kernel::Convolution { .. }
            | Kernel::SqueezeExcite { .. }
            | Kernel::Mean { .. }
            | Kernel::Widen { .. }
            | Kernel::Dequantize { .. } => {}
        }
    }
    dequantize(plan);
    quantize_means(plan);
    number_weights(plan);
}

/// Puts a call before all others that makes codes of the caller's input.
fn quantize_image(plan: &mut Plan) {
    let Some(first) = plan.calls.first() else {
        return;
    };
    let (place, image) = (first.place, grouped(plan.input));
    let output = plan.add_buffer("input.int8".to_owned(), image.len());
    for call in &mut plan.calls {
        if plan.buffers[call.input.index()].storage == Storage::Input {
            call.input = output;
        }
    }
    let mut buffers = plan.buffers.iter();
    let input = buffers.position(|buffer| buffer.storage == Storage::Input);
    let call = Call {
        name: "input".to_owned(),
        place,
        kernel: Kernel::Quantize { input: plan.input },
        input: BufferId(input.unwrap_or_default()),
        output,
        output_shape: image,
        weights: 0..0,
        not_depth_first: None,
    };
    plan.calls.insert(0, call);
}

/// Gives floats of codes to results and means.
fn dequantize(plan: &mut Plan) {
    for codes in (0..plan.buffers.len()).map(BufferId) {
        let is_output = plan.outputs.iter().any(|output| output.buffer == codes);
        let takes_floats =
            |call: &Call| matches!(call.kernel, Kernel::Mean { .. }) && call.input == codes;
        let is_read = is_output || plan.calls.iter().any(takes_floats);
        let writer = plan.calls.iter().position(|call| call.output == codes);
        let is_codes = plan.buffer(codes).precision == Precision::Int8;
        let Some(writer) = writer.filter(|_| is_read && is_codes) else {
            continue;
        };
        let input = plan.calls[writer].output_shape;
        let floats = insert_behind(plan, writer, ".f32", Kernel::Dequantize { input });
        for output in plan.outputs.iter_mut().filter(|o| o.buffer == codes) {
            output.buffer = floats;
        }
        for call in plan.calls.iter_mut().filter(|call| takes_floats(call)) {
            call.input = floats;
        }
    }
}

/// Gives codes of a mean of floats to the product that reads it.
fn quantize_means(plan: &mut Plan) {
    for reader in 0..plan.calls.len() {
        let call = &plan.calls[reader];
        let means = |other: &Call| {
            matches!(other.kernel, Kernel::Mean { .. }) && other.output == call.input
        };
        let is_dense = matches!(call.kernel, Kernel::Dense { .. });
        let mean = plan.calls.iter().position(means).filter(|_| is_dense);
        let Some(mean) = mean else {
            continue;
        };
        let input = plan.calls[mean].output_shape;
        let codes = insert_behind(plan, mean, ".int8", Kernel::Quantize { input });
        plan.buffers[codes.index()].precision = Precision::Int8;
        // It has moved by the call before it.
        plan.calls[reader + 1].input = codes;
    }
}

/// The packed list has scales between the weights.
fn number_weights(plan: &mut Plan) {
    let mut next = 0;
    for index in 0..plan.calls.len() {
        let count = plan.weights(&plan.calls[index]).len();
        plan.calls[index].weights = next..next + count;
        next += count;
    }
}
