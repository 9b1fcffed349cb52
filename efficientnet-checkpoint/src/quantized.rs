//! Quantised networks: products of bytes with a scale for each filter, batch norm folded in.
//!
//! Of each product `W`, a checkpoint has `W.weight` (I8, PyTorch's shape), `W.weight_scale` (F32, one a
//! filter) and `W.bias` (F32); of each activation `A`, `A.output_scale` (F32) and `A.output_zero_point`
//! (U8), one each.

use crate::Checkpoint;

/// Ending of the names of weights' scales, which no other network has.
const SCALE: &str = ".weight_scale";

/// What a file's metadata says of such networks.
#[cfg(feature = "files")]
pub(crate) const QUANTIZATION: (&str, &str) = ("quantization", "int8");

/// Whether a name is that of scales.
pub(crate) fn is_scale(name: &str) -> bool {
    name.ends_with(SCALE)
}

impl Checkpoint {
    /// Whether it holds a quantised network, by its names.
    pub fn is_quantized(&self) -> bool {
        self.names().any(is_scale)
    }
}

#[cfg(feature = "files")]
pub use values::Values;

#[cfg(feature = "files")]
mod values {
    use std::collections::BTreeMap;

    use crate::entry::Entry;
    use crate::source::Source;
    use crate::{Checkpoint, Dtype, Format};

    /// Values of a tensor to write, in C order.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub enum Values {
        /// Floats.
        F32(Vec<f32>),
        /// Signed bytes.
        I8(Vec<i8>),
        /// Unsigned bytes.
        U8(Vec<u8>),
    }

    impl Values {
        fn entry(self, shape: Vec<usize>) -> Entry {
            let (dtype, bytes): (_, Vec<u8>) = match self {
                Values::F32(values) => {
                    let bytes = values.into_iter().flat_map(f32::to_le_bytes);
                    (Dtype::F32, bytes.collect())
                }
                Values::I8(values) => {
                    let bytes = values.into_iter().flat_map(i8::to_le_bytes);
                    (Dtype::I8, bytes.collect())
                }
                Values::U8(values) => (Dtype::U8, values),
            };
            let count: usize = shape.iter().product();
            assert_eq!(bytes.len(), count * dtype.size(), "values of {shape:?}");
            Entry::contiguous(dtype, shape, Source::from(bytes))
        }
    }

    impl Checkpoint {
        /// A checkpoint that is not in a file yet, of tensors by name and shape; `name` stands for the file
        /// in messages. [`Self::write`] makes it a file.
        ///
        /// ```
        /// use efficientnet_checkpoint::{Checkpoint, Values};
        ///
        /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
        /// let bias = ("conv_stem.bias".to_owned(), vec![2], Values::F32(vec![0.5, -1.0]));
        /// let weight = ("conv_stem.weight".to_owned(), vec![2, 1], Values::I8(vec![127, -3]));
        /// let checkpoint = Checkpoint::from_values("made here", [bias, weight]);
        /// assert_eq!(checkpoint.read("conv_stem.weight")?, [127.0, -3.0]);
        /// # Ok(())
        /// # }
        /// ```
        ///
        /// # Panics
        /// If there are not as many values as a shape has.
        pub fn from_values(
            name: impl Into<String>,
            tensors: impl IntoIterator<Item = (String, Vec<usize>, Values)>,
        ) -> Self {
            let entries = tensors.into_iter();
            let entries = entries.map(|(name, shape, values)| (name, values.entry(shape)));
            Self {
                file: name.into(),
                format: Format::Safetensors,
                tensors: entries.collect::<BTreeMap<_, _>>(),
                keras: None,
            }
        }
    }
}

#[cfg(all(test, feature = "files"))]
mod tests {
    use safetensors::SafeTensors;

    use super::Values;
    use crate::{Advice, Checkpoint, CheckpointError, Dtype, Expected};

    fn quantized() -> Checkpoint {
        let tensor = |name: &str, values| (format!("conv_stem.{name}"), vec![2], values);
        Checkpoint::from_values(
            "q",
            [
                tensor("weight", Values::I8(vec![-127, 127])),
                tensor("weight_scale", Values::F32(vec![0.5, 0.25])),
                tensor("output_zero_point", Values::U8(vec![0, 255])),
            ],
        )
    }

    #[test]
    fn bytes_are_written_as_they_are_and_read_exactly() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("q.safetensors");
        quantized().write(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
        let metadata = metadata.metadata().clone().unwrap();
        assert_eq!(
            (&*metadata["format"], &*metadata["quantization"]),
            ("pt", "int8")
        );
        let read = Checkpoint::open(&path).unwrap();
        let weight = read.tensor("conv_stem.weight").unwrap();
        assert_eq!(weight.dtype(), Dtype::I8);
        assert_eq!(weight.to_f32().unwrap(), [-127.0, 127.0]);
        let zero_points = read.read("conv_stem.output_zero_point").unwrap();
        assert_eq!(zero_points, [0.0, 255.0]);
    }

    fn advice(checkpoint: &Checkpoint, expected: &[&str]) -> Advice {
        let expected = expected.iter().map(|name| Expected::needed(*name, [2]));
        match checkpoint.select(&expected.collect::<Vec<_>>()) {
            Err(CheckpointError::Mismatch(mismatch)) => mismatch.advice,
            other => panic!("{:?}", other.map(|selection| selection.flavour())),
        }
    }

    #[test]
    fn the_other_kind_of_model_is_told_what_to_do() {
        let float = (
            "conv_stem.weight".to_owned(),
            vec![2],
            Values::F32(vec![1.0, 2.0]),
        );
        let float = Checkpoint::from_values("f", [float]);
        let scales = ["conv_stem.weight", "conv_stem.weight_scale"];
        assert_eq!(advice(&quantized(), &scales[..1]), Advice::Quantized);
        assert_eq!(advice(&float, &scales), Advice::NotQuantized);
        // Bytes without scales are no weights.
        let bytes = (
            "conv_stem.weight".to_owned(),
            vec![2],
            Values::I8(vec![1, 2]),
        );
        let bytes = Checkpoint::from_values("b", [bytes]);
        assert_eq!(advice(&bytes, &scales[..1]), Advice::Dtypes);
    }
}
