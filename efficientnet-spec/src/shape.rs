//! Static shapes and paddings.

use std::fmt;

/// Shape of one layer's output, without the batch: height, width, channels (NHWC) or channels alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A feature map.
    Map {
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
        /// Channels.
        channels: usize,
    },
    /// A vector, as global pooling leaves it.
    Vector {
        /// Length.
        channels: usize,
    },
}

impl Shape {
    /// Channels of a map, length of a vector.
    pub fn channels(self) -> usize {
        match self {
            Shape::Map { channels, .. } | Shape::Vector { channels } => channels,
        }
    }

    /// Rows and columns; a vector is one pixel.
    pub fn size(self) -> (usize, usize) {
        match self {
            Shape::Map { height, width, .. } => (height, width),
            Shape::Vector { .. } => (1, 1),
        }
    }

    /// Number of values.
    pub fn elements(self) -> usize {
        let (height, width) = self.size();
        height * width * self.channels()
    }

    /// The extents as a list: `[height, width, channels]` or `[channels]`.
    pub fn extents(self) -> Vec<usize> {
        match self {
            Shape::Map {
                height,
                width,
                channels,
            } => vec![height, width, channels],
            Shape::Vector { channels } => vec![channels],
        }
    }
}

/// `112x112x32` or `1280`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Map {
                height,
                width,
                channels,
            } => f.pad(&format!("{height}x{width}x{channels}")),
            Shape::Vector { channels } => f.pad(&channels.to_string()),
        }
    }
}

/// Zeros around a feature map, in pixels.
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

impl Pads {
    /// Nothing on any side.
    pub const NONE: Pads = Pads {
        top: 0,
        bottom: 0,
        left: 0,
        right: 0,
    };

    /// `kernel / 2` on every side: torchvision's rule for odd kernels, and timm's
    /// `((stride - 1) + (kernel - 1)) / 2` for strides 1 and 2.
    pub fn symmetric(kernel: usize) -> Pads {
        let half = kernel / 2;
        Pads {
            top: half,
            bottom: half,
            left: half,
            right: half,
        }
    }

    /// TensorFlow's SAME for a map of `height` rows and `width` columns.
    pub fn same(height: usize, width: usize, kernel: usize, stride: usize) -> Pads {
        let (top, bottom) = same_axis(height, kernel, stride);
        let (left, right) = same_axis(width, kernel, stride);
        Pads {
            top,
            bottom,
            left,
            right,
        }
    }

    /// Whether nothing is padded.
    pub fn is_none(self) -> bool {
        self == Pads::NONE
    }
}

/// Zeros before and after one axis of `size` pixels: `max((ceil(size / stride) - 1) * stride +
/// kernel - size, 0)` in total, the odd one at the end (TensorFlow, `tf.nn` padding notes).
fn same_axis(size: usize, kernel: usize, stride: usize) -> (usize, usize) {
    let covered = size.div_ceil(stride).saturating_sub(1) * stride + kernel;
    let total = covered.saturating_sub(size);
    (total / 2, total - total / 2)
}

/// `0` where nothing is padded, `1` where all sides agree, else `top 0, bottom 1, left 0, right 1`.
impl fmt::Display for Pads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Pads {
            top,
            bottom,
            left,
            right,
        } = *self;
        if [bottom, left, right] == [top; 3] {
            write!(f, "{top}")
        } else {
            write!(f, "top {top}, bottom {bottom}, left {left}, right {right}")
        }
    }
}
