//! Packed files: weights as the kernels read them, mapped into memory instead of loaded.
//!
//! The header says for what the weights are packed; a file for anything else is refused, never
//! misread.

mod header;
#[cfg(all(test, feature = "synthetic"))]
mod tests;

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

pub use header::PackedHeader;

use super::{Layer, LoadOptions, Network, Packed, Values, Weights};
use crate::hash::fnv1a64;
use crate::kernels::{Isa, LAYOUT_VERSION, MappedFile, Precision};

/// Bytes that each layer's floats begin at a multiple of: a cache line.
const ALIGNMENT: usize = 64;

/// Why a packed file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackedError {
    /// The file cannot be read.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// The file is truncated or damaged.
    #[error("{file}: damaged packed weights: {reason}; pack them again")]
    Corrupt {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// The file is for another model, processor or version of this crate.
    #[error(
        "{file}: its weights are packed for {what} {found}, expected {expected}; pack them again"
    )]
    Other {
        /// The file.
        file: String,
        /// What differs.
        what: &'static str,
        /// As the file has it.
        found: String,
        /// As it has to be.
        expected: String,
    },
    /// What was decided when the weights were packed cannot be chosen anymore.
    #[error("{file}: its weights are packed, their {option} folded in; leave the option out")]
    Chosen {
        /// The file.
        file: String,
        /// What was to be chosen.
        option: &'static str,
    },
}

/// A packed file, mapped into memory.
#[derive(Clone, Debug)]
pub struct PackedFile {
    name: String,
    header: PackedHeader,
    file: Arc<MappedFile>,
    /// Where each layer's floats lie, in bytes.
    layers: Vec<Range<usize>>,
}

impl PackedFile {
    /// Whether a file begins like a packed one.
    ///
    /// # Errors
    /// What the system says.
    pub fn detect(path: impl AsRef<Path>) -> io::Result<bool> {
        let file = File::open(path)?;
        // A pipe's beginning can be read only once.
        if !file.metadata()?.is_file() {
            return Ok(false);
        }
        let mut beginning = Vec::with_capacity(header::MAGIC.len());
        file.take(header::MAGIC.len() as u64)
            .read_to_end(&mut beginning)?;
        Ok(beginning == header::MAGIC)
    }

    /// Maps a file and reads its header. It must not change while the weights are in use, other than
    /// by being replaced.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged or of another version.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, PackedError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let file = match MappedFile::open(path) {
            Ok(file) => file,
            Err(source) => return Err(PackedError::Read { file: name, source }),
        };
        let corrupt = |reason| PackedError::Corrupt {
            file: name.clone(),
            reason,
        };
        let (header, end) = PackedHeader::decode(file.bytes()).map_err(corrupt)?;
        expect(&name, "panel layout", header.layout, LAYOUT_VERSION)?;
        let (layers, end) = header.ranges(end);
        if end != file.bytes().len() {
            let found = file.bytes().len();
            return Err(corrupt(format!(
                "its header describes {end} bytes, found {found}"
            )));
        }
        Ok(Self {
            name,
            header,
            file: Arc::new(file),
            layers,
        })
    }

    /// What the file says of itself.
    pub fn header(&self) -> &PackedHeader {
        &self.header
    }

    /// The weights.
    ///
    /// # Errors
    /// If they were packed for other layers, another padding, epsilon or instruction set, or if the
    /// options choose how a Keras network's input is rescaled, which is folded in.
    pub fn weights(
        &self,
        network: &Network<'_>,
        options: &LoadOptions,
        isa: Isa,
    ) -> Result<Weights, PackedError> {
        let (name, header) = (&self.name, &self.header);
        let precision = network.precision().name();
        expect(name, "precision", &header.precision[..], precision)?;
        expect(name, "classes", header.classes, network.classes())?;
        expect(
            name,
            "input channels",
            header.in_channels,
            network.in_channels(),
        )?;
        if header.layers != layers_hash(network.layers) || network.layers.len() != self.layers.len()
        {
            let found = if header.model == network.name {
                format!("{} of another spec or with other outputs", header.model)
            } else {
                header.model.clone()
            };
            return Err(PackedError::Other {
                file: name.clone(),
                what: "model",
                found,
                expected: network.name.to_owned(),
            });
        }
        expect(name, "padding", &header.padding[..], network.padding.name())?;
        expect(name, "instruction set", &header.isa[..], &isa.to_string())?;
        let epsilon = options.batch_norm_epsilon.or(network.batch_norm_epsilon);
        let epsilon = epsilon.unwrap_or(header.epsilon);
        expect(name, "batch-norm epsilon", header.epsilon, epsilon)?;
        if options.keras_rescaling.is_some() {
            return Err(PackedError::Chosen {
                file: name.clone(),
                option: "rescaling of the input",
            });
        }
        let mut layers = Vec::with_capacity(self.layers.len());
        for (index, (layer, range)) in network.layers.iter().zip(&self.layers).enumerate() {
            let values = Values::mapped(&self.file, range.clone(), layer.packed_len(isa));
            let values = values.ok_or_else(|| PackedError::Corrupt {
                file: name.clone(),
                reason: format!("layer {index} has another length than its shape"),
            })?;
            layers.push(Packed {
                isa,
                precision: layer.precision(),
                values,
            });
        }
        Ok(Weights {
            isa,
            epsilon,
            layers,
        })
    }
}

/// An error unless the file has what it has to.
fn expect<T: PartialEq + ToString>(
    file: &str,
    what: &'static str,
    found: T,
    expected: T,
) -> Result<(), PackedError> {
    if found == expected {
        return Ok(());
    }
    Err(PackedError::Other {
        file: file.to_owned(),
        what,
        found: found.to_string(),
        expected: expected.to_string(),
    })
}

/// Writes the weights of a network as a file that [`PackedFile::open`] maps.
///
/// ```
/// # use safetensors::{Dtype, serialize, tensor::TensorView};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let values = vec![0; 4 * 8 * 16];
/// # let weight = TensorView::new(Dtype::F32, vec![8, 16, 1, 1], &values)?;
/// # let bytes = serialize([("conv_head.weight", weight)], None)?;
/// # let checkpoint = efficientnet_runtime::checkpoint::Checkpoint::from_bytes(bytes, "head")?;
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("head.packed");
/// use efficientnet_runtime::Padding;
/// use efficientnet_runtime::weights::{
///     Affine, Layer, LoadOptions, Network, PackedFile, Weights, write_packed,
/// };
///
/// // A model's own is `Model::network()`.
/// let network = Network {
///     name: "head",
///     layers: &[Layer::pointwise("conv_head", Affine::None, 16, 8)],
///     unused: &[],
///     padding: Padding::Symmetric,
///     batch_norm_epsilon: None,
/// };
/// let options = LoadOptions::default();
/// let weights = Weights::pack(&network, &checkpoint, &options)?;
/// write_packed(&path, &network, &weights)?;
///
/// let mapped = Weights::load(&network, &path, &options)?;
/// assert_eq!(mapped[0].values(), weights[0].values());
/// assert_eq!(PackedFile::open(&path)?.header().model, "head");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If the system refuses; nothing is then left under the file's name.
///
/// # Panics
/// If the weights are another network's.
#[cfg(feature = "files")]
pub fn write_packed(
    path: impl AsRef<Path>,
    network: &Network<'_>,
    weights: &Weights,
) -> Result<(), crate::files::WriteError> {
    assert_eq!(
        network.layers.len(),
        weights.layers.len(),
        "number of layers"
    );
    let lengths = weights.layers.iter().map(|layer| layer.values().len());
    let header = PackedHeader {
        model: network.name.to_owned(),
        isa: weights.isa.to_string(),
        precision: network.precision().name().to_owned(),
        padding: network.padding.name().to_owned(),
        layers: layers_hash(network.layers),
        layout: LAYOUT_VERSION,
        epsilon: weights.epsilon,
        classes: network.classes(),
        in_channels: network.in_channels(),
        lengths: lengths.map(|length| length as u64).collect(),
    };
    crate::files::write_atomically(path, |writer| {
        let mut written = header.encode();
        for layer in &weights.layers {
            written.resize(written.len().next_multiple_of(ALIGNMENT), 0);
            writer.write_all(&written)?;
            written.clear();
            for value in layer.values() {
                written.extend(value.to_le_bytes());
            }
        }
        writer.write_all(&written)
    })
}

/// Hash (FNV-1a) of all layers' tensors by name and shape: everything of a spec that packed weights
/// depend on.
fn layers_hash(layers: &[Layer<'_>]) -> u64 {
    let mut bytes = Vec::new();
    for layer in layers {
        bytes.push(layer.kind());
        // A layer of f32 has the hash that it had before there were others.
        if layer.precision() == Precision::Bf16 {
            bytes.extend(Precision::Bf16.name().bytes());
        }
        for (name, shape) in layer.tensors() {
            bytes.extend(name.bytes());
            for extent in shape {
                bytes.extend((extent as u64).to_le_bytes());
            }
        }
    }
    fnv1a64(bytes)
}
