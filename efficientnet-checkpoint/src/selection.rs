//! The tensors of a checkpoint that a model uses, by the model's names.

use std::collections::HashMap;

use crate::check;
use crate::comparison::Comparison;
use crate::entry::Entry;
use crate::expected::Expected;
use crate::naming::Naming;
use crate::network::{Network, Parameter, Site};
use crate::{Checkpoint, CheckpointError, Flavour, TensorView};

/// Names that a message about names shows.
const SHOWN: usize = 5;

/// The tensors of a checkpoint that a model uses, by the model's names and in PyTorch's layout.
pub struct Selection<'a> {
    checkpoint: &'a Checkpoint,
    flavour: Flavour,
    /// Those that are needed, by timm's names.
    tensors: HashMap<String, Place>,
}

/// Where a file has a tensor, and how.
pub(crate) struct Place {
    /// The file's name.
    pub(crate) name: String,
    pub(crate) site: Option<Site>,
    /// Where PyTorch's dimensions are in the file's tensor; `None` where they are the same.
    axes: Option<&'static [usize]>,
}

impl Place {
    /// Where a file of this naming has a tensor of the network.
    pub(crate) fn new(timm: &str, network: &Network, naming: &Naming) -> Self {
        let site = network.site(timm);
        Self {
            // Layers that no library knows have the names that the model gives them.
            name: site.map_or_else(|| timm.to_owned(), |site| naming.tensor(&site)),
            site,
            axes: site.and_then(|site| naming.axes(site.role, site.parameter)),
        }
    }

    /// A shape of PyTorch's layout in the file's.
    pub(crate) fn file_shape(&self, shape: &[usize]) -> Vec<usize> {
        let mut permuted = shape.to_vec();
        if let Some(axes) = self.axes.filter(|axes| axes.len() == shape.len()) {
            for (&axis, &length) in axes.iter().zip(shape) {
                permuted[axis] = length;
            }
        }
        permuted
    }
}

impl Checkpoint {
    /// Finds the tensors of a network, whatever the library whose names they have. `expected` has all
    /// of the network's, so that its structure shows. Counters of batch norms (`num_batches_tracked`)
    /// and the normalization of Keras networks may be there or not.
    ///
    /// # Errors
    /// [`CheckpointError::Mismatch`] with every tensor that is missing, unexpected, misshapen or not
    /// of floats; [`CheckpointError::UnknownNames`] where no library has such names.
    pub fn select(&self, expected: &[Expected]) -> Result<Selection<'_>, CheckpointError> {
        let Some((flavour, naming)) = self.naming() else {
            return Err(CheckpointError::UnknownNames {
                file: self.file.clone(),
                first: self.names().take(SHOWN).map(str::to_owned).collect(),
            });
        };
        let network = Network::new(expected.iter().map(|tensor| tensor.name.as_str()));
        let places: Vec<_> = expected
            .iter()
            .map(|tensor| Place::new(&tensor.name, &network, &naming))
            .collect();
        let comparison = Comparison {
            checkpoint: self,
            flavour,
            naming: &naming,
            network: &network,
            expected,
            places: &places,
        };
        if let Some(mismatch) = check::compare(&comparison) {
            return Err(CheckpointError::Mismatch(Box::new(mismatch)));
        }
        let tensors = expected
            .iter()
            .zip(places)
            .filter(|(tensor, _)| tensor.needed)
            .map(|(tensor, place)| (tensor.name.clone(), place))
            .collect();
        Ok(Selection {
            checkpoint: self,
            flavour,
            tensors,
        })
    }
}

impl Selection<'_> {
    /// Whose names the file has.
    pub fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// Checks a condition of a tensor's value, of which `expected` says what it is.
    ///
    /// # Errors
    /// If it does not hold.
    pub fn check(
        &self,
        holds: bool,
        tensor: &str,
        found: f32,
        expected: &'static str,
    ) -> Result<(), CheckpointError> {
        match holds {
            true => Ok(()),
            false => Err(CheckpointError::Value {
                file: self.checkpoint.file.clone(),
                tensor: tensor.to_owned(),
                found,
                expected,
            }),
        }
    }

    /// The values of a tensor by timm's name, in C order of PyTorch's layout.
    ///
    /// # Errors
    /// If it is none of the tensors that were selected as needed, if the file cannot be read, or if a
    /// value is not finite or is a negative variance.
    pub fn read(&self, name: &str) -> Result<Vec<f32>, CheckpointError> {
        let missing = || CheckpointError::Missing {
            file: self.checkpoint.file.clone(),
            tensor: name.to_owned(),
        };
        let place = self.tensors.get(name).ok_or_else(missing)?;
        let tensor = self.checkpoint.tensor(&place.name).ok_or_else(missing)?;
        let is_variance = place
            .site
            .is_some_and(|site| site.parameter == Parameter::Variance);
        match place.axes {
            Some(axes) => {
                let entry = &permuted(tensor.entry, axes);
                values(&TensorView { entry, ..tensor }, is_variance)
            }
            None => values(&tensor, is_variance),
        }
    }
}

/// The same tensor, its dimensions in the order that `axes` say.
fn permuted(entry: &Entry, axes: &[usize]) -> Entry {
    let strides = entry.strides.clone().unwrap_or_else(|| {
        let mut stride = 1usize;
        let mut strides: Vec<_> = entry
            .shape
            .iter()
            .rev()
            .map(|&length| {
                let this = stride;
                stride = stride.saturating_mul(length);
                this
            })
            .collect();
        strides.reverse();
        strides
    });
    Entry {
        shape: axes.iter().map(|&axis| entry.shape[axis]).collect(),
        strides: Some(axes.iter().map(|&axis| strides[axis]).collect()),
        ..entry.clone()
    }
}

/// The values of a tensor that are those of a network.
pub(crate) fn values(
    tensor: &TensorView<'_>,
    is_variance: bool,
) -> Result<Vec<f32>, CheckpointError> {
    let values = tensor.to_f32()?;
    let first = |is: fn(&f32) -> bool| values.iter().copied().find(is);
    let mut wrong = first(|value| !value.is_finite()).map(|found| (found, "finite numbers"));
    if is_variance {
        let negative = first(|&value| value < 0.0);
        wrong = wrong.or(negative.map(|found| (found, "variances, which are not negative")));
    }
    match wrong {
        Some((found, expected)) => Err(CheckpointError::Value {
            file: tensor.file.to_owned(),
            tensor: tensor.name.to_owned(),
            found,
            expected,
        }),
        None => Ok(values),
    }
}

#[cfg(test)]
mod tests;
