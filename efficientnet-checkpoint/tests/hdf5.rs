//! HDF5 that h5py and Keras wrote (`data/hdf5`, and `tests/frameworks` of the workspace), whole and
//! damaged.

use std::path::PathBuf;

use efficientnet_checkpoint::{Checkpoint, Dtype, Format, InputLayer};
use proptest::prelude::*;

/// The same arrays as old and new versions of the format lay them out.
const NUMBERS: [&str; 2] = ["numbers.h5", "numbers.v108.h5"];

fn data(file: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/hdf5")).join(file)
}

/// A file of `tests/frameworks`.
fn framework(file: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/frameworks")).join(file)
}

fn open(path: PathBuf) -> Checkpoint {
    Checkpoint::open(path).unwrap_or_else(|error| panic!("{error}"))
}

fn keras(kind: &str) -> Checkpoint {
    open(framework("tiny").join(format!("keras_{kind}")))
}

/// Dtype, shape and bytes of all tensors by name.
fn tensors(checkpoint: &Checkpoint) -> Vec<(String, Dtype, Vec<usize>, Vec<u8>)> {
    let tensor = |tensor: efficientnet_checkpoint::TensorView<'_>| {
        let bytes = tensor.bytes().unwrap().into_owned();
        (
            tensor.name().to_owned(),
            tensor.dtype(),
            tensor.shape().to_vec(),
            bytes,
        )
    };
    checkpoint.tensors().map(tensor).collect()
}

#[test]
fn values_are_those_that_numpy_has() {
    let expected = tensors(&open(data("numbers.npz")));
    assert!(expected.len() > 20);
    for file in NUMBERS {
        let found = open(data(file));
        assert_eq!(found.format(), Format::Hdf5);
        assert!(tensors(&found) == expected, "{file}: {found:?}");
        let bytes = std::fs::read(data(file)).unwrap();
        assert!(
            tensors(&Checkpoint::from_bytes(bytes, file).unwrap()) == expected,
            "{file}"
        );
    }
}

#[test]
fn trees_of_several_nodes_are_read_in_full() {
    let many = open(data("many.h5"));
    let chunks: Vec<f32> = (0u8..90).map(f32::from).collect();
    assert_eq!(many.read("chunks").unwrap(), chunks);
    assert_eq!(many.names().len(), 301);
    for index in 0..300 {
        assert_eq!(many.read(&format!("links/{index}")).unwrap(), [7.0]);
    }
}

#[test]
fn bfloat16_is_known_in_both_forms() {
    let checkpoint = open(data("bfloat16.h5"));
    for name in ["keras", "native"] {
        assert_eq!(checkpoint.tensor(name).unwrap().dtype(), Dtype::BF16);
        assert_eq!(checkpoint.read(name).unwrap(), [1.0, -2.0]);
    }
}

/// A tensor's layer and weight, whatever the layout of the file: `conv/conv/kernel:0`.
fn plain_name(name: &str) -> String {
    let name = name
        .trim_start_matches("model_weights/")
        .trim_end_matches(":0");
    let (layer, weight) = (
        name.split('/').next().unwrap(),
        name.rsplit('/').next().unwrap(),
    );
    format!("{layer}/{}", weight.trim_start_matches("depthwise_"))
}

#[test]
fn layouts_of_one_network_hold_the_same_values() {
    let named = |file: &str| {
        let rename = |(name, dtype, shape, bytes): (String, _, _, _)| {
            (plain_name(&name), dtype, shape, bytes)
        };
        let mut tensors: Vec<_> = tensors(&keras(file)).into_iter().map(rename).collect();
        tensors.sort_by(|a, b| a.0.cmp(&b.0));
        tensors
    };
    let (model, weights) = (named("imagenet.h5"), named("imagenet.keras2_weights.h5"));
    assert_eq!(model.len(), 105);
    assert!(model == weights);

    let (archive, weights) = (keras("imagenet.keras"), keras("imagenet.weights.h5"));
    assert_eq!(archive.format(), Format::Keras);
    assert!(tensors(&archive) == tensors(&weights));

    // Names have little in common, but each tensor is there once.
    let values = |tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)>| {
        let mut values: Vec<_> = tensors
            .into_iter()
            .map(|(_, _, shape, bytes)| (shape, bytes))
            .collect();
        values.sort();
        values
    };
    assert!(values(tensors(&archive)) == values(model));
    assert!(values(tensors(&keras("adapted.keras"))) == values(tensors(&keras("adapted.npz"))));
}

/// The scale of a rescaling without an offset.
fn scale(layer: &InputLayer) -> &[f64] {
    match layer {
        InputLayer::Rescaling { scale, offset } if *offset == [0.0] => scale,
        other => panic!("{other:?}"),
    }
}

fn is_near(found: &[f64], expected: &[f64]) -> bool {
    found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|(found, expected)| (found - expected).abs() < 1e-12)
}

#[test]
fn a_whole_model_says_how_it_treats_its_input() {
    let second = [0.229f64, 0.224, 0.225].map(|std| 1.0 / std.sqrt());
    for (file, rescaled) in [
        ("plain.h5", false),
        ("adapted.keras", false),
        ("imagenet.h5", true),
        ("imagenet.keras", true),
    ] {
        let checkpoint = keras(file);
        let model = checkpoint.keras_model().unwrap();
        assert_eq!(model.batch_norm_epsilon, Some(1e-3), "{file}");
        assert!(is_near(scale(&model.input[0]), &[1.0 / 255.0]), "{file}");
        assert_eq!(model.input[1], InputLayer::Normalization, "{file}");
        let rest = &model.input[2..];
        assert_eq!(rest.len(), usize::from(rescaled), "{file}");
        assert!(
            rest.iter().all(|layer| is_near(scale(layer), &second)),
            "{file}"
        );
    }
    for file in ["plain.weights.h5", "imagenet.keras2_weights.h5"] {
        assert_eq!(keras(file).keras_model(), None, "{file}");
    }
}

#[test]
fn what_is_not_read_is_refused_by_name() {
    for (file, reason) in [
        ("circle", "`group/root/group/root"),
        (
            "dense",
            "HDF5 whose root group keeps its links in a heap; expected h5py's default",
        ),
        (
            "index",
            "HDF5 whose `x` has a newer index of chunks; expected h5py's default",
        ),
        (
            "lzf",
            "HDF5 whose `x` went through the filter lzf, expected deflate (gzip)",
        ),
        (
            "fletcher32",
            "HDF5 whose `x` went through the filter fletcher32",
        ),
        (
            "compound",
            "HDF5 whose `x` holds compound values, expected integers or floats",
        ),
        ("opaque", "HDF5 whose `x` holds opaque values of 2 bytes"),
        ("f128", "HDF5 whose `x` holds floats of 16 bytes"),
        ("virtual", "HDF5 whose `x` has its values in other datasets"),
        ("external", "HDF5 whose `x` has its values in other files"),
        (
            "bomb",
            "`x`: its 16740 bytes are said to inflate to elements of [4300, 1000]",
        ),
        (
            "missing",
            "`x`: its 1 chunks of [2] do not make up its shape [4]",
        ),
        ("empty", "found a Keras HDF5 file that holds no tensors"),
    ] {
        let message = Checkpoint::open(data(&format!("refused.{file}.h5")))
            .unwrap_err()
            .to_string();
        assert!(message.contains(reason), "{message} does not say {reason}");
        assert!(!message.contains('\n') && message.len() < 400, "{message}");
    }
}

#[test]
fn cut_files_say_so() {
    for (file, reason) in [
        (
            "truncated.keras_plain.h5",
            "truncated: it has 8192 of 304280 bytes",
        ),
        (
            "truncated.keras_adapted.keras",
            "found a zip archive, truncated",
        ),
    ] {
        let message = Checkpoint::open(framework("hostile").join(file))
            .unwrap_err()
            .to_string();
        assert!(message.contains(reason), "{message} does not say {reason}");
    }
    for file in NUMBERS {
        let whole = std::fs::read(data(file)).unwrap();
        for length in (0..100).chain((100..whole.len()).step_by(97)) {
            let cut = Checkpoint::from_bytes(whole[..length].to_vec(), "cut");
            assert!(cut.is_err(), "{file}: {length} bytes");
        }
    }
}

/// Whether a file is refused, or what is read of it is no more than it can hold.
fn is_harmless(bytes: &[u8]) -> bool {
    let Ok(checkpoint) = Checkpoint::from_bytes(bytes.to_vec(), "damaged") else {
        return true;
    };
    let limit = (16 << 20).max(64 * bytes.len());
    checkpoint.tensors().all(|tensor| match tensor.bytes() {
        Ok(values) => values.len() <= limit,
        Err(_) => true,
    })
}

proptest! {
    #[test]
    fn damaged_files_do_no_harm(
        file in prop::sample::select([&NUMBERS[..], &["many.h5", "bfloat16.h5"]].concat()),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = std::fs::read(data(file)).unwrap();
        for (index, value) in edits {
            let index = index.index(bytes.len());
            bytes[index] = value;
        }
        prop_assert!(is_harmless(&bytes));
    }

    /// Addresses, lengths and counts.
    #[test]
    fn damaged_numbers_do_no_harm(
        file in prop::sample::select([&NUMBERS[..], &["many.h5", "bfloat16.h5"]].concat()),
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![
            0..50_000u64,
            Just(u64::MAX),
            any::<u64>(),
        ], 1..=8usize), 1..4),
    ) {
        let mut bytes = std::fs::read(data(file)).unwrap();
        for (index, value, width) in edits {
            let index = index.index(bytes.len() - width);
            bytes[index..index + width].copy_from_slice(&value.to_le_bytes()[..width]);
        }
        prop_assert!(is_harmless(&bytes));
    }

    /// Bytes moved, repeated or removed.
    #[test]
    fn spliced_files_do_no_harm(
        file in prop::sample::select(NUMBERS.to_vec()),
        [from, to, end] in any::<[prop::sample::Index; 3]>(),
    ) {
        let bytes = std::fs::read(data(file)).unwrap();
        let [from, to, end] = [from, to, end].map(|index| index.index(bytes.len()));
        prop_assert!(is_harmless(&[&bytes[..from], &bytes[to..], &bytes[end..]].concat()));
    }
}
