//! Files that PyTorch and NumPy wrote (`data`, and `tests/frameworks` of the workspace), whole and
//! damaged.

use std::path::PathBuf;

use efficientnet_checkpoint::{Checkpoint, Dtype, Format};
use half::f16;
use proptest::prelude::*;

/// The same odd tensors as each writer lays them out.
const ODD: [(&str, Format); 5] = [
    ("odd.pth", Format::PyTorch),
    ("odd.protocol5.pth", Format::PyTorch),
    ("odd.legacy.pth", Format::PyTorch),
    ("odd.npz", Format::Npz),
    ("odd.big_endian.npz", Format::Npz),
];

fn data(file: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data")).join(file)
}

/// A file of `tests/frameworks`.
fn framework(file: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/frameworks")).join(file)
}

fn open(path: PathBuf) -> Checkpoint {
    Checkpoint::open(path).unwrap_or_else(|error| panic!("{error}"))
}

fn assert_same(found: &Checkpoint, expected: &Checkpoint) {
    let names =
        |checkpoint: &Checkpoint| -> Vec<_> { checkpoint.names().map(str::to_owned).collect() };
    assert_eq!(names(found), names(expected), "{}", found.file());
    for (found, expected) in found.tensors().zip(expected.tensors()) {
        let name = found.name();
        assert_eq!(found.dtype(), expected.dtype(), "{name}");
        assert_eq!(found.shape(), expected.shape(), "{name}");
        assert!(
            found.bytes().unwrap() == expected.bytes().unwrap(),
            "{name}"
        );
    }
}

#[test]
fn every_writer_means_the_same() {
    let expected = open(data("odd.safetensors"));
    for (file, format) in ODD {
        let found = open(data(file));
        assert_eq!(found.format(), format, "{file}");
        assert_same(&found, &expected);
        let bytes = std::fs::read(data(file)).unwrap();
        assert_same(&Checkpoint::from_bytes(bytes, file).unwrap(), &expected);
    }
}

/// Files of one network each; the first is read by other means, or the plainest.
#[test]
fn layouts_of_one_network_are_the_same() {
    for files in [
        &["timm.safetensors", "timm.views.pth"][..],
        &["timm_tf.pth", "timm_tf.timm_training.pth"],
        &[
            "torchvision.torchvision_training.pth",
            "torchvision.channels_last.pth",
        ],
        &[
            "lukemelas.module.pth",
            "lukemelas.legacy.pth",
            "lukemelas.parameters.pth",
        ],
        &["transformers.safetensors", "transformers.compressed.npz"],
    ] {
        let expected = open(framework("tiny").join(files[0]));
        assert_eq!(expected.names().len(), 118);
        for file in &files[1..] {
            assert_same(&open(framework("tiny").join(file)), &expected);
        }
    }
}

#[test]
fn half_precision_is_rounded_from_single() {
    for (half, single) in [
        ("timm_tf.f16.npz", "timm_tf.pth"),
        ("torchvision.f16.pth", "torchvision.channels_last.pth"),
    ] {
        let half = open(framework("tiny").join(half));
        let single = open(framework("tiny").join(single));
        let floats = half.tensors().filter(|tensor| tensor.dtype() == Dtype::F16);
        let mut count = 0;
        for tensor in floats {
            let rounded: Vec<_> = single
                .read(tensor.name())
                .unwrap()
                .into_iter()
                .map(|value| f16::from_f32(value).to_f32())
                .collect();
            assert!(tensor.to_f32().unwrap() == rounded, "{}", tensor.name());
            count += 1;
        }
        assert!(count > 100);
    }
}

#[test]
fn files_that_no_one_should_load_are_refused() {
    for (file, reason) in [
        ("code.pth", "its pickle names `posix.system`"),
        ("code.legacy.pth", "its pickle names `posix.system`"),
        (
            "module.pth",
            "an object of `torch.nn.modules.linear.Linear`, expected a state dict",
        ),
        ("truncated.timm_tf.pth", "found a zip archive, truncated"),
        (
            "truncated.timm_tf.f16.npz",
            "found a zip archive, truncated",
        ),
    ] {
        let error = Checkpoint::open(framework("hostile").join(file)).unwrap_err();
        let message = error.to_string();
        assert!(message.contains(reason), "{message} does not say {reason}");
    }
}

/// Whether a file is refused, or what is read of it is no more than it can hold.
fn is_harmless(bytes: &[u8]) -> bool {
    let Ok(checkpoint) = Checkpoint::from_bytes(bytes.to_vec(), "damaged") else {
        return true;
    };
    checkpoint.tensors().all(|tensor| match tensor.bytes() {
        Ok(values) => values.len() <= (16 << 20).max(64 * bytes.len()),
        Err(_) => true,
    })
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    for (file, _) in ODD {
        let whole = std::fs::read(data(file)).unwrap();
        for length in 0..whole.len() {
            let cut = Checkpoint::from_bytes(whole[..length].to_vec(), "cut");
            assert!(cut.is_err(), "{file}: {length} bytes");
        }
    }
}

proptest! {
    #[test]
    fn damaged_files_do_no_harm(
        file in prop::sample::select(ODD.map(|(file, _)| file).to_vec()),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = std::fs::read(data(file)).unwrap();
        for (index, value) in edits {
            let index = index.index(bytes.len());
            bytes[index] = value;
        }
        prop_assert!(is_harmless(&bytes));
    }

    /// Bytes moved, repeated or removed.
    #[test]
    fn spliced_files_do_no_harm(
        file in prop::sample::select(ODD.map(|(file, _)| file).to_vec()),
        [from, to, end] in any::<[prop::sample::Index; 3]>(),
    ) {
        let bytes = std::fs::read(data(file)).unwrap();
        let [from, to, end] = [from, to, end].map(|index| index.index(bytes.len()));
        prop_assert!(is_harmless(&[&bytes[..from], &bytes[to..], &bytes[end..]].concat()));
    }
}
