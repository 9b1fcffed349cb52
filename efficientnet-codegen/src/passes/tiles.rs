//! Tile choice by a cost model over the static shapes and a small cache description.
//!
//! A pointwise kernel passes over all its weight panels once per strip of pixels. The strip's input
//! is read and its output written once per panel, so both should stay in the part of L2 that the
//! panels leave free. Longer strips read the weights less often.

use crate::plan::{BufferId, Kernel, Plan, gate_scratch_len};

/// Floats of second-level cache that a strip may fill: half of 1 MiB, the rest being the weight
/// panels' and the prefetcher's.
const STRIP_FLOATS: usize = 512 * 1024 / 4;

/// Strips are multiples of the pixels that every micro-kernel's rows divide (8, 12 and 16 with
/// AVX-512; 4, 6 and 12 with AVX2), so that only the last strip has a ragged end.
const STRIP_STEP: usize = 48;

pub(super) fn run(plan: &mut Plan) {
    let mut scratch: Vec<(BufferId, usize)> = Vec::new();
    for call in &mut plan.calls {
        if let Kernel::Pointwise {
            input,
            out_channels,
            gate,
            strip,
            ..
        } = &mut call.kernel
        {
            *strip = strip_pixels(input.pixels(), input.channels, *out_channels);
            if let Some(gate) = gate {
                scratch.push((
                    gate.scratch,
                    gate_scratch_len(gate.mode, input.channels, *strip),
                ));
            }
        }
    }
    for (id, len) in scratch {
        plan.buffers[id.index()].len = len;
    }
}

/// Pixels per strip: all of them where they fit, otherwise even shares that do.
pub(super) fn strip_pixels(pixels: usize, in_channels: usize, out_channels: usize) -> usize {
    let most = (STRIP_FLOATS / (in_channels + out_channels)).max(STRIP_STEP);
    let strips = pixels.div_ceil(most);
    pixels
        .div_ceil(strips)
        .next_multiple_of(STRIP_STEP)
        .min(pixels)
}
