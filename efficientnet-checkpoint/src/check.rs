//! Comparing a checkpoint with the tensors that a model expects.

use std::fmt;

use crate::advice::Advice;
use crate::comparison::Comparison;
use crate::dtype::Dtype;
use crate::flavour::Flavour;
use crate::network::Role;
use crate::quote::escaped;
use crate::tensor::TensorView;

/// Tensors listed of each kind of difference; of the others, a message gives the number.
const LISTED: usize = 5;

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

/// All differences between a checkpoint and the tensors that a model expects, in the names and the
/// layout of the file. The message lists the first few of each kind; the fields have them all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Mismatch {
    /// The checkpoint.
    pub file: String,
    /// Whose names its tensors have.
    pub flavour: Flavour,
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

/// The differences, if there are any; the places are those of the expected tensors.
pub(crate) fn compare(comparison: &Comparison<'_>) -> Option<Mismatch> {
    let checkpoint = comparison.checkpoint;
    let quantized = comparison.is_quantized();
    let mut mismatch = Mismatch {
        file: checkpoint.file.clone(),
        flavour: comparison.flavour,
        missing: Vec::new(),
        unexpected: unexpected(comparison),
        misshapen: Vec::new(),
        wrong_dtype: Vec::new(),
        advice: Advice::OtherVariant,
    };
    for (expected, place) in comparison.needed() {
        let shape = place.file_shape(&expected.shape);
        let found = checkpoint.tensor(&place.name);
        mismatch.compare_one(found, &place.name, shape, quantized);
    }
    for (tensor, shape) in normalization(comparison) {
        mismatch.compare_one(Some(tensor), tensor.name(), shape, quantized);
    }
    if mismatch.kinds().iter().all(|(_, lines)| lines.is_empty()) {
        return None;
    }
    mismatch.advice = Advice::find(&mismatch, comparison);
    Some(mismatch)
}

fn unexpected(comparison: &Comparison<'_>) -> Vec<NamedShape> {
    let names = comparison.places.iter().map(|place| place.name.as_str());
    let mut expected: Vec<_> = names.collect();
    expected.sort_unstable();
    let tensors = comparison.checkpoint.tensors();
    tensors
        .filter(|tensor| expected.binary_search(&tensor.name()).is_err())
        .filter(|tensor| !comparison.naming.is_beside(tensor.name()))
        .map(|tensor| NamedShape {
            name: tensor.name().to_owned(),
            shape: tensor.shape().to_vec(),
        })
        .collect()
}

/// Mean and variance of a network's own normalization, where the file has them, and the shape of one
/// value a channel of the input.
fn normalization<'a>(
    comparison: &Comparison<'a>,
) -> impl Iterator<Item = (TensorView<'a>, Vec<usize>)> {
    let stem = comparison.weight(Role::Stem);
    let channels = stem.and_then(|stem| stem.shape.get(1).copied());
    let naming = comparison.naming;
    let is_statistic = |tensor: &TensorView<'_>| {
        matches!(
            naming.normalization(tensor.name()),
            Some("mean" | "variance")
        )
    };
    let tensors = comparison.checkpoint.tensors().filter(is_statistic);
    tensors.filter_map(move |tensor| Some((tensor, vec![channels?])))
}

impl Mismatch {
    /// One tensor; only in `quantized` networks may it hold bytes.
    fn compare_one(
        &mut self,
        found: Option<TensorView<'_>>,
        name: &str,
        shape: Vec<usize>,
        quantized: bool,
    ) {
        let name = name.to_owned();
        let Some(tensor) = found else {
            self.missing.push(NamedShape { name, shape });
            return;
        };
        let dtype = tensor.dtype();
        if !dtype.is_supported() || (dtype.is_quantized() && !quantized) {
            self.wrong_dtype.push(WrongDtype {
                name: name.clone(),
                found: dtype,
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
            format!("{}: expected {expected:?}, found {found:?}", escaped(name))
        };
        let wrong_dtype = |tensor: &WrongDtype| {
            format!(
                "{}: expected F32, F16 or BF16, found {}",
                escaped(&tensor.name),
                tensor.found
            )
        };
        let expected =
            |tensor: &NamedShape| format!("{}: expected {:?}", escaped(&tensor.name), tensor.shape);
        let found =
            |tensor: &NamedShape| format!("{}: found {:?}", escaped(&tensor.name), tensor.shape);
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
            "{}: its tensors, with the names of {}, are not the model's: {}",
            self.file,
            self.flavour.library(),
            self.advice
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
