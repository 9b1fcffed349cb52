//! Windows over padded axes, without ever storing the zeros.

/// Zeros around a map, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pads {
    /// Rows above.
    pub top: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns to the left.
    pub left: usize,
    /// Columns to the right.
    pub right: usize,
}

/// One axis under a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    size: usize,
    kernel: usize,
    stride: usize,
    begin: usize,
    end: usize,
}

impl Axis {
    const fn new(size: usize, kernel: usize, stride: usize, begin: usize, end: usize) -> Self {
        Self {
            size,
            kernel,
            stride,
            begin,
            end,
        }
    }

    /// The rows of a map.
    pub(crate) const fn rows(height: usize, kernel: usize, stride: usize, pads: Pads) -> Self {
        Self::new(height, kernel, stride, pads.top, pads.bottom)
    }

    /// The columns of a map.
    pub(crate) const fn columns(width: usize, kernel: usize, stride: usize, pads: Pads) -> Self {
        Self::new(width, kernel, stride, pads.left, pads.right)
    }

    /// Positions of the window.
    ///
    /// # Panics
    /// If the window is larger than the padded axis, or does not move.
    pub(crate) const fn outputs(self) -> usize {
        let Some(size) = self.size.checked_add(self.begin) else {
            panic!("the padded map has more pixels than there are addresses")
        };
        let Some(size) = size.checked_add(self.end) else {
            panic!("the padded map has more pixels than there are addresses")
        };
        match size.checked_sub(self.kernel) {
            Some(room) => room / self.stride + 1,
            None => panic!("the window is larger than the padded map"),
        }
    }

    /// The taps `first..last` of an output that lie inside the map; equal where none does.
    #[inline(always)]
    pub(crate) fn taps(self, output: usize) -> (usize, usize) {
        let start = output * self.stride;
        let last = (self.size + self.begin)
            .saturating_sub(start)
            .min(self.kernel);
        let first = self.begin.saturating_sub(start).min(last);
        (first, last)
    }

    /// The input that an output's first tap inside the map reads; 0 where there is none.
    #[inline(always)]
    pub(crate) fn first(self, output: usize) -> usize {
        (output * self.stride)
            .saturating_sub(self.begin)
            .min(self.size - 1)
    }

    /// The outputs `first..last` whose window lies inside the map.
    #[inline(always)]
    pub(crate) fn interior(self) -> (usize, usize) {
        let first = self.begin.div_ceil(self.stride);
        match (self.size + self.begin).checked_sub(self.kernel) {
            Some(room) => (first, (room / self.stride + 1).min(self.outputs())),
            None => (first, first),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Axis;

    /// Against the definition: tap `t` of output `o` reads `o * stride + t - begin`.
    #[test]
    fn taps_are_those_inside() {
        for size in 1..9 {
            for kernel in 1..6 {
                for stride in 1..4 {
                    for begin in 0..4 {
                        for end in 0..4 {
                            if size + begin + end < kernel {
                                continue;
                            }
                            check(size, kernel, stride, begin, end);
                        }
                    }
                }
            }
        }
    }

    fn check(size: usize, kernel: usize, stride: usize, begin: usize, end: usize) {
        let axis = Axis::new(size, kernel, stride, begin, end);
        for output in 0..axis.outputs() {
            let inside: Vec<usize> = (0..kernel)
                .filter(|tap| (begin..begin + size).contains(&(output * stride + tap)))
                .collect();
            let (first, last) = axis.taps(output);
            assert_eq!(
                (first..last).collect::<Vec<_>>(),
                inside,
                "{axis:?} at {output}"
            );
            if let Some(tap) = inside.first() {
                assert_eq!(axis.first(output), output * stride + tap - begin);
            }
            let (from, to) = axis.interior();
            assert_eq!(
                (from..to).contains(&output),
                inside.len() == kernel,
                "{axis:?} {output}"
            );
        }
    }
}
