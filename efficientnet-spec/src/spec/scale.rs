//! Compound scaling: spec and variant to architecture.

use std::fmt;

use super::{
    BlockBody, BlockSpec, Derivation, ExpandSpec, Name, ScaledChannels, ScaledRepeats, Spec,
    Variant,
};
use crate::diagnostics::{did_you_mean, nearest};
use crate::{
    Architecture, ArchitectureFault, ArchitectureFaults, Block, BlockKind, ExpandOf, Expansion,
    Faults, Head, Options, Resolution, Rounding, Shape, SqueezeExcite, Stem,
};

/// Why a variant cannot be built.
#[derive(Clone, Debug, PartialEq)]
pub enum ArchitectureError {
    /// The family has no variant of this name.
    UnknownVariant {
        /// The name asked for.
        variant: String,
        /// Name of the family.
        family: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A size or rate is outside its bounds.
    Faults {
        /// Name of the variant.
        variant: String,
        /// Everything that is.
        faults: ArchitectureFaults,
    },
}

impl std::error::Error for ArchitectureError {}

/// One line, or one line a fault.
impl fmt::Display for ArchitectureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArchitectureError::UnknownVariant {
                variant,
                family,
                known,
            } => {
                let names = known.join(", ");
                write!(
                    f,
                    "{family} has no variant `{variant}`, expected one of {names}"
                )?;
                match nearest(variant, known) {
                    Some(name) => write!(f, "; {}", did_you_mean(name)),
                    None => Ok(()),
                }
            }
            ArchitectureError::Faults { variant, faults } => {
                write!(f, "variant `{variant}`: {faults}")
            }
        }
    }
}

/// What types cannot keep out of a spec.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("variant `{variant}`: {problem}")]
pub struct SpecFault {
    /// Name of the variant at fault.
    pub variant: Name,
    /// What is wrong with it.
    pub problem: String,
}

/// All faults of a spec.
pub type SpecFaults = Faults<SpecFault>;

impl Spec {
    /// A variant of the spec, scaled.
    ///
    /// ```
    /// # use efficientnet_spec::{Spec, bundled};
    /// use efficientnet_spec::{Options, Padding};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let spec = Spec::parse(bundled("efficientnet").ok_or("it is bundled")?, "efficientnet.yaml")?;
    /// let options = Options {
    ///     padding: Padding::Same,
    ///     classes: Some(10),
    ///     ..Options::default()
    /// };
    /// let b7 = spec.architecture("b7", &options)?;
    /// assert_eq!((b7.stem.channels, b7.sub_blocks(), b7.classes), (64, 55, 10));
    ///
    /// let error = spec.architecture("b9", &options).unwrap_err();
    /// assert!(error.to_string().starts_with("efficientnet has no variant `b9`"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// An unknown variant; sizes outside their bounds after scaling or in the options.
    pub fn architecture(
        &self,
        variant: &str,
        options: &Options,
    ) -> Result<Architecture, ArchitectureError> {
        let found = self
            .variant(variant)
            .ok_or_else(|| ArchitectureError::UnknownVariant {
                variant: variant.into(),
                family: self.family.to_string(),
                known: self
                    .variants
                    .iter()
                    .map(|variant| variant.name.to_string())
                    .collect(),
            })?;
        self.scale(found, options)
    }

    /// A variant that need not be one of the spec's, scaled.
    ///
    /// # Errors
    /// Sizes outside their bounds after scaling or in the options.
    pub fn scale(
        &self,
        variant: &Variant,
        options: &Options,
    ) -> Result<Architecture, ArchitectureError> {
        let side = variant.resolution.get();
        let Resolution { height, width } = options.resolution.unwrap_or(Resolution {
            height: side,
            width: side,
        });
        let channels = options.in_channels.unwrap_or(self.in_channels.get());
        let derivation = self.derivation(variant);
        let stem = Stem {
            kernel: self.stem.kernel.get(),
            stride: self.stem.stride.get(),
            channels: derivation.stem.channels,
        };
        let architecture = Architecture {
            family: self.family.to_string(),
            variant: variant.name.to_string(),
            input: Shape::Map {
                height,
                width,
                channels,
            },
            padding: options.padding,
            activation: self.activation,
            blocks: self.scaled_blocks(&derivation),
            stem,
            head: Head {
                channels: derivation.head.channels,
                after_pooling: self.head.after_pooling,
            },
            classes: options.classes.unwrap_or(self.classes.get()),
            dropout: variant.dropout.get(),
            drop_connect: self.drop_connect.get(),
        };
        match architecture.verify() {
            Ok(()) => Ok(architecture),
            Err(faults) => Err(ArchitectureError::Faults {
                variant: variant.name.to_string(),
                faults,
            }),
        }
    }

    /// Checks what types cannot express: every name once, every variant within bounds.
    ///
    /// # Errors
    /// Every fault, with the variant at fault.
    pub fn verify(&self) -> Result<(), SpecFaults> {
        Faults::check(self.faults())
    }

    pub(super) fn faults(&self) -> Vec<SpecFault> {
        let mut faults = Vec::new();
        for (number, variant) in self.variants.iter().enumerate() {
            let mut problems = Vec::new();
            if self.variants[..number]
                .iter()
                .any(|earlier| earlier.name == variant.name)
            {
                problems.push("a variant before it has the same name".to_string());
            }
            if let Err(ArchitectureError::Faults {
                faults: Faults(faults),
                ..
            }) = self.scale(variant, &Options::default())
            {
                problems.extend(faults.iter().map(ArchitectureFault::to_string));
            }
            if !problems.is_empty() {
                let (variant, problem) = (variant.name.clone(), problems.join("; "));
                faults.push(SpecFault { variant, problem });
            }
        }
        faults
    }

    fn scaled_blocks(&self, derivation: &Derivation) -> Vec<Block> {
        let mut in_channels = derivation.stem.channels;
        let scale =
            |(block, (channels, repeats)): (&BlockSpec, &(ScaledChannels, ScaledRepeats))| {
                let (kind, expansion, squeezes) = self.body(&block.body);
                Block {
                    kind,
                    expansion,
                    kernel: block.kernel.get(),
                    stride: block.stride.get(),
                    in_channels: std::mem::replace(&mut in_channels, channels.channels),
                    out_channels: channels.channels,
                    repeats: repeats.repeats,
                    activation: block.activation.unwrap_or(self.activation),
                    squeeze_excite: self.squeeze().filter(|_| squeezes),
                    shortcut: block.shortcut,
                }
            };
        self.blocks
            .iter()
            .zip(&derivation.blocks)
            .map(scale)
            .collect()
    }

    /// Kind and expansion of a block, and whether it may have a squeeze and excite.
    fn body(&self, body: &BlockBody) -> (BlockKind, Expansion, bool) {
        let expansion = |expand: &ExpandSpec| Expansion {
            ratios: expand.ratios.iter().map(|ratio| ratio.get()).collect(),
            of: expand.of,
            rounding: self.rounding(),
        };
        match body {
            BlockBody::Mbconv(expand) => {
                (BlockKind::Mbconv, expansion(expand), expand.squeeze_excite)
            }
            BlockBody::FusedMbconv(expand) => {
                let squeezes = expand.squeeze_excite;
                (BlockKind::FusedMbconv, expansion(expand), squeezes)
            }
            BlockBody::Convolution => {
                let nothing = Expansion {
                    ratios: Vec::new(),
                    of: ExpandOf::Input,
                    rounding: self.rounding(),
                };
                (BlockKind::Convolution, nothing, false)
            }
        }
    }

    fn squeeze(&self) -> Option<SqueezeExcite> {
        let squeeze = self.squeeze_excite?;
        let rounding = |multiple: super::Channels| Rounding {
            multiple: multiple.get(),
            ..self.rounding()
        };
        Some(SqueezeExcite {
            ratio: squeeze.ratio.get(),
            of: squeeze.of,
            rounding: squeeze.channel_multiple.map(rounding),
            activation: squeeze.activation,
            gate: squeeze.gate,
        })
    }
}
