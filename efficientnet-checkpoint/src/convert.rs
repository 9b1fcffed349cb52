//! Writing a checkpoint in another format, without losing anything.

mod npz;
mod safetensors;

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::files::{WriteError, is_same_file, write_atomically};
use crate::{Checkpoint, CheckpointError, TensorView};

/// A format that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Safetensors,
    Npz,
}

/// Extensions of the formats that are written.
const TARGETS: [(&str, Target); 2] = [("safetensors", Target::Safetensors), ("npz", Target::Npz)];

/// Why a checkpoint cannot be written as a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The file's name does not say a format.
    #[error("{}: expected a name that ends in .safetensors or .npz", path.display())]
    Extension {
        /// The file.
        path: PathBuf,
    },
    /// The file is the one that the checkpoint is read from.
    #[error("{}: it is the checkpoint itself; give another name", path.display())]
    SameFile {
        /// The file.
        path: PathBuf,
    },
    /// The format cannot hold what the checkpoint holds.
    #[error("{}: {what}, which .npz cannot hold; write .safetensors", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What would be lost.
        what: String,
    },
    /// The checkpoint cannot be read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Checkpoint {
    /// Writes all tensors, with names, element types and bits as they are, in the format that the
    /// file's extension says: `.safetensors` or `.npz`. What the file says of the Keras network around
    /// the weights is kept as metadata of `.safetensors`; `.npz` can hold no such thing, and is refused
    /// where the weights alone would be loaded with another meaning.
    ///
    /// ```
    /// # use safetensors::{Dtype, serialize, tensor::TensorView};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let values = [1.0_f32, 2.0, 3.0].map(f32::to_le_bytes).concat();
    /// # let tensor = TensorView::new(Dtype::F32, vec![3, 1, 1, 1], &values)?;
    /// # let bytes = serialize([("conv_stem.weight", tensor)], None)?;
    /// use efficientnet_checkpoint::{Checkpoint, Format};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("model.npz");
    /// let checkpoint = Checkpoint::from_bytes(bytes, "model.safetensors")?;
    /// checkpoint.write(&path)?;
    /// let converted = Checkpoint::open(&path)?;
    /// assert_eq!(converted.format(), Format::Npz);
    /// assert_eq!(converted.read("conv_stem.weight")?, [1.0, 2.0, 3.0]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the extension is another, the file is the checkpoint's own or cannot hold it, or the system
    /// refuses; what was under the file's name is then as it was.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), ConvertError> {
        let path = path.as_ref();
        let extension = path.extension().and_then(OsStr::to_str);
        let target = TARGETS
            .iter()
            .find(|(name, _)| extension.is_some_and(|found| found.eq_ignore_ascii_case(name)));
        let Some(&(_, target)) = target else {
            let path = path.to_owned();
            return Err(ConvertError::Extension { path });
        };
        if is_same_file(Path::new(&self.file), path) {
            let path = path.to_owned();
            return Err(ConvertError::SameFile { path });
        }
        match target {
            Target::Safetensors => {
                let (header, tensors) = safetensors::header(self)?;
                self.write_parts(path, |out, bytes| {
                    out.write_all(&header)?;
                    tensors
                        .iter()
                        .try_for_each(|tensor| out.write_all(&bytes(tensor)?))
                })
            }
            Target::Npz => match npz::loss(self)? {
                Some(what) => Err(ConvertError::Unsupported {
                    path: path.to_owned(),
                    what,
                }),
                None => self.write_parts(path, |out, bytes| npz::write(self, out, bytes)),
            },
        }
    }

    /// Writes a file of tensors' bytes; what reading these fails with is no failure of writing.
    fn write_parts(
        &self,
        path: &Path,
        write: impl FnOnce(&mut dyn Write, &mut ReadBytes<'_>) -> io::Result<()>,
    ) -> Result<(), ConvertError> {
        let mut unreadable = None;
        let mut bytes = |tensor: &TensorView<'_>| match tensor.bytes() {
            Ok(bytes) => Ok(bytes.into_owned()),
            Err(error) => {
                unreadable = Some(error);
                Err(io::Error::other("the checkpoint cannot be read"))
            }
        };
        let result = write_atomically(path, |out| write(out, &mut bytes));
        match unreadable {
            Some(error) => Err(error.into()),
            None => Ok(result?),
        }
    }
}

/// Reads a tensor's bytes.
type ReadBytes<'a> = dyn FnMut(&TensorView<'_>) -> io::Result<Vec<u8>> + 'a;
