//! How strided convolutions pad.

/// How a model's strided convolutions pad; a checkpoint is trained with one or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Padding {
    /// `kernel / 2` zeros on every side, as torchvision and timm's `efficientnet_*` do.
    Symmetric,
    /// TensorFlow's SAME, as Keras and timm's `tf_efficientnet_*` do.
    Same,
}

impl Padding {
    /// The batch-norm epsilon that goes with this padding in timm's checkpoints, whose names fix
    /// neither: 1e-5 in PyTorch's tradition, 1e-3 in TensorFlow's (timm,
    /// `models/_efficientnet_builder.py`, `BN_EPS_TF_DEFAULT`).
    pub const fn batch_norm_epsilon(self) -> f64 {
        match self {
            Padding::Symmetric => 1e-5,
            Padding::Same => 1e-3,
        }
    }

    /// The padding of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Padding::Symmetric, Padding::Same]
            .into_iter()
            .find(|padding| padding.name() == name)
    }

    /// As arguments name it.
    pub const fn name(self) -> &'static str {
        match self {
            Padding::Symmetric => "symmetric",
            Padding::Same => "same",
        }
    }
}
