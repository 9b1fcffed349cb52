//! File formats, told apart by their first bytes.

/// A file format that holds tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Safetensors,
    Zip,
    Pickle,
    Hdf5,
    Npy,
}

/// First bytes: zip's local file header, pickle's protocol 2 and above, HDF5's and NumPy's signatures.
const SIGNATURES: [(&[u8], Format); 4] = [
    (b"PK\x03\x04", Format::Zip),
    (b"\x80", Format::Pickle),
    (b"\x89HDF\r\n\x1a\n", Format::Hdf5),
    (b"\x93NUMPY", Format::Npy),
];

impl Format {
    /// A file without a known signature counts as safetensors, which has none: it begins with the
    /// length of its header, in front of the header's brace.
    pub(super) fn detect(bytes: &[u8]) -> Self {
        if bytes.get(8) == Some(&b'{') {
            return Format::Safetensors;
        }
        SIGNATURES
            .iter()
            .find(|(signature, _)| bytes.starts_with(signature))
            .map_or(Format::Safetensors, |&(_, format)| format)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Format::Safetensors => "safetensors",
            Format::Zip => "a zip archive (.pth of PyTorch, .npz or .keras)",
            Format::Pickle => "a pickle (.pth of old PyTorch)",
            Format::Hdf5 => "HDF5 (.h5 of Keras)",
            Format::Npy => "a NumPy array (.npy)",
        }
    }
}
