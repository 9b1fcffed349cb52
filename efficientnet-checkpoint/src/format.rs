//! File formats, told apart by their contents.

use std::fmt;
use std::io;

use super::formats::safetensors;
use super::source::Source;

/// A file format that holds tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// `.safetensors`.
    Safetensors,
    /// `.pth`, `.pt` or `.bin` as `torch.save` writes them: a pickle and storages.
    PyTorch,
    /// `.npz`: a zip archive of NumPy's arrays.
    Npz,
    /// `.h5` as Keras writes whole models and weights: HDF5.
    Hdf5,
    /// `.keras`: a zip archive of a model's configuration and weights.
    Keras,
}

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Safetensors,
    Zip,
    Pickle,
    Hdf5,
    Npy,
}

/// First bytes: zip's local file header and, where there are no files, end of the table of contents;
/// pickle's protocol 2 and above; HDF5's and NumPy's signatures.
const SIGNATURES: [(&[u8], Container); 5] = [
    (b"PK\x03\x04", Container::Zip),
    (b"PK\x05\x06", Container::Zip),
    (b"\x80", Container::Pickle),
    (b"\x89HDF\r\n\x1a\n", Container::Hdf5),
    (b"\x93NUMPY", Container::Npy),
];

/// Bytes that are looked at: more than any signature.
const BEGINNING: u64 = 9;

impl Container {
    /// The container of a file; `None` if it has no known signature. Safetensors has none: it begins
    /// with the length of its header, in front of the header's brace.
    pub(crate) fn detect(source: &Source) -> io::Result<Option<Self>> {
        let bytes = source.read(0..source.len().min(BEGINNING))?;
        if bytes.get(8) == Some(&b'{') {
            return Ok(Some(Container::Safetensors));
        }
        let mut signatures = SIGNATURES.iter();
        let known = signatures.find(|(signature, _)| bytes.starts_with(signature));
        let cut = || safetensors::is_header_length(&bytes).then_some(Container::Safetensors);
        Ok(known.map(|&(_, container)| container).or_else(cut))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Safetensors => "safetensors",
            Format::PyTorch => "PyTorch",
            Format::Npz => "NumPy archive",
            Format::Hdf5 => "Keras HDF5",
            Format::Keras => "Keras archive",
        })
    }
}
