//! Comparing a checkpoint with the tensors that a model expects.

use std::collections::BTreeSet;
use std::fmt;

use crate::Checkpoint;
use crate::advice::Advice;
use crate::dtype::Dtype;
use crate::tensor::TensorView;

/// Tensors listed of each kind of difference; of the others, a message gives the number.
const LISTED: usize = 5;

/// PyTorch's counter of training steps in a batch norm, which inference does not need.
const COUNTER: &str = "num_batches_tracked";

/// A tensor by name and shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedShape {
    /// The tensor's name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
}

/// A tensor of another shape than expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misshapen {
    /// The tensor's name.
    pub name: String,
    /// The model's shape.
    pub expected: Vec<usize>,
    /// The checkpoint's shape.
    pub found: Vec<usize>,
}

/// A tensor that does not hold floats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongDtype {
    /// The tensor's name.
    pub name: String,
    /// Its element type.
    pub found: Dtype,
}

/// All differences between a checkpoint and the tensors that a model expects. The message lists the
/// first few of each kind; the fields have them all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Mismatch {
    /// The checkpoint.
    pub file: String,
    /// Expected but not there, with the expected shapes.
    pub missing: Vec<NamedShape>,
    /// There but not expected.
    pub unexpected: Vec<NamedShape>,
    /// There in another shape.
    pub misshapen: Vec<Misshapen>,
    /// There, but not as floats.
    pub wrong_dtype: Vec<WrongDtype>,
    /// What to do.
    pub advice: Advice,
}

/// The differences, if there are any.
pub(super) fn compare(
    checkpoint: &Checkpoint,
    expected: &[(impl AsRef<str>, impl AsRef<[usize]>)],
) -> Option<Mismatch> {
    let mut mismatch = Mismatch {
        file: checkpoint.file.clone(),
        missing: Vec::new(),
        unexpected: unexpected(checkpoint, expected.iter().map(|(name, _)| name.as_ref())),
        misshapen: Vec::new(),
        wrong_dtype: Vec::new(),
        advice: Advice::OtherVariant,
    };
    for (name, shape) in expected {
        mismatch.compare_one(
            checkpoint.tensor(name.as_ref()),
            name.as_ref(),
            shape.as_ref(),
        );
    }
    if mismatch.kinds().iter().all(|(_, lines)| lines.is_empty()) {
        return None;
    }
    mismatch.advice = Advice::find(&mismatch, checkpoint);
    Some(mismatch)
}

fn unexpected<'a>(
    checkpoint: &Checkpoint,
    expected: impl Iterator<Item = &'a str>,
) -> Vec<NamedShape> {
    let expected: BTreeSet<&str> = expected.collect();
    checkpoint
        .tensors()
        .filter(|tensor| !expected.contains(tensor.name()))
        .filter(|tensor| tensor.name().rsplit('.').next() != Some(COUNTER))
        .map(|tensor| NamedShape {
            name: tensor.name().to_owned(),
            shape: tensor.shape().to_vec(),
        })
        .collect()
}

impl Mismatch {
    fn compare_one(&mut self, found: Option<TensorView<'_>>, name: &str, shape: &[usize]) {
        let (name, shape) = (name.to_owned(), shape.to_vec());
        let Some(tensor) = found else {
            self.missing.push(NamedShape { name, shape });
            return;
        };
        if !tensor.dtype().is_supported() {
            self.wrong_dtype.push(WrongDtype {
                name: name.clone(),
                found: tensor.dtype(),
            });
        }
        if tensor.shape() != shape {
            self.misshapen.push(Misshapen {
                name,
                expected: shape,
                found: tensor.shape().to_vec(),
            });
        }
    }

    /// Headline and lines of each kind of difference.
    fn kinds(&self) -> [(&'static str, Vec<String>); 4] {
        let misshapen = |tensor: &Misshapen| {
            let Misshapen {
                name,
                expected,
                found,
            } = tensor;
            format!("{name}: expected {expected:?}, found {found:?}")
        };
        let wrong_dtype = |tensor: &WrongDtype| {
            format!(
                "{}: expected F32, F16 or BF16, found {}",
                tensor.name, tensor.found
            )
        };
        let expected =
            |tensor: &NamedShape| format!("{}: expected {:?}", tensor.name, tensor.shape);
        let found = |tensor: &NamedShape| format!("{}: found {:?}", tensor.name, tensor.shape);
        [
            ("missing", self.missing.iter().map(expected).collect()),
            ("unexpected", self.unexpected.iter().map(found).collect()),
            (
                "of another shape",
                self.misshapen.iter().map(misshapen).collect(),
            ),
            (
                "of another type",
                self.wrong_dtype.iter().map(wrong_dtype).collect(),
            ),
        ]
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: its tensors are not the model's: {}",
            self.file, self.advice
        )?;
        for (kind, lines) in self.kinds() {
            if lines.is_empty() {
                continue;
            }
            write!(f, "\n  {} {kind}:", lines.len())?;
            for line in lines.iter().take(LISTED) {
                write!(f, "\n    {line}")?;
            }
            if lines.len() > LISTED {
                write!(f, "\n    and {} more", lines.len() - LISTED)?;
            }
        }
        Ok(())
    }
}
