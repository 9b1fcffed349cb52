//! Compound scaling by one number: Tan and Le, "EfficientNet: Rethinking Model Scaling for
//! Convolutional Neural Networks", 2019, section 3.3, equation 3.

#[cfg(test)]
mod tests;

use super::{Coefficient, Name, NonEmpty, Scaling, Side, Spec, ValueError, Variant};

/// What scaling multiplies the baseline's sizes by, before anything is rounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factors {
    /// Of the repeats.
    pub depth: f64,
    /// Of the channels.
    pub width: f64,
    /// Of the rows and columns of the input.
    pub resolution: f64,
}

impl Factors {
    /// What multiply-accumulates grow by, roundings aside: `depth * width^2 * resolution^2`
    /// (section 3.3).
    pub fn cost(&self) -> f64 {
        self.depth * self.width * self.width * self.resolution * self.resolution
    }
}

impl Scaling {
    /// Depth `alpha^phi`, width `beta^phi` and resolution `gamma^phi` (equation 3). A negative `phi`
    /// makes a network smaller than the baseline, 0 is the baseline.
    pub fn coefficients(&self, phi: f64) -> Factors {
        Factors {
            depth: self.alpha.get().powf(phi),
            width: self.beta.get().powf(phi),
            resolution: self.gamma.get().powf(phi),
        }
    }

    /// The `phi` of each factor by itself: published variants are entries of a table, and their factors
    /// powers of one `phi` only roughly.
    pub fn exponents(&self, factors: Factors) -> Exponents {
        let exponent = |base: Coefficient, factor: f64| {
            let exponent = factor.ln() / base.get().ln();
            exponent.is_finite().then_some(exponent)
        };
        Exponents {
            depth: exponent(self.alpha, factors.depth),
            width: exponent(self.beta, factors.width),
            resolution: exponent(self.gamma, factors.resolution),
        }
    }

    /// The one `phi` whose powers are nearest to all three factors: the least sum of squares of
    /// `ln(factor) - phi * ln(base)`. `None` if all bases are 1.
    pub fn nearest_phi(&self, factors: Factors) -> Option<f64> {
        let [alpha, beta, gamma] = [self.alpha, self.beta, self.gamma].map(|base| base.get().ln());
        let along = factors.depth.ln() * alpha
            + factors.width.ln() * beta
            + factors.resolution.ln() * gamma;
        let phi = along / (alpha * alpha + beta * beta + gamma * gamma);
        phi.is_finite().then_some(phi)
    }
}

/// What a variant's factors are powers of alpha, beta and gamma with; `None` where the base is 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponents {
    /// Of alpha.
    pub depth: Option<f64>,
    /// Of beta.
    pub width: Option<f64>,
    /// Of gamma.
    pub resolution: Option<f64>,
}

impl Variant {
    /// What a baseline's sizes are multiplied by.
    pub fn factors(&self, baseline: &Variant) -> Factors {
        Factors {
            depth: self.depth.get(),
            width: self.width.get(),
            resolution: self.resolution.get() as f64 / baseline.resolution.get() as f64,
        }
    }
}

/// Why there is no variant for a `phi`, or of a name.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CompoundError {
    /// No number to scale by.
    #[error("phi is {phi}, expected a finite number")]
    Phi {
        /// What was given.
        phi: f64,
    },
    /// The spec does not say which resolution belongs to its table of blocks.
    #[error(
        "{family} has no variant with width 1.0 and depth 1.0, whose resolution is scaled; add one"
    )]
    NoBaseline {
        /// Name of the family.
        family: Name,
    },
    /// A factor or the resolution is one that no variant can have.
    #[error("phi {phi} makes {what} {found:?}, {bounds}; choose a phi nearer to 0")]
    OutOfBounds {
        /// What was given.
        phi: f64,
        /// `depth`, `width` or `resolution`.
        what: &'static str,
        /// What it would be.
        found: f64,
        /// What it may be.
        bounds: ValueError,
    },
    /// Two variants of one spec would have the same name.
    #[error("the baseline is called `{name}`; choose another name for the scaled variant")]
    NameTaken {
        /// The name.
        name: Name,
    },
}

impl Spec {
    /// The first variant whose width and depth are 1: the table of blocks as it is, with the
    /// resolution that belongs to it.
    pub fn baseline(&self) -> Option<&Variant> {
        self.variants
            .iter()
            .find(|variant| variant.width.get() == 1.0 && variant.depth.get() == 1.0)
    }

    /// The baseline scaled by `phi` (equation 3), with the baseline's dropout.
    ///
    /// Channels and repeats are rounded as those of all variants ([`Spec::scale`]). How to round the
    /// resolution, neither the paper nor its reference implementation says: the sides of B1 to B7 are
    /// entries of a table, and no powers of gamma to the pixel (528 in B6, where gamma^6 makes 518.1).
    /// Here the side is the nearest that is an even number of pixels from the baseline's, which is the
    /// nearest even number for all bundled specs. An odd side would cost as much as the next even one,
    /// because the stem's stride is 2; multiples of all strides together, 32, would be up to 7 % off
    /// at 224 and 14 % in multiply-accumulates.
    ///
    /// ```
    /// use efficientnet_spec::{Name, Options, Spec, bundled};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let spec = Spec::parse(bundled("efficientnet").ok_or("it is bundled")?, "efficientnet.yaml")?;
    /// let between = spec.variant_at(1.5, Name::try_from("between".to_owned())?)?;
    /// assert_eq!(between.resolution.get(), 276);
    ///
    /// let spec = spec.with_scaled(&between)?;
    /// let architecture = spec.architecture("between", &Options::default())?;
    /// assert_eq!(architecture.head.channels, 1480);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A `phi` that is not finite, a spec without baseline, a factor or resolution out of bounds.
    pub fn variant_at(&self, phi: f64, name: Name) -> Result<Variant, CompoundError> {
        if !phi.is_finite() {
            return Err(CompoundError::Phi { phi });
        }
        let baseline = self.baseline().ok_or_else(|| CompoundError::NoBaseline {
            family: self.family.clone(),
        })?;
        let factors = self.scaling.coefficients(phi);
        let out_of_bounds = |what, found| {
            move |bounds| CompoundError::OutOfBounds {
                phi,
                what,
                found,
                bounds,
            }
        };
        let coefficient =
            |what, factor: f64| Coefficient::try_from(factor).map_err(out_of_bounds(what, factor));
        let side = scaled_side(baseline.resolution, factors.resolution);
        Ok(Variant {
            name,
            width: coefficient("width", factors.width)?,
            depth: coefficient("depth", factors.depth)?,
            // Beyond the largest integer it is out of bounds all the same.
            resolution: Side::try_from(side as usize).map_err(out_of_bounds("resolution", side))?,
            dropout: baseline.dropout,
        })
    }

    /// The spec with its baseline, where it has one, and one more variant.
    ///
    /// # Errors
    /// If both have the same name.
    pub fn with_scaled(&self, variant: &Variant) -> Result<Spec, CompoundError> {
        let name = &variant.name;
        let kept = match self.baseline() {
            Some(baseline) if baseline.name == *name => {
                return Err(CompoundError::NameTaken { name: name.clone() });
            }
            Some(baseline) => vec![baseline.clone(), variant.clone()],
            None => vec![variant.clone()],
        };
        Ok(Spec {
            variants: NonEmpty::new(kept).unwrap_or_else(|| self.variants.clone()),
            ..self.clone()
        })
    }
}

/// The side nearest to `baseline * factor` that is an even number of pixels from the baseline.
fn scaled_side(baseline: Side, factor: f64) -> f64 {
    let baseline = baseline.get() as f64;
    baseline + 2.0 * ((baseline * factor - baseline) / 2.0).round()
}
