//! Deterministic weights and images, the same in every language, without any file: what references are
//! computed on.
//!
//! Value i of a tensor is drawn from splitmix64 (Steele, Lea and Flood, 2014) at counter i of a
//! stream named after the tensor, so that Python can compute the same network and compare results.
//! The range follows from the tensor's name and shape in timm's naming: activations neither vanish
//! nor explode through the depth of B7.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use safetensors::tensor::View;
use safetensors::{Dtype, serialize};

use crate::checkpoint::{Checkpoint, CheckpointError, Format};
use crate::files::{WriteError, write_atomically};

/// splitmix64's increment: the odd number nearest to 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// FNV-1a hash of a text's UTF-8 bytes (Fowler, Noll and Vo).
pub fn fnv1a64(text: &str) -> u64 {
    crate::hash::fnv1a64(text.bytes())
}

/// `count` values in [0, 1), multiples of 2^-24, of the stream `name`.
pub fn uniform(name: &str, count: usize, salt: u64) -> impl Iterator<Item = f64> + use<> {
    let seed = fnv1a64(name) ^ salt.wrapping_mul(GOLDEN);
    (1..=count as u64).map(move |counter| {
        let mut z = seed.wrapping_add(counter.wrapping_mul(GOLDEN));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        (z >> 40) as f64 / f64::from(1u32 << 24)
    })
}

/// Lowest and highest value of a tensor.
pub fn limits(name: &str, shape: &[usize]) -> (f64, f64) {
    match name.rsplit('.').next() {
        Some("running_mean" | "bias") => (-0.1, 0.1),
        Some("running_var") => (0.5, 1.5),
        // A batch norm's scale.
        _ if shape.len() == 1 && closes_residual(name) => (0.1, 0.3),
        _ if shape.len() == 1 => (0.9, 1.5),
        _ => {
            let fan_in: usize = shape.iter().skip(1).product();
            let gain = match shape.len() {
                4 if adds_undamped(name) => 0.5,
                4 => 5.2,
                _ => 3.0,
            };
            let limit = (gain / fan_in as f64).sqrt();
            (-limit, limit)
        }
    }
}

/// Whether this is the last batch norm of a block that adds its input: small, so that dozens of
/// blocks do not explode.
fn closes_residual(name: &str) -> bool {
    let parts: Vec<&str> = name.split('.').collect();
    match parts[..] {
        ["blocks", _, "0", ..] => false,
        ["blocks", "0", _, norm, ..] => norm == "bn2",
        ["blocks", _, _, norm, ..] => norm == "bn3",
        _ => false,
    }
}

/// Whether this is the convolution of a fused or plain block: no small scale closes what these add to
/// their input, so the convolution itself is small.
fn adds_undamped(name: &str) -> bool {
    let parts: Vec<&str> = name.split('.').collect();
    matches!(parts[..], ["blocks", _, _, "conv_exp" | "conv", "weight"])
}

/// The values of a tensor, in C order of its PyTorch layout.
pub fn tensor(name: &str, shape: &[usize], salt: u64) -> Vec<f32> {
    let (low, high) = limits(name, shape);
    let count = shape.iter().product();
    uniform(name, count, salt)
        .map(|u| (low + (high - low) * u) as f32)
        .collect()
}

/// An image `[channels, height, width]` (NCHW) in about [-2, 2]: noise on a slow wave, so that
/// padding and position matter.
pub fn image(seed: u64, height: usize, width: usize, channels: usize) -> Vec<f32> {
    let noise = uniform(&format!("image{seed}"), channels * height * width, 0);
    let waves = (1 + seed % 3) as f64;
    let phase = |index: usize| {
        let (c, y, x) = (
            index / (height * width),
            index / width % height,
            index % width,
        );
        let (y, x) = (y as f64 / height as f64, x as f64 / width as f64);
        waves * y + 2.0 * x + c as f64 / 3.0
    };
    noise
        .enumerate()
        .map(|(index, u)| {
            let wave = (std::f64::consts::TAU * phase(index)).sin();
            (wave + (2.0 * u - 1.0)) as f32
        })
        .collect()
}

/// A checkpoint of tensors given by timm's names and PyTorch shapes.
///
/// ```
/// use efficientnet_runtime::synthetic;
///
/// let tensors = [("conv_stem.weight".to_owned(), vec![32, 3, 3, 3])];
/// let checkpoint = synthetic::checkpoint(&tensors, 0)?;
/// let values = checkpoint.read("conv_stem.weight")?;
/// assert_eq!(values, synthetic::tensor("conv_stem.weight", &[32, 3, 3, 3], 0));
/// # Ok::<(), efficientnet_runtime::checkpoint::CheckpointError>(())
/// ```
///
/// # Errors
/// If the tensors are too many or too large for the format.
pub fn checkpoint(
    tensors: &[(String, Vec<usize>)],
    salt: u64,
) -> Result<Checkpoint, CheckpointError> {
    let file = format!("synthetic checkpoint with salt {salt}");
    match safetensors_bytes(tensors, salt) {
        Ok(bytes) => Checkpoint::from_bytes(bytes, file),
        Err(reason) => Err(CheckpointError::Corrupt {
            file,
            format: Format::Safetensors,
            reason,
        }),
    }
}

/// Writes the same checkpoint as a float32 `.safetensors` file.
///
/// # Errors
/// If the system refuses, or if the tensors are too many or too large for the format.
pub fn write_safetensors(
    path: impl AsRef<Path>,
    tensors: &[(String, Vec<usize>)],
    salt: u64,
) -> Result<(), WriteError> {
    write_atomically(path, |writer| {
        writer.write_all(&safetensors_bytes(tensors, salt).map_err(io::Error::other)?)
    })
}

fn safetensors_bytes(tensors: &[(String, Vec<usize>)], salt: u64) -> Result<Vec<u8>, String> {
    let views = tensors
        .iter()
        .map(|(name, shape)| (name, Synthetic { name, shape, salt }));
    serialize(views, None).map_err(|error| error.to_string())
}

/// A tensor that is computed when it is written.
struct Synthetic<'a> {
    name: &'a str,
    shape: &'a [usize],
    salt: u64,
}

impl View for Synthetic<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let values = tensor(self.name, self.shape, self.salt);
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect()
    }

    fn data_len(&self) -> usize {
        self.shape.iter().product::<usize>() * size_of::<f32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, shape, salt, bits of the first values and of the last.
    type Case = (&'static str, &'static [usize], u64, &'static [u32], u32);

    /// As the recipe in Python (NumPy 2.4) computes them.
    #[test]
    fn tensors_are_those_of_python() {
        let cases: [Case; 11] = [
            (
                "conv_stem.weight",
                &[2, 3, 3, 3],
                0,
                &[0xbcdb3bb0, 0xbd7755fb, 0xbe5c79aa, 0xbecbcc23],
                0x3e1860ea,
            ),
            (
                "classifier.weight",
                &[2, 5],
                3,
                &[0xbeea2c21, 0xbeb5c96b, 0xbe939fa4, 0x3e8fa94e],
                0x3ec00289,
            ),
            (
                "bn1.running_var",
                &[3],
                1,
                &[0x3fad46e4, 0x3f5ec707],
                0x3fbc0ac6,
            ),
            (
                "blocks.1.1.conv_exp.weight",
                &[2, 3, 3, 3],
                0,
                &[0xbd888192, 0x3d5e1097],
                0x3da0fb13,
            ),
            (
                "blocks.0.0.conv.weight",
                &[2, 3, 1, 1],
                0,
                &[0x3ed0e6c7, 0x3dc6a2f3],
                0x3e83778e,
            ),
            ("bn1.running_mean", &[2], 0, &[0x3d400fb6], 0x3ca4da86),
            ("bn1.bias", &[2], 0, &[0xbd8644b8], 0xbdbc5a4a),
            ("bn1.weight", &[2], 0, &[0x3f8edd19], 0x3fb283be),
            ("blocks.1.1.bn3.weight", &[2], 0, &[0x3e6961d7], 0x3e70626e),
            ("blocks.0.1.bn2.weight", &[2], 0, &[0x3e61aaae], 0x3e877a13),
            ("blocks.1.0.bn3.weight", &[2], 0, &[0x3f6d0846], 0x3f96e46a),
        ];
        for (name, shape, salt, first, last) in cases {
            let bits: Vec<u32> = tensor(name, shape, salt)
                .iter()
                .map(|x| x.to_bits())
                .collect();
            assert_eq!(&bits[..first.len()], first, "{name}");
            assert_eq!(bits.last(), Some(&last), "{name}");
        }
    }

    #[test]
    fn hashes_and_uniform_values_are_those_of_python() {
        assert_eq!(fnv1a64(""), 0xcbf29ce484222325);
        assert_eq!(fnv1a64("conv_stem.weight"), 0x4f2714ee7941f359);
        let plain: Vec<f64> = uniform("conv_stem.weight", 2, 0).collect();
        assert_eq!(plain, [0.4695093631744385, 0.4312017560005188]);
        let salted: Vec<f64> = uniform("conv_stem.weight", 2, 7).collect();
        assert_eq!(salted, [0.45589011907577515, 0.21979814767837524]);
    }

    /// The sine may differ in its last place, so not bit for bit.
    #[test]
    fn images_are_those_of_python() {
        let values = image(3, 4, 5, 3);
        assert_eq!(values.len(), 60);
        let expected = [
            (0, -0.15207672119140625),
            (1, 0.6012998819351196),
            (2, -1.711686372756958),
            (58, 0.07712395489215851),
            (59, 0.20779302716255188),
        ];
        for (index, value) in expected {
            let found = f64::from(values[index]);
            assert!(
                (found - value).abs() < 1e-6,
                "{index}: {found} is not {value}"
            );
        }
    }

    #[test]
    fn a_checkpoint_and_its_file_hold_the_same_tensors() {
        let tensors = [
            ("conv_stem.weight".to_owned(), vec![2, 3, 3, 3]),
            ("bn1.bias".to_owned(), vec![2]),
        ];
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.safetensors");
        write_safetensors(&path, &tensors, 5).unwrap();
        let (read, made) = (
            Checkpoint::open(&path).unwrap(),
            checkpoint(&tensors, 5).unwrap(),
        );
        let expected = tensors
            .clone()
            .map(|(name, shape)| crate::checkpoint::Expected::needed(name, shape));
        read.select(&expected).unwrap();
        for (name, shape) in &tensors {
            assert_eq!(read.read(name).unwrap(), tensor(name, shape, 5));
            assert_eq!(made.read(name).unwrap(), tensor(name, shape, 5));
        }
    }
}
