//! What a model can be asked for: logits, pooled features, or the feature map behind a part.

use std::fmt;

use crate::Architecture;
use crate::diagnostics::{did_you_mean, nearest};

/// A named place in a network whose values a model can give.
///
/// A block's map is the one behind its last sub-block, after the shortcut is added, as with timm's
/// `features_only` (feature location `bottleneck`): strides 2, 4, 8, 16 and 32 of B0 to B7 are
/// blocks 1, 2, 3, 5 and 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Output {
    /// The stem's map, after its activation.
    Stem,
    /// A block's map, by its number from 1.
    Block(usize),
    /// The head's map, after its activation.
    Head,
    /// What dropout and classifier work on: the mean over the head's pixels, or the result of a head behind
    /// the pooling.
    Features,
    /// The classifier's result, before any softmax.
    Logits,
}

impl Output {
    /// Whether it is a feature map, and not a vector.
    pub fn is_map(self) -> bool {
        match self {
            Output::Stem | Output::Block(_) | Output::Head => true,
            Output::Features | Output::Logits => false,
        }
    }
}

/// `stem`, `block1`, ..., `head`, `features` or `logits`.
impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Stem => f.pad("stem"),
            Output::Block(number) => f.pad(&format!("block{number}")),
            Output::Head => f.pad("head"),
            Output::Features => f.pad("features"),
            Output::Logits => f.pad("logits"),
        }
    }
}

impl Architecture {
    /// Every output that the network has, from the stem to the logits.
    pub fn outputs(&self) -> Vec<Output> {
        let blocks = (1..=self.blocks.len()).map(Output::Block);
        // A head behind the pooling has no map.
        let head = (!self.head.after_pooling).then_some(Output::Head);
        [Output::Stem]
            .into_iter()
            .chain(blocks)
            .chain(head)
            .chain([Output::Features, Output::Logits])
            .collect()
    }

    /// The output of a name.
    ///
    /// ```
    /// use efficientnet_spec::{Options, Output, Spec, bundled};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let spec = Spec::parse(bundled("efficientnet").ok_or("it is bundled")?, "efficientnet.yaml")?;
    /// let b0 = spec.architecture("b0", &Options::default())?;
    /// assert_eq!(b0.output("block3")?, Output::Block(3));
    /// assert!(b0.output("block8").is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the network has no such output: the names that it has, and the nearest of them.
    pub fn output(&self, name: &str) -> Result<Output, OutputError> {
        let known = self.outputs();
        let found = known.iter().find(|output| output.to_string() == name);
        found.copied().ok_or_else(|| OutputError::Unknown {
            name: name.to_owned(),
            known,
        })
    }

    /// Checks that a model can be made for these outputs of the network: at least one, each once.
    ///
    /// # Errors
    /// The first output that does not fit.
    pub fn check_outputs(&self, outputs: &[Output]) -> Result<(), OutputError> {
        if outputs.is_empty() {
            return Err(OutputError::None);
        }
        for (index, output) in outputs.iter().enumerate() {
            self.output(&output.to_string())?;
            if outputs[..index].contains(output) {
                return Err(OutputError::Twice(*output));
            }
        }
        Ok(())
    }
}

/// Why a model cannot be made for a list of outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputError {
    /// The list is empty.
    None,
    /// The network has no output of this name.
    Unknown {
        /// The name asked for.
        name: String,
        /// The outputs there are.
        known: Vec<Output>,
    },
    /// An output is listed twice.
    Twice(Output),
}

impl std::error::Error for OutputError {}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OutputError::None => f.write_str("no output is asked for; name at least one"),
            OutputError::Unknown { name, known } => {
                let known: Vec<String> = known.iter().map(Output::to_string).collect();
                let names = known.join(", ");
                write!(f, "there is no output `{name}`, expected one of {names}")?;
                match nearest(name, &known) {
                    Some(near) => write!(f, "; {}", did_you_mean(near)),
                    None => Ok(()),
                }
            }
            OutputError::Twice(output) => {
                write!(
                    f,
                    "output `{output}` is asked for twice; remove one of them"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests;
