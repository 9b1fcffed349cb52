use std::fs;

use proptest::prelude::*;

use super::Array;
use crate::formats::testing::npy as numpy;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
        .collect()
}

/// `[[1.5, -2, 3], [4, 5, 6]]` as `<f4`.
fn matrix() -> Vec<u8> {
    numpy(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
        &hex("0000c03f000000c000004040000080400000a0400000c040"),
    )
}

fn array(shape: &[usize], data: &[f32]) -> Array {
    Array {
        shape: shape.to_vec(),
        data: data.to_vec(),
    }
}

#[test]
fn files_of_numpy_are_read() {
    let expected = array(&[2, 3], &[1.5, -2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(Array::parse(&matrix()).unwrap(), expected);
    let fortran = numpy(
        "{'descr': '>f8', 'fortran_order': True, 'shape': (2, 3), }",
        &hex(
            "3ff80000000000004010000000000000c000000000000000401400000000000040080000000000004018000000000000",
        ),
    );
    assert_eq!(Array::parse(&fortran).unwrap(), expected);
    let halves = numpy(
        "{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }",
        &hex("003c00c0"),
    );
    assert_eq!(Array::parse(&halves).unwrap(), array(&[2], &[1.0, -2.0]));
    let scalar = numpy(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (), }",
        &hex("00002040"),
    );
    assert_eq!(Array::parse(&scalar).unwrap(), array(&[], &[2.5]));
    let empty = numpy(
        "{'descr': '<f4', 'fortran_order': True, 'shape': (0, 3), }",
        &[],
    );
    assert_eq!(Array::parse(&empty).unwrap(), array(&[0, 3], &[]));
}

#[test]
fn a_written_file_is_numpys_byte_for_byte() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npy");
    let written = Array::parse(&matrix()).unwrap();
    written.write(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), matrix());
    assert_eq!(Array::read(&path).unwrap(), written);
}

#[test]
fn three_dimensions_in_fortran_order() {
    let c_order: Vec<f32> = (0..24).map(|i| i as f32).collect();
    // Element (i, j, k) of shape [2, 3, 4] lies at i + 2 j + 6 k.
    let mut values = vec![0; 24 * 4];
    for (n, value) in c_order.iter().enumerate() {
        let (i, j, k) = (n / 12, n / 4 % 3, n % 4);
        values[4 * (i + 2 * j + 6 * k)..][..4].copy_from_slice(&value.to_be_bytes());
    }
    let bytes = numpy(
        "{'shape': (2, 3, 4), 'fortran_order': True, 'descr': \">f4\"}",
        &values,
    );
    assert_eq!(Array::parse(&bytes).unwrap(), array(&[2, 3, 4], &c_order));
}

#[test]
fn errors_say_what_is_wrong() {
    let header = |dictionary: &str| numpy(dictionary, &[0; 8]);
    let mut long = b"\x93NUMPY\x02\x00".to_vec();
    long.extend(u32::MAX.to_le_bytes());
    for (bytes, reason) in [
        (b"PK\x03\x04".to_vec(), "NumPy's signature"),
        (b"\x93NUMPY\x09\x00aa".to_vec(), "format version 9.0"),
        (long, "a header of 4294967295 bytes (the limit is"),
        (
            header("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }"),
            "type I64",
        ),
        (
            header("{'descr': '|b1', 'fortran_order': False, 'shape': (8,), }"),
            "type BOOL",
        ),
        (
            header("{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }"),
            "type `<f16`",
        ),
        (
            header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"),
            "Python objects",
        ),
        (
            header("{'descr': '|V2', 'fortran_order': False, 'shape': (4,), }"),
            "bfloat16",
        ),
        (
            header("{'descr': '', 'fortran_order': False, 'shape': (1,), }"),
            "type ``",
        ),
        (
            header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"),
            "records",
        ),
        (
            header("{'descr': '<f4', 'fortran_order': False}"),
            "broken header `{'descr'",
        ),
        (
            header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }"),
            "broken header",
        ),
        (
            header("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }"),
            "broken header",
        ),
        (
            header("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } 1"),
            "broken header",
        ),
        (
            header("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }"),
            "shape [3] needs 12 bytes of values, found 8",
        ),
        (
            header("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"),
            "shape [1] needs 4 bytes of values, found 8",
        ),
        (
            header("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }"),
            "needs too many bytes",
        ),
    ] {
        let found = Array::parse(&bytes).unwrap_err();
        assert!(found.contains(reason), "{found} does not say {reason}");
    }
}

#[test]
fn errors_name_the_file() {
    let missing = Array::read("no/such.npy").unwrap_err().to_string();
    assert!(
        missing.starts_with("no/such.npy: cannot be read: "),
        "{missing}"
    );
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npy");
    let error = array(&[2, 2], &[1.0]).write(&path).unwrap_err().to_string();
    assert!(
        error.contains("a.npy") && error.contains("shape [2, 2] with 1 values"),
        "{error}"
    );
    assert!(!path.exists());
    fs::write(&path, "text").unwrap();
    let error = Array::read(&path).unwrap_err().to_string();
    assert!(
        error.contains("a.npy: not a .npy file of floats"),
        "{error}"
    );
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let whole = matrix();
    for length in 0..whole.len() {
        assert!(Array::parse(&whole[..length]).is_err(), "{length} bytes");
    }
}

proptest! {
    #[test]
    fn damaged_bytes_never_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = matrix();
        for (index, value) in edits {
            let index = index.index(bytes.len());
            bytes[index] = value;
        }
        if let Ok(array) = Array::parse(&bytes) {
            prop_assert_eq!(array.shape.iter().product::<usize>(), array.data.len());
        }
    }

    #[test]
    fn damaged_headers_never_panic(dictionary in r"[{}()\[\]', :a-z0-9]{0,60}") {
        let _ = Array::parse(&numpy(&dictionary, &[0; 8]));
    }
}

/// A device without end is refused by its beginning.
#[cfg(target_os = "linux")]
#[test]
fn devices_are_not_read_to_their_end() {
    let error = Array::read("/dev/zero").unwrap_err().to_string();
    assert!(
        error.contains("does not begin with NumPy's signature"),
        "{error}"
    );
}
