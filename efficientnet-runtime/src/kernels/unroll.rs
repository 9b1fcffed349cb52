//! Loops over register tiles.

/// A loop of a constant number of steps, at most 16, written out.
///
/// The optimiser unrolls most such loops by itself, but not all, and an array of vectors that is indexed
/// by a variable lives in memory instead of registers.
macro_rules! unroll {
    ($index:ident < $count:expr => $body:block) => {
        unroll!(@ $index $count, $body, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    (@ $index:ident $count:expr, $body:block, $($step:literal)*) => {{
        const { assert!($count <= 16) };
        $(
            if $step < $count {
                let $index: usize = $step;
                $body
            }
        )*
    }};
}
