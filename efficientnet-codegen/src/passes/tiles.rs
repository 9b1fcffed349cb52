//! Tile choice by a cost model over the static shapes and a small description of the caches: strips, and along
//! which axis threads share a call.
//!
//! A pointwise kernel passes over all its weight panels once per strip of pixels. The strip's input
//! is read and its output written once per panel, so both should stay in the part of L2 that the
//! panels leave free. Longer strips read the weights less often: where the weights do not stay in L2 themselves, a
//! strip's input gets most of it.
//!
//! A dense convolution walks strips of rows in the same way.
//!
//! A depthwise kernel walks a panel of channels down its map, and a depth-first one makes that panel's map
//! first. Where all of it stays in the cache, threads share the panels; where not, they share strips of rows,
//! of which there is an even number, so that two get the same.

use std::collections::HashMap;

use crate::caches;
use crate::ir::{Shape, Window};
use crate::plan::{BufferId, Call, DepthFirst, Kernel, Plan, Precision, Split};

/// Pixels of a strip are multiples of the first of these that still makes even shares: 48 is divided by
/// every micro-kernel's rows (8, 12 and 16 with AVX-512; 4, 6 and 12 with AVX2), so that only the last strip
/// has a ragged end; the others by most.
const STEPS: [usize; 3] = [48, 24, 8];

/// Fewer pixels than this are not worth sharing where there are panels of filters to share.
const FEW_PIXELS: usize = 128;

/// Filters that make at least two panels.
const TWO_PANELS: usize = 96;

pub(super) fn run(plan: &mut Plan) {
    let mut sums: HashMap<BufferId, usize> = HashMap::new();
    for call in &mut plan.calls {
        choose(call);
        if let Some(id) = call.kernel.sums() {
            sums.insert(id, call.strips());
            plan.buffers[id.index()].len = call.strips() * call.output_shape.channels;
        }
        if let Kernel::SqueezeExcite { strips, .. } = &mut call.kernel {
            *strips = sums.get(&call.input).copied().unwrap_or(1);
        }
    }
    plan.scratch = plan.calls.iter().map(Call::scratch_len).max().unwrap_or(0);
}

fn choose(call: &mut Call) {
    let output = call.output_shape;
    let depth_first = DepthFirst::of(&call.kernel, output).map(|shape| {
        rows(
            output.height,
            |rows| shape.panel_len(rows),
            |rows| shape.strip_len(rows),
        )
    });
    match &mut call.kernel {
        Kernel::DepthFirst { strip, split, .. }
        | Kernel::Depthwise {
            strip,
            split,
            weights: Precision::Int8,
            ..
        } => (*strip, *split) = depth_first.unwrap_or((*strip, *split)),
        Kernel::Pointwise {
            input,
            out_channels,
            strip,
            split,
            weights,
            ..
        } => (*strip, *split) = pointwise(input.pixels(), input.channels, *out_channels, *weights),
        Kernel::Depthwise {
            input,
            window,
            strip,
            split,
            ..
        } => {
            let column = |rows| window.rows(rows, input.height) * input.width * caches::LINE;
            (*strip, *split) = rows(output.height, column, column);
        }
        Kernel::Stem {
            input,
            out_channels,
            window,
            strip,
            split,
            weights,
            ..
        } => (*strip, *split) = convolution(*input, *window, output, *out_channels, *weights),
        Kernel::Convolution {
            input,
            out_channels,
            window,
            strip,
            split,
            ..
        } => {
            (*strip, *split) = convolution(*input, *window, output, *out_channels, Precision::F32);
        }
        Kernel::PooledPointwise { .. }
        | Kernel::SqueezeExcite { .. }
        | Kernel::Mean { .. }
        | Kernel::Dense { .. }
        | Kernel::Widen { .. }
        | Kernel::Quantize { .. }
        | Kernel::Dequantize { .. } => {}
    }
}

/// Pixels per strip, and what threads share.
fn pointwise(
    pixels: usize,
    in_channels: usize,
    out_channels: usize,
    precision: Precision,
) -> (usize, Split) {
    let most = match precision.floats(in_channels * out_channels) > caches::STRIP {
        true => caches::STREAMED / precision.floats(in_channels),
        false => caches::STRIP / precision.floats(in_channels + out_channels),
    };
    let most = most.max(STEPS[0]);
    let strips = pixels.div_ceil(most);
    if pixels >= FEW_PIXELS {
        return (share(pixels, strips.next_multiple_of(2)), Split::Rows);
    }
    let split = match out_channels >= TWO_PANELS {
        true => Split::Channels,
        false => Split::Rows,
    };
    (share(pixels, strips), split)
}

/// Pixels of each of so many strips: the last is hardly shorter than the others.
fn share(pixels: usize, strips: usize) -> usize {
    let share = pixels.div_ceil(strips);
    let even = |strip: &usize| {
        let last = pixels.checked_sub(strip * (strips - 1));
        last.is_some_and(|last| 8 * last >= 7 * strip)
    };
    let steps = STEPS.iter().map(|&step| share.next_multiple_of(step));
    steps
        .map(|strip| strip.min(pixels))
        .find(even)
        .unwrap_or(share)
}

/// Rows of output per strip, and what threads share: panels where they are enough and all input stays in the
/// cache.
fn convolution(
    input: Shape,
    window: Window,
    output: Shape,
    out_channels: usize,
    precision: Precision,
) -> (usize, Split) {
    let input_row = precision.floats(input.width * input.channels);
    let input_len = |rows| window.rows(rows, input.height) * input_row;
    let row = precision.floats(output.width * output.channels);
    let panel = |rows| match out_channels >= TWO_PANELS {
        true => input_len(rows),
        false => usize::MAX,
    };
    rows(output.height, panel, |rows| input_len(rows) + rows * row)
}

/// Rows of output per strip, and what threads share: `panel` is what one panel of channels of a strip of so many
/// rows takes of the cache, and `strip` what the strip has in use from panel to panel.
fn rows(
    height: usize,
    panel: impl Fn(usize) -> usize,
    strip: impl Fn(usize) -> usize,
) -> (usize, Split) {
    if panel(height) <= caches::WHOLE {
        return (height, Split::Channels);
    }
    let fits = |rows: &usize| strip(*rows) <= caches::STRIP;
    let most = (1..=height).rev().find(fits).unwrap_or(1);
    let fewest = height.div_ceil(most);
    let even = (fewest..=height)
        .map(|strips| height.div_ceil(strips))
        .find(|rows| height.div_ceil(*rows) % 2 == 0);
    (even.unwrap_or(most), Split::Rows)
}

#[cfg(test)]
mod tests;
