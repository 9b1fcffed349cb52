//! The one shape rule of every layer: operands' shapes in, output shape out.

use super::LayerOp;
use crate::{Pads, Shape};

/// Why a layer cannot take its operands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeFault {
    /// Too few or too many operands.
    #[error("takes {expected} operand(s), found {found}")]
    Count {
        /// Operands the layer takes.
        expected: usize,
        /// Operands it has.
        found: usize,
    },
    /// An operand of a shape the layer does not take.
    #[error("operand {position} is {found}, expected {expected}")]
    Operand {
        /// Position of the operand, from 0.
        position: usize,
        /// Its shape.
        found: Shape,
        /// What the layer takes there.
        expected: String,
    },
}

impl LayerOp {
    /// Shape of the output for operands of these shapes. The input, whose shape is its own, takes
    /// that shape as its operand.
    ///
    /// # Errors
    /// A wrong number of operands, or the first one that does not fit.
    pub fn output_shape(&self, operands: &[Shape]) -> Result<Shape, ShapeFault> {
        Ok(match (self, operands) {
            (LayerOp::ZeroPadding(pads), &[map]) => padded(map, *pads)?,
            (LayerOp::Convolution(conv), &[map]) => {
                window(map, conv.kernel, conv.stride, conv.pads, conv.filters)?
            }
            (LayerOp::Depthwise(conv), &[map]) => {
                window(map, conv.kernel, conv.stride, conv.pads, map.channels())?
            }
            (LayerOp::GlobalAveragePooling, &[map]) => {
                as_map(map)?;
                Shape::Vector {
                    channels: map.channels(),
                }
            }
            (LayerOp::Reshape, &[vector]) => Shape::Map {
                height: 1,
                width: 1,
                channels: as_vector(vector)?,
            },
            (LayerOp::Flatten, &[pixel]) => {
                let channels = pixel.channels();
                match as_map(pixel)? {
                    (1, 1, _) => Shape::Vector { channels },
                    _ => return Err(fault(0, pixel, "a map of one pixel")),
                }
            }
            (LayerOp::Multiply, &[map, gate]) => {
                as_map(map)?;
                expect(
                    gate,
                    Shape::Map {
                        height: 1,
                        width: 1,
                        channels: map.channels(),
                    },
                )?;
                map
            }
            (LayerOp::Add, &[branch, shortcut]) => {
                expect(shortcut, branch)?;
                branch
            }
            (LayerOp::Dense { units }, &[vector]) => {
                as_vector(vector)?;
                Shape::Vector { channels: *units }
            }
            (
                LayerOp::Input
                | LayerOp::Rescaling
                | LayerOp::Normalization
                | LayerOp::BatchNormalization
                | LayerOp::Activation(_)
                | LayerOp::Dropout { .. },
                &[same],
            ) => same,
            (op, operands) => {
                return Err(ShapeFault::Count {
                    expected: op.operand_count(),
                    found: operands.len(),
                });
            }
        })
    }
}

fn as_map(shape: Shape) -> Result<(usize, usize, usize), ShapeFault> {
    match shape {
        Shape::Map {
            height,
            width,
            channels,
        } => Ok((height, width, channels)),
        Shape::Vector { .. } => Err(fault(0, shape, "a map")),
    }
}

fn as_vector(shape: Shape) -> Result<usize, ShapeFault> {
    match shape {
        Shape::Vector { channels } => Ok(channels),
        Shape::Map { .. } => Err(fault(0, shape, "a vector")),
    }
}

/// The second operand has to be of this shape.
fn expect(second: Shape, expected: Shape) -> Result<(), ShapeFault> {
    if second == expected {
        Ok(())
    } else {
        Err(fault(1, second, expected))
    }
}

fn fault(position: usize, found: Shape, expected: impl ToString) -> ShapeFault {
    ShapeFault::Operand {
        position,
        found,
        expected: expected.to_string(),
    }
}

fn padded(shape: Shape, pads: Pads) -> Result<Shape, ShapeFault> {
    let (height, width, channels) = as_map(shape)?;
    let grown = |size: usize, before: usize, after: usize| {
        size.checked_add(before)
            .and_then(|size| size.checked_add(after))
            .ok_or_else(|| fault(0, shape, "a map that can be padded"))
    };
    Ok(Shape::Map {
        height: grown(height, pads.top, pads.bottom)?,
        width: grown(width, pads.left, pads.right)?,
        channels,
    })
}

/// A sliding window of `kernel` pixels over the padded map: `(size - kernel) / stride + 1`.
fn window(
    shape: Shape,
    kernel: usize,
    stride: usize,
    pads: Pads,
    channels: usize,
) -> Result<Shape, ShapeFault> {
    let (height, width) = padded(shape, pads)?.size();
    let positions = |size: usize| {
        size.checked_sub(kernel)
            .and_then(|rest| rest.checked_div(stride))
            .map(|steps| steps + 1)
            .ok_or_else(|| {
                fault(
                    0,
                    shape,
                    format!("a map of {kernel}x{kernel} pixels or more"),
                )
            })
    };
    Ok(Shape::Map {
        height: positions(height)?,
        width: positions(width)?,
        channels,
    })
}
