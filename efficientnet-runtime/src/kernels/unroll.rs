//! Loops over register tiles.

/// A loop of a constant number of steps, at most 20, written out; the index is a constant in its body.
///
/// The optimiser unrolls most such loops by itself, but not all, and an array of vectors that is indexed
/// by a variable lives in memory instead of registers. Steps that are not there cost nothing: their
/// condition is known before code is generated.
macro_rules! unroll {
    ($index:ident < $count:expr => $body:block) => {
        unroll!(@ $index $count, $body, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19)
    };
    (@ $index:ident $count:expr, $body:block, $($step:literal)*) => {{
        const { assert!($count <= 20) };
        $(
            if const { $step < $count } {
                const $index: usize = $step;
                $body
            }
        )*
    }};
}

/// Numbers of tiles of `most` and of `most - 1` that cover `len` but for a few.
pub(super) fn split(len: usize, most: usize) -> (usize, usize) {
    let full = len / most;
    let rest = len % most;
    // Each full tile given up and made one shorter leaves one more to the others.
    let shorter = if rest == 0 || most < 3 {
        0
    } else {
        most - 1 - rest
    };
    match full.checked_sub(shorter) {
        Some(full) if rest > 0 && most >= 3 => (full, shorter + 1),
        Some(_) | None => (full, 0),
    }
}
