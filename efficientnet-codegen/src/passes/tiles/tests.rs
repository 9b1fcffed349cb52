//! Shares of maps of every size.

use efficientnet_spec::Pads;

use super::{choose, convolution, pointwise, rows, share};
use crate::caches;
use crate::fixture::{call, filter};
use crate::ir::{Shape, Window};
use crate::plan::{BufferId, Call, Kernel, Precision, Split};

#[test]
fn pixels_are_shared_evenly() {
    for pixels in 1..3000 {
        for strips in 1..=pixels.min(9) {
            let strip = share(pixels, strips);
            assert!(
                (1..=pixels).contains(&strip),
                "{pixels} in {strips}: {strip}"
            );
            assert!(
                pixels.div_ceil(strip) <= strips,
                "{pixels} in {strips}: {strip}"
            );
        }
    }
    assert_eq!(share(112 * 112, 2), 6288, "131 times 48");
    assert_eq!(share(14 * 14, 2), 104, "13 times 8");
    assert_eq!(share(7 * 7, 1), 49);
}

#[test]
fn large_maps_have_an_even_number_of_strips() {
    for pixels in 128..3000 {
        let (strip, split) = pointwise(pixels, 96, 24, Precision::F32);
        assert_eq!(split, Split::Rows);
        assert_eq!(pixels.div_ceil(strip) % 2, 0, "{pixels}: {strip}");
    }
    assert_eq!(
        pointwise(49, 192, 1152, Precision::F32),
        (49, Split::Channels)
    );
    assert_eq!(pointwise(49, 1152, 32, Precision::F32), (49, Split::Rows));
}

#[test]
fn a_strips_tensors_stay_in_half_of_the_second_level() {
    for pixels in [196, 3136, 12544, 90000] {
        let (strip, _) = pointwise(pixels, 96, 24, Precision::F32);
        assert!(strip * 120 <= caches::STRIP + 48 * 120, "{pixels}: {strip}");
    }
}

#[test]
fn rows_that_fit_whole_are_not_cut() {
    let row = 1000;
    let choose = |height| rows(height, |rows| rows * row, |rows| rows * row);
    assert_eq!(
        choose(caches::WHOLE / row),
        (caches::WHOLE / row, Split::Channels)
    );
    // 65536 floats are a quarter: from there on two strips, as long as half of the cache takes them.
    assert_eq!(choose(66), (33, Split::Rows));
    assert_eq!(choose(260), (130, Split::Rows));
    assert_eq!(choose(263), (66, Split::Rows));
    // A row that does not fit by itself is a strip nevertheless.
    assert_eq!(
        rows(4, |rows| rows << 20, |rows| rows << 20),
        (1, Split::Rows)
    );
    assert_eq!(
        rows(1, |rows| rows << 20, |rows| rows << 20),
        (1, Split::Rows)
    );
}

const WINDOW: Window = Window {
    kernel: 3,
    stride: 1,
    pads: Pads {
        top: 1,
        bottom: 1,
        left: 1,
        right: 1,
    },
};

fn square(size: usize, channels: usize) -> Shape {
    Shape {
        height: size,
        width: size,
        channels,
    }
}

/// A quarter of the memory lets strips be four times as long, but for an even number of them.
#[test]
fn a_stems_codes_count_as_a_quarter() {
    let (input, output) = (square(512, 4), square(512, 28));
    let strip = |precision| convolution(input, WINDOW, output, 28, precision);
    assert_eq!(strip(Precision::F32), (7, Split::Rows));
    assert_eq!(strip(Precision::Int8), (29, Split::Rows));
}

/// It makes floats of a panel's codes first, in room of its own, as a depth-first kernel does.
#[test]
fn a_depthwise_of_codes_has_the_strips_of_a_depth_first_kernel() {
    let shape = square(112, 32);
    let of = |weights| {
        let mut call = Call {
            kernel: Kernel::Depthwise {
                input: shape,
                window: WINDOW,
                filter: filter("dw"),
                activation: None,
                sums: None,
                strip: shape.height,
                split: Split::Rows,
                weights,
            },
            output_shape: shape,
            ..call("dw", BufferId(0), BufferId(0), None, None)
        };
        choose(&mut call);
        let Kernel::Depthwise { strip, split, .. } = call.kernel else {
            panic!("it stays a depthwise");
        };
        (strip, split, call.scratch_len())
    };
    assert_eq!(of(Precision::F32), (56, Split::Rows, 0));
    let (strip, split, scratch) = of(Precision::Int8);
    assert_eq!((strip, split), (14, Split::Rows));
    assert!((1..=caches::STRIP).contains(&scratch), "{scratch}");
}
