use proptest::prelude::*;
use safetensors::Dtype as FileDtype;
use safetensors::tensor::TensorView as FileTensor;

use super::{Checkpoint, CheckpointError, Dtype};

/// A file written by the format's reference implementation.
fn file(tensors: &[(&str, FileDtype, &[usize], &[u8])]) -> Vec<u8> {
    let views: Vec<_> = tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| {
            (
                *name,
                FileTensor::new(*dtype, shape.to_vec(), bytes).unwrap(),
            )
        })
        .collect();
    safetensors::serialize(views, None).unwrap()
}

fn tiny() -> Vec<u8> {
    let floats: Vec<u8> = [1.0f32, -2.5, 0.1]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    file(&[
        ("bn1.weight", FileDtype::F32, &[3], &floats),
        // 1.0, -2.0 and the smallest subnormal in binary16; 1.0 in bfloat16.
        (
            "conv.weight",
            FileDtype::F16,
            &[1, 3],
            &[0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00],
        ),
        ("bn1.bias", FileDtype::BF16, &[1], &[0x80, 0x3f]),
        (
            "bn1.num_batches_tracked",
            FileDtype::I64,
            &[],
            &[1, 0, 0, 0, 0, 0, 0, 0],
        ),
    ])
}

fn raw(header: &str, values: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + values, 0);
    bytes
}

fn refusal(bytes: Vec<u8>) -> String {
    Checkpoint::from_bytes(bytes, "tiny.safetensors")
        .unwrap_err()
        .to_string()
}

#[test]
fn values_of_all_float_types_are_read() {
    let checkpoint = Checkpoint::from_bytes(tiny(), "tiny").unwrap();
    let names: Vec<_> = checkpoint.names().collect();
    assert_eq!(
        names,
        [
            "bn1.bias",
            "bn1.num_batches_tracked",
            "bn1.weight",
            "conv.weight"
        ]
    );
    assert_eq!(checkpoint.read("bn1.weight").unwrap(), [1.0, -2.5, 0.1]);
    assert_eq!(
        checkpoint.read("conv.weight").unwrap(),
        [1.0, -2.0, 2.0f32.powi(-24)]
    );
    assert_eq!(checkpoint.read("bn1.bias").unwrap(), [1.0]);
    let tensor = checkpoint.tensor("conv.weight").unwrap();
    assert_eq!((tensor.shape(), tensor.dtype()), (&[1, 3][..], Dtype::F16));
}

#[test]
fn embedded_bytes_are_not_copied() {
    let bytes: &'static [u8] = tiny().leak();
    let checkpoint = Checkpoint::from_bytes(bytes, "embedded").unwrap();
    let tensor = checkpoint.tensor("bn1.weight").unwrap();
    let values = tensor.bytes().unwrap();
    assert!(bytes.as_ptr_range().contains(&values.as_ptr()));
}

#[test]
fn errors_name_the_file_and_the_tensor() {
    let missing = Checkpoint::open("no/such.safetensors")
        .unwrap_err()
        .to_string();
    assert!(
        missing.starts_with("no/such.safetensors: cannot be read: "),
        "{missing}"
    );

    let checkpoint = Checkpoint::from_bytes(tiny(), "tiny.st").unwrap();
    let absent = checkpoint.read("bn2.bias").unwrap_err().to_string();
    assert_eq!(absent, "tiny.st: there is no tensor `bn2.bias`");
    let integer = checkpoint
        .read("bn1.num_batches_tracked")
        .unwrap_err()
        .to_string();
    assert_eq!(
        integer,
        "tiny.st: tensor `bn1.num_batches_tracked`: expected F32, F16 or BF16, found I64"
    );
}

#[test]
fn other_formats_are_named() {
    for (bytes, format) in [
        (&b"PK\x03\x04rest of a .pth"[..], "found a zip archive"),
        (b"\x80\x02}q\x00", "not a valid PyTorch file"),
        (b"\x89HDF\r\n\x1a\n\0\0", "not a valid Keras HDF5 file"),
        (b"\x93NUMPY\x01\0", "found a single NumPy array"),
        (b"", "found an empty file"),
        (b"abc", "found a file of no known format"),
        (
            b"<html><body>not found</body></html>",
            "found a file of no known format",
        ),
        (&[0; 64], "found a file of no known format"),
        (&[0xff; 8], "found a file of no known format"),
        (
            b"\x02\0\0\0\0\0\0\0{}",
            "found a safetensors file that holds no tensors",
        ),
    ] {
        let message = refusal(bytes.to_vec());
        assert!(message.contains(format), "{message}");
    }
}

#[test]
fn damaged_files_are_explained() {
    let huge = r#"{"a":{"dtype":"U8","shape":[2305843009213693951],"data_offsets":[0,2305843009213693951]}}"#;
    let wrapping: Vec<_> = (0..8)
        .map(|i: u64| {
            let size = (1 << 61) - 1;
            let (start, end) = (i * size, (i + 1) * size);
            format!(r#""t{i}":{{"dtype":"U8","shape":[{size}],"data_offsets":[{start},{end}]}}"#)
        })
        .collect();
    let hole = r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#;
    let size = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#;
    let overflow = r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}"#;
    let nothing = r#"{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"#;
    let twice = &format!(r#"{{"a":{nothing},"a":{nothing}}}"#);
    let mut long_header = raw("{}", 0);
    long_header[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    for (bytes, reason) in [
        (
            raw("{}", 0)[..8].to_vec(),
            "truncated or damaged: a header of 2 bytes",
        ),
        (
            raw("{}", 0)[..9].to_vec(),
            "truncated or damaged: a header of 2 bytes",
        ),
        (
            long_header,
            "truncated or damaged: a header of 18446744073709551615 bytes",
        ),
        (raw("{\"a\":", 0), "broken header"),
        (raw(&"{\"a\":".repeat(100_000), 0), "broken header"),
        (
            raw(huge, 16),
            "describes 2305843009213693951 bytes of values, found 16",
        ),
        (raw(&format!("{{{}}}", wrapping.join(",")), 16), "found 16"),
        (raw(hole, 8), "broken header"),
        (raw(size, 4), "broken header"),
        (raw(overflow, 4), "broken header"),
        (raw(twice, 0), "two tensors are called `a`"),
        (
            raw("{}", 1),
            "too long: its header describes 0 bytes of values, found 1",
        ),
    ] {
        let message = refusal(bytes);
        assert!(
            message.starts_with("tiny.safetensors: not a valid safetensors file: "),
            "{message}"
        );
        assert!(message.contains(reason), "{message} does not say {reason}");
    }
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let whole = tiny();
    for length in 0..whole.len() {
        let cut = Checkpoint::from_bytes(whole[..length].to_vec(), "cut");
        // Less than the length of the header is nothing that could be known.
        let refused = match cut {
            Err(CheckpointError::Unsupported { .. }) => length < 8,
            Err(CheckpointError::Corrupt { .. }) => length >= 8,
            _ => false,
        };
        assert!(refused, "{length} bytes: {cut:?}");
    }
}

proptest! {
    /// Whatever a damaged file still says, reading it neither panics nor leaves the file's bytes.
    #[test]
    fn damaged_bytes_never_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = tiny();
        for (index, value) in edits {
            let index = index.index(bytes.len());
            bytes[index] = value;
        }
        if let Ok(checkpoint) = Checkpoint::from_bytes(bytes, "damaged") {
            for tensor in checkpoint.tensors() {
                if let Ok(values) = tensor.to_f32() {
                    prop_assert_eq!(values.len(), tensor.shape().iter().product::<usize>());
                }
            }
        }
    }
}

#[test]
fn metadata_in_the_header_is_no_tensor() {
    let values = 1.5f32.to_le_bytes();
    let tensor = FileTensor::new(FileDtype::F32, vec![1], &values).unwrap();
    let about = [("license".to_owned(), "Apache-2.0".to_owned())];
    let bytes = safetensors::serialize([("a", tensor)], Some(about.into_iter().collect()));
    let checkpoint = Checkpoint::from_bytes(bytes.unwrap(), "a").unwrap();
    assert_eq!(checkpoint.names().collect::<Vec<_>>(), ["a"]);
    assert_eq!(checkpoint.read("a").unwrap(), [1.5]);
}
