//! The verifier of the architecture.

use super::{Architecture, Block, SqueezeExcite};
use crate::layer::ShapeFault;
use crate::limits::{
    MAX_BLOCKS, MAX_CHANNELS, MAX_CLASSES, MAX_ELEMENTS, MAX_EXPAND_RATIO, MAX_KERNEL, MAX_REPEATS,
    MAX_SIDE,
};
use crate::{Faults, Shape};

/// What is wrong with one part of an architecture.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{at}: {problem}")]
pub struct ArchitectureFault {
    /// `input`, `stem`, `block 3`, `head`, `classifier`, or the name of a layer.
    pub at: String,
    /// What is wrong there.
    pub problem: ArchitectureProblem,
}

impl ArchitectureFault {
    pub(crate) fn new(at: impl Into<String>, problem: ArchitectureProblem) -> Self {
        ArchitectureFault {
            at: at.into(),
            problem,
        }
    }
}

/// Kinds of fault.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ArchitectureProblem {
    /// A size outside its bounds.
    #[error("{what} is {found}, expected 1 to {most}")]
    Size {
        /// Which size.
        what: &'static str,
        /// The size.
        found: usize,
        /// The largest size allowed.
        most: usize,
    },
    /// A kernel without a middle pixel.
    #[error("kernel is {kernel}, expected an odd number")]
    EvenKernel {
        /// Kernel size.
        kernel: usize,
    },
    /// A stride that the frameworks do not pad alike.
    #[error("stride is {stride}, expected 1 or 2")]
    Stride {
        /// Stride.
        stride: usize,
    },
    /// A block that does not take what the one before gives.
    #[error("takes {found} channels, but what comes before gives {expected}")]
    Channels {
        /// Input channels of the block.
        found: usize,
        /// Output channels of what comes before.
        expected: usize,
    },
    /// A rate that is no share.
    #[error("{what} is {found}, expected {expected}")]
    Rate {
        /// Which rate.
        what: &'static str,
        /// The rate.
        found: f64,
        /// The range allowed.
        expected: &'static str,
    },
    /// A feature map with too many values.
    #[error("a feature map of {height}x{width}x{channels}, expected at most {MAX_ELEMENTS} values")]
    TooLarge {
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
        /// Channels.
        channels: usize,
    },
    /// An input that is not a map.
    #[error("is a vector, expected a map of height, width and channels")]
    Vector,
    /// A layer that does not take its operand.
    #[error("{0}")]
    Shape(ShapeFault),
}

/// All faults of an architecture.
pub type ArchitectureFaults = Faults<ArchitectureFault>;

impl Architecture {
    /// Checks every size and rate, that each block takes the channels of the one before, and that
    /// every feature map can be addressed.
    ///
    /// # Errors
    /// Every fault, with the part at fault.
    pub fn verify(&self) -> Result<(), ArchitectureFaults> {
        let mut checks = Checks {
            at: String::new(),
            faults: Vec::new(),
        };
        self.check_input(&mut checks);
        checks.at = "stem".into();
        checks.window(self.stem.kernel, self.stem.stride);
        checks.size("number of channels", self.stem.channels, MAX_CHANNELS);
        checks.at = "blocks".into();
        checks.size("number of blocks", self.blocks.len(), MAX_BLOCKS);
        let mut channels = self.stem.channels;
        for (number, block) in self.blocks.iter().enumerate() {
            checks.at = format!("block {}", number + 1);
            checks.block(block, channels);
            channels = block.out_channels;
        }
        checks.at = "head".into();
        checks.size("number of channels", self.head.channels, MAX_CHANNELS);
        checks.at = "classifier".into();
        checks.size("number of classes", self.classes, MAX_CLASSES);
        checks.rate("dropout", self.dropout);
        checks.at = "blocks".into();
        checks.rate("drop_connect", self.drop_connect);
        // The sizes of maps are only worth following where every factor is sound.
        if checks.faults.is_empty() {
            self.check_maps(&mut checks);
        }
        Faults::check(checks.faults)
    }

    fn check_input(&self, checks: &mut Checks) {
        checks.at = "input".into();
        match self.input {
            Shape::Map {
                height,
                width,
                channels,
            } => {
                checks.size("height", height, MAX_SIDE);
                checks.size("width", width, MAX_SIDE);
                checks.size("number of channels", channels, MAX_CHANNELS);
            }
            Shape::Vector { .. } => checks.fault(ArchitectureProblem::Vector),
        }
    }

    /// Reports the first feature map that is too large; the others follow from it.
    fn check_maps(&self, checks: &mut Checks) {
        for (at, shape) in self.maps() {
            let (height, width) = shape.size();
            let channels = shape.channels();
            let elements = [width, channels]
                .iter()
                .try_fold(height as u64, |product, &factor| {
                    product
                        .checked_mul(factor as u64)
                        .filter(|&product| product <= MAX_ELEMENTS)
                });
            if elements
                .and_then(|elements| usize::try_from(elements).ok())
                .is_none()
            {
                checks.at = at;
                return checks.fault(ArchitectureProblem::TooLarge {
                    height,
                    width,
                    channels,
                });
            }
        }
    }

    /// Every feature map that may be the largest, with its part.
    fn maps(&self) -> Vec<(String, Shape)> {
        let (mut height, mut width) = self.input.size();
        let mut maps = vec![("input".into(), self.input)];
        let mut add = |at: String, stride: usize, channels: usize| {
            height = height.div_ceil(stride);
            width = width.div_ceil(stride);
            maps.push((
                at,
                Shape::Map {
                    height,
                    width,
                    channels,
                },
            ));
        };
        add("stem".into(), self.stem.stride, self.stem.channels);
        for (number, block) in self.blocks.iter().enumerate() {
            let at = format!("block {}", number + 1);
            let (first, most) = inner_channels(block);
            add(at.clone(), 1, first);
            add(at.clone(), block.stride, first);
            add(at, 1, most);
        }
        if !self.head.after_pooling {
            add("head".into(), 1, self.head.channels);
        }
        maps
    }
}

/// Channels of the widest map in the first sub-block, and in any.
fn inner_channels(block: &Block) -> (usize, usize) {
    let inner = |index| {
        block
            .expanded(index)
            .unwrap_or(0)
            .max(block.input_of(index))
    };
    let most = (0..block.repeats).map(inner).max();
    (inner(0), most.unwrap_or(0).max(block.out_channels))
}

struct Checks {
    /// The part under test.
    at: String,
    faults: Vec<ArchitectureFault>,
}

impl Checks {
    fn fault(&mut self, problem: ArchitectureProblem) {
        self.faults
            .push(ArchitectureFault::new(self.at.clone(), problem));
    }

    fn size(&mut self, what: &'static str, found: usize, most: usize) {
        if !(1..=most).contains(&found) {
            self.fault(ArchitectureProblem::Size { what, found, most });
        }
    }

    fn rate(&mut self, what: &'static str, found: f64) {
        if !(0.0..1.0).contains(&found) {
            let expected = "0 or more and less than 1";
            self.fault(ArchitectureProblem::Rate {
                what,
                found,
                expected,
            });
        }
    }

    fn window(&mut self, kernel: usize, stride: usize) {
        self.size("kernel", kernel, MAX_KERNEL);
        if kernel.is_multiple_of(2) && kernel > 0 {
            self.fault(ArchitectureProblem::EvenKernel { kernel });
        }
        if !(1..=2).contains(&stride) {
            self.fault(ArchitectureProblem::Stride { stride });
        }
    }

    fn block(&mut self, block: &Block, channels: usize) {
        self.window(block.kernel, block.stride);
        for &ratio in &block.expansion.ratios {
            if !(1.0..=MAX_EXPAND_RATIO).contains(&ratio) {
                self.fault(ArchitectureProblem::Rate {
                    what: "expand ratio",
                    found: ratio,
                    expected: "1 to 256",
                });
            }
        }
        self.size(
            "number of output channels",
            block.out_channels,
            MAX_CHANNELS,
        );
        self.size("number of sub-blocks", block.repeats, MAX_REPEATS);
        if block.in_channels != channels {
            let found = block.in_channels;
            self.fault(ArchitectureProblem::Channels {
                found,
                expected: channels,
            });
        }
        let sub_blocks = 0..block.repeats.min(MAX_REPEATS);
        let expanded = sub_blocks.filter_map(|index| block.expanded(index)).max();
        if let Some(expanded) = expanded {
            self.size("number of expanded channels", expanded, MAX_CHANNELS);
        }
        if let Some(SqueezeExcite { ratio, .. }) = block.squeeze_excite
            && !(ratio > 0.0 && ratio <= 1.0)
        {
            let expected = "more than 0 and at most 1";
            self.fault(ArchitectureProblem::Rate {
                what: "squeeze ratio",
                found: ratio,
                expected,
            });
        }
    }
}
