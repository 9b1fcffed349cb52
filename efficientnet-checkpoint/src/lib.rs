//! Checkpoints: named tensors, read from a file or from bytes inside the binary.
//!
//! A file's table of contents is read when it is opened, a tensor when it is asked for: loading a
//! model never holds all of its weights twice. Formats are told apart by their contents (`format`,
//! one reader each in `formats`), libraries by the names themselves (`flavour`). A model finds its
//! tensors by its own names, which are timm's: [`Checkpoint::select`] derives the network's structure
//! from them (`network`) and from that the names in the file (`naming`).

mod advice;
mod check;
mod comparison;
#[cfg(feature = "files")]
mod convert;
mod dtype;
mod entry;
mod error;
mod expected;
#[cfg(feature = "files")]
pub mod files;
mod flavour;
mod float16;
mod format;
mod formats;
mod json;
mod keras;
mod naming;
mod network;
#[cfg(feature = "npy")]
pub mod npy;
mod padding;
mod quantized;
mod quote;
mod selection;
mod source;
mod tensor;
#[cfg(test)]
mod testing;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

pub use advice::Advice;
pub use check::{Mismatch, Misshapen, NamedShape, WrongDtype};
#[cfg(feature = "files")]
pub use convert::ConvertError;
pub use dtype::{Dtype, Element};
pub use error::CheckpointError;
pub use expected::Expected;
pub use flavour::Flavour;
pub use format::Format;
pub use keras::{InputLayer, InputTransform, KerasModel, TransformError};
pub use padding::Padding;
#[cfg(feature = "files")]
pub use quantized::Values;
pub use selection::Selection;
pub use tensor::TensorView;

use entry::Entry;
use formats::{Contents, Refusal};
use source::Source;

/// A set of named tensors and the file that holds them.
///
/// ```
/// # use safetensors::{Dtype, serialize, tensor::TensorView};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let values = [1.0_f32, 2.0, 3.0].map(f32::to_le_bytes).concat();
/// # let tensor = TensorView::new(Dtype::F32, vec![3, 1, 1, 1], &values)?;
/// # let bytes = serialize([("conv_stem.weight", tensor)], None)?;
/// use efficientnet_checkpoint::{Checkpoint, Expected, Flavour, Format};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("model.safetensors");
/// # std::fs::write(&path, bytes)?;
/// let checkpoint = Checkpoint::open(&path)?;
/// assert_eq!(checkpoint.format(), Format::Safetensors);
/// assert_eq!(checkpoint.flavour(), Some(Flavour::Timm));
/// assert_eq!(checkpoint.read("conv_stem.weight")?, [1.0, 2.0, 3.0]);
///
/// // A network's tensors, whatever the file calls them; all that does not fit is said at once.
/// let selection = checkpoint.select(&[Expected::needed("conv_stem.weight", [3, 1, 1, 1])])?;
/// assert_eq!(selection.read("conv_stem.weight")?, [1.0, 2.0, 3.0]);
/// let other = checkpoint.select(&[Expected::needed("conv_stem.weight", [3, 1, 5, 5])]);
/// assert!(other.is_err_and(|error| error.to_string().contains("conv_stem.weight")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Checkpoint {
    file: String,
    format: Format,
    tensors: BTreeMap<String, Entry>,
    keras: Option<KerasModel>,
}

impl Checkpoint {
    /// Opens a checkpoint file and reads its table of contents. The file must not change while the
    /// checkpoint is in use.
    ///
    /// # Errors
    /// If the file cannot be read, is in a format that is not supported, truncated or corrupt, or holds
    /// no tensors.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, CheckpointError> {
        let path = path.as_ref();
        let file = path.display().to_string();
        match Source::open(path) {
            Ok(source) => Self::from_source(&source, file),
            Err(source) => Err(CheckpointError::Read { file, source }),
        }
    }

    /// Takes the bytes of a checkpoint file, such as `include_bytes!` gives, without copying them.
    /// `name` stands for the file in messages.
    ///
    /// ```
    /// # use safetensors::{Dtype, serialize, tensor::TensorView};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let values = [1.0_f32, 2.0, 3.0].map(f32::to_le_bytes).concat();
    /// # let tensor = TensorView::new(Dtype::F32, vec![3, 1, 1, 1], &values)?;
    /// # let bytes = serialize([("conv_stem.weight", tensor)], None)?;
    /// use efficientnet_checkpoint::Checkpoint;
    ///
    /// let checkpoint = Checkpoint::from_bytes(bytes, "model.safetensors")?;
    /// assert!(checkpoint.names().eq(["conv_stem.weight"]));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the bytes are in a format that is not supported, truncated or corrupt, or hold no tensors.
    pub fn from_bytes(
        bytes: impl Into<Cow<'static, [u8]>>,
        name: impl Into<String>,
    ) -> Result<Self, CheckpointError> {
        Self::from_source(&Source::from(bytes.into()), name.into())
    }

    fn from_source(source: &Source, file: String) -> Result<Self, CheckpointError> {
        match formats::read(source) {
            Ok(Contents {
                format,
                tensors,
                keras,
            }) => Ok(Self {
                file,
                format,
                tensors,
                keras,
            }),
            Err(Refusal::Io(source)) => Err(CheckpointError::Read { file, source }),
            Err(Refusal::Unsupported(found)) => Err(CheckpointError::Unsupported { file, found }),
            Err(Refusal::Corrupt(format, reason)) => Err(CheckpointError::Corrupt {
                file,
                format,
                reason,
            }),
        }
    }

    /// The format of the file.
    pub fn format(&self) -> Format {
        self.format
    }

    /// What the file says of the Keras network around its weights; `None` in files of weights alone.
    pub fn keras_model(&self) -> Option<&KerasModel> {
        self.keras.as_ref()
    }

    /// The file's name, as messages give it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// All tensors' names, sorted.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// All tensors, sorted by name.
    pub fn tensors(&self) -> impl ExactSizeIterator<Item = TensorView<'_>> {
        self.tensors
            .iter()
            .map(|(name, entry)| self.view(name, entry))
    }

    /// The tensor of this name.
    pub fn tensor(&self, name: &str) -> Option<TensorView<'_>> {
        self.tensors
            .get_key_value(name)
            .map(|(name, entry)| self.view(name, entry))
    }

    /// The values of a tensor that has to be there, in C order.
    ///
    /// # Errors
    /// If there is no such tensor, or if it holds neither floats nor bytes.
    pub fn read(&self, name: &str) -> Result<Vec<f32>, CheckpointError> {
        match self.tensor(name) {
            Some(tensor) => tensor.to_f32(),
            None => Err(CheckpointError::Missing {
                file: self.file.clone(),
                tensor: name.to_owned(),
            }),
        }
    }

    fn view<'a>(&'a self, name: &'a str, entry: &'a Entry) -> TensorView<'a> {
        TensorView {
            file: &self.file,
            name,
            entry,
        }
    }
}

impl fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoint")
            .field("file", &self.file)
            .field("format", &self.format)
            .field("tensors", &self.tensors.len())
            .finish()
    }
}

#[cfg(test)]
mod tests;
