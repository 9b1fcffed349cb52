//! What a model expects of a checkpoint.

/// A tensor of a network, by timm's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// timm's name, such as `blocks.1.0.conv_pw.weight`.
    pub name: String,
    /// Shape in PyTorch's layout: filters, channels, height, width.
    pub shape: Vec<usize>,
    /// Whether the model computes the tensor's layer. Tensors of others may be there or not, in
    /// whatever shape; they say where the layer of a needed one stands in the whole network.
    pub needed: bool,
}

impl Expected {
    /// A tensor that has to be there.
    pub fn needed(name: impl Into<String>, shape: impl Into<Vec<usize>>) -> Self {
        Self {
            name: name.into(),
            shape: shape.into(),
            needed: true,
        }
    }

    /// A tensor of the network that the model does not use.
    pub fn unneeded(name: impl Into<String>, shape: impl Into<Vec<usize>>) -> Self {
        Self {
            needed: false,
            ..Self::needed(name, shape)
        }
    }
}
