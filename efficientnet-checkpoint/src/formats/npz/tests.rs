use crate::formats::testing::{Entry, npy, refusal, three_ones, zip};
use crate::{Checkpoint, Dtype, Format};

fn archive(array: &[u8]) -> Vec<u8> {
    zip(&[Entry::stored("stem/kernel.npy", array)])
}

#[test]
fn names_may_be_paths() {
    let checkpoint = Checkpoint::from_bytes(archive(&three_ones()), "a").unwrap();
    assert_eq!(checkpoint.format(), Format::Npz);
    assert_eq!(checkpoint.names().collect::<Vec<_>>(), ["stem/kernel"]);
    assert_eq!(checkpoint.read("stem/kernel").unwrap(), [1.0; 3]);
}

#[test]
fn orders_of_elements_and_bytes_are_undone() {
    // 1 to 6 in rows, as columns.
    let values = [1.0f32, 4.0, 2.0, 5.0, 3.0, 6.0];
    let fortran = npy(
        "{'descr': '>f4', 'fortran_order': True, 'shape': (2, 3), }",
        &values.map(f32::to_be_bytes).concat(),
    );
    let checkpoint = Checkpoint::from_bytes(archive(&fortran), "a").unwrap();
    let tensor = checkpoint.tensor("stem/kernel").unwrap();
    assert_eq!((tensor.shape(), tensor.dtype()), (&[2, 3][..], Dtype::F32));
    assert_eq!(tensor.to_f32().unwrap(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let empty = npy(
        "{'descr': '<f4', 'fortran_order': True, 'shape': (0, 3), }",
        &[],
    );
    let checkpoint = Checkpoint::from_bytes(archive(&empty), "a").unwrap();
    assert!(checkpoint.read("stem/kernel").unwrap().is_empty());
}

#[test]
fn arrays_that_cannot_be_read_are_explained() {
    let array = |descr: &str, shape: &str, bytes: usize| {
        npy(
            &format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"),
            &vec![0; bytes],
        )
    };
    let huge = "(4294967296, 4294967296)";
    let dimensions = format!("({})", "1,".repeat(65));
    let mut long_header = b"\x93NUMPY\x02\x00".to_vec();
    long_header.extend(u32::MAX.to_le_bytes());
    let mut cut = three_ones();
    cut.truncate(100);
    for (array, reason) in [
        (Vec::new(), "does not begin with NumPy's signature"),
        (b"hello".to_vec(), "does not begin with NumPy's signature"),
        (cut, "it ends inside its header"),
        (
            long_header,
            "a header of 4294967295 bytes (the limit is 65536)",
        ),
        (array("'|O'", "(1,)", 8), "Python objects (type `|O`)"),
        (array("'|V2'", "(2,)", 4), "what NumPy makes of bfloat16"),
        (array("'<V2'", "(2,)", 4), "what NumPy makes of bfloat16"),
        (array("'<U1'", "(1,)", 4), "values of type `<U1`"),
        (array("'<c8'", "(1,)", 8), "values of type `<c8`"),
        (array("[('a', '<f4')]", "(1,)", 4), "records"),
        (
            array("'<f4'", "(3,)", 8),
            "shape [3] needs 12 bytes of values, found 8",
        ),
        (array("'<f4'", huge, 8), "needs too many bytes"),
        (array("'<f4'", &dimensions, 4), "broken header"),
    ] {
        let message = refusal(archive(&array));
        let start = "odd: not a valid NumPy archive file: entry `stem/kernel.npy`: ";
        assert!(message.starts_with(start), "{message}");
        assert!(message.contains(reason), "{message} does not say {reason}");
    }
}
