//! What is particular to depthwise kernels that make the map they read.

use std::fmt;

use efficientnet_spec::{Activation, Output};

use super::{Filter, Shape, Window};

/// What makes the map that a depth-first depthwise reads; strip by strip, so that it is never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Producer {
    /// A matrix product over all pixels: a sub-block's expansion.
    Pointwise {
        /// Weights.
        filter: Filter,
        /// Epilogue.
        activation: Option<Activation>,
    },
    /// A dense convolution of the network's input: the stem.
    Convolution {
        /// Kernel, stride and zeros.
        window: Window,
        /// Weights.
        filter: Filter,
        /// Epilogue.
        activation: Option<Activation>,
    },
}

impl Producer {
    /// The map that it makes of an input, with `channels` filters; `None` where its window does not fit.
    pub fn output(&self, input: Shape, channels: usize) -> Option<Shape> {
        let (height, width) = match self {
            Producer::Pointwise { .. } => (input.height, input.width),
            Producer::Convolution { window, .. } => window.output(input)?,
        };
        Some(Shape {
            height,
            width,
            channels,
        })
    }

    /// Rows of the input that so many rows of its map are made of.
    pub(crate) fn input_rows(&self, rows: usize, input: Shape) -> usize {
        match self {
            Producer::Pointwise { .. } => rows,
            Producer::Convolution { window, .. } => window.rows(rows, input.height),
        }
    }
}

/// Why the map before a depthwise is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It is a result of the network.
    Output(Output),
    /// So many kernels read it.
    Consumers(usize),
    /// What one row of the depthwise's output needs at once is too much for the cache; in floats.
    Cache {
        /// What the row needs.
        needed: usize,
        /// What a strip may fill.
        room: usize,
    },
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kib = |floats: usize| (floats * size_of::<f32>()).div_ceil(1024);
        match *self {
            Obstacle::Output(output) => write!(f, "the map before it is output `{output}`"),
            Obstacle::Consumers(count) => write!(f, "{count} kernels read the map before it"),
            Obstacle::Cache { needed, room } => write!(
                f,
                "a row takes {} KiB of cache, a strip has {}",
                kib(needed),
                kib(room)
            ),
        }
    }
}
