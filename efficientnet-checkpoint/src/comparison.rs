//! A file beside a network.

use crate::expected::Expected;
use crate::naming::Naming;
use crate::network::{Network, Parameter, Role, Site};
use crate::quantized;
use crate::selection::Place;
use crate::{Checkpoint, Flavour, TensorView};

/// What is compared: a file, and a network whose tensors have these places in files of its naming.
pub(crate) struct Comparison<'a> {
    pub(crate) checkpoint: &'a Checkpoint,
    pub(crate) flavour: Flavour,
    pub(crate) naming: &'a Naming,
    pub(crate) network: &'a Network,
    pub(crate) expected: &'a [Expected],
    pub(crate) places: &'a [Place],
}

impl<'a> Comparison<'a> {
    fn tensors(&self) -> impl Iterator<Item = (&'a Expected, &'a Place)> {
        self.expected.iter().zip(self.places)
    }

    /// The tensors that have to be there.
    pub(crate) fn needed(&self) -> impl Iterator<Item = (&'a Expected, &'a Place)> {
        self.tensors().filter(|(tensor, _)| tensor.needed)
    }

    /// Whether the network is a quantised one.
    pub(crate) fn is_quantized(&self) -> bool {
        let mut names = self.expected.iter().map(|tensor| &*tensor.name);
        names.any(quantized::is_scale)
    }

    /// The weight of the layer of a role that the network has once.
    pub(crate) fn weight(&self, role: Role) -> Option<&'a Expected> {
        let is_it = |place: &Place| {
            let site = place.site.as_ref();
            site.is_some_and(|site| site.role == role && site.parameter == Parameter::Weight)
        };
        self.tensors()
            .find(|(_, place)| is_it(place))
            .map(|(tensor, _)| tensor)
    }

    /// The role of the layer that has the file's name.
    pub(crate) fn role(&self, name: &str) -> Option<Role> {
        let place = self.places.iter().find(|place| place.name == name)?;
        Some(place.site?.role)
    }

    /// Sub-blocks of the file's network: each has one depthwise convolution, whose weight has one input
    /// channel and, unlike a pointwise one's, a window.
    pub(crate) fn sub_blocks(&self) -> usize {
        let stem = self.naming.tensor(&Site::fixed(Role::Stem));
        let axes = self
            .naming
            .axes(Role::Depthwise, Parameter::Weight)
            .unwrap_or(&[0, 1, 2, 3]);
        let is_depthwise = |tensor: &TensorView<'_>| {
            let shape = tensor.shape();
            let extent = |dimension: usize| shape[axes[dimension]];
            shape.len() == axes.len() && extent(1) == 1 && extent(2) > 1 && tensor.name() != stem
        };
        self.checkpoint.tensors().filter(is_depthwise).count()
    }

    /// What network and file have of the dimension (PyTorch's) of a weight, if they differ.
    pub(crate) fn differing(&self, role: Role, dimension: usize) -> Option<(usize, usize)> {
        let expected = *self.weight(role)?.shape.get(dimension)?;
        let found = self.checkpoint.extent(role, dimension)?;
        (expected != found).then_some((expected, found))
    }
}
