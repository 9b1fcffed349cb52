//! Small files that would become large, or take long, if they were believed.

use super::testing::{Entry, npy, refusal, three_ones, zip};

/// Bytes that do not shrink.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1u32;
    let byte = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..length).map(byte).collect()
}

/// A header of safetensors and values.
fn safetensors(header: &str, values: usize) -> Vec<u8> {
    let length = (header.len() as u64).to_le_bytes();
    [&length[..], header.as_bytes(), &vec![0; values]].concat()
}

#[test]
fn archives_of_very_many_entries_are_refused() {
    let names: Vec<_> = (0..65_537).map(|number| format!("{number}.npy")).collect();
    let entries: Vec<_> = names.iter().map(|name| Entry::stored(name, b"")).collect();
    let message = refusal(zip(&entries));
    let expected = "it has 65537 entries or more (the limit is 65536)";
    assert!(message.ends_with(expected), "{message}");
}

/// An archive in an archive is bytes: no reader unpacks what it has unpacked.
#[test]
fn archives_in_archives_are_not_unpacked() {
    let zeros = npy(
        "{'descr': '|u1', 'fortran_order': False, 'shape': (10000000,), }",
        &[0; 10_000_000],
    );
    let inner = zip(&[Entry::deflated("a.npy", &zeros)]);
    let message = refusal(zip(&[Entry::deflated("a.npy", &inner)]));
    let expected = "entry `a.npy`: it does not begin with NumPy's signature";
    assert!(message.ends_with(expected), "{message}");
    let message = refusal(zip(&[Entry::deflated("model.weights.h5", &inner)]));
    let expected = "entry `model.weights.h5`: it has no signature";
    assert!(message.ends_with(expected), "{message}");
    let message = refusal(zip(&[Entry::deflated("net/data.pkl", &inner)]));
    assert!(message.contains("opcode 0x50"), "{message}");
}

/// Within the ratio that an archive may have, but more than the entry can need.
#[test]
fn entries_that_are_read_at_once_are_limited() {
    let megabytes = noise(2 << 20);
    let large = |name| Entry {
        size: Some(65 << 20),
        ..Entry::deflated(name, &megabytes)
    };
    let weights = Entry::stored(
        "model.weights.h5",
        include_bytes!("../../tests/data/hdf5/bfloat16.h5"),
    );
    let pickle = Entry::stored("net/data.pkl", b"\x80\x02}.");
    for (archive, reason) in [
        (
            zip(&[large("net/data.pkl")]),
            "entry `net/data.pkl`: it has 68157440 bytes (the limit is 67108864)",
        ),
        (
            zip(&[pickle, large("net/byteorder")]),
            "entry `net/byteorder`: it has 68157440 bytes (the limit is 16)",
        ),
        (
            zip(&[weights, large("config.json")]),
            "entry `config.json`: it has 68157440 bytes (the limit is 8388608)",
        ),
    ] {
        let message = refusal(archive);
        assert!(message.ends_with(reason), "{message} does not say {reason}");
    }
}

#[test]
fn arrays_that_claim_more_than_they_have_are_refused() {
    let claims = npy(
        "{'descr': '<f4', 'fortran_order': True, 'shape': (4294967295, 1073741824), }",
        &[0; 12],
    );
    let message = refusal(zip(&[Entry::deflated("a.npy", &claims)]));
    assert!(
        message.contains("needs 18446744069414584320 bytes of values, found 12"),
        "{message}"
    );
    let array = three_ones();
    let message = refusal(zip(&[Entry {
        size: Some((16 << 20) + 1),
        ..Entry::deflated("a.npy", &array)
    }]));
    assert!(
        message.contains("said to inflate to 16777217 (the limit is 16777216)"),
        "{message}"
    );
}

/// A network asks for hundreds of names that are made of one in the file.
#[test]
fn long_names_are_refused() {
    let file = |length: usize| {
        let name = "a".repeat(length);
        let tensor = r#"{"dtype":"U8","shape":[],"data_offsets":[0,1]}"#;
        safetensors(&format!(r#"{{"{name}":{tensor}}}"#), 1)
    };
    assert!(crate::Checkpoint::from_bytes(file(1024), "long").is_ok());
    let message = refusal(file(1025));
    assert!(
        message.contains("a tensor's name has 1025 bytes (the limit is 1024)"),
        "{message}"
    );
}

#[test]
fn long_lists_are_refused() {
    let ones = ["1"; 65].join(",");
    let tensor = format!(r#"{{"a":{{"dtype":"U8","shape":[{ones}],"data_offsets":[0,1]}}}}"#);
    let message = refusal(safetensors(&tensor, 1));
    assert!(
        message.contains("a list of more than 64 numbers"),
        "{message}"
    );
    // Brackets that nothing closes.
    let message = refusal(safetensors(
        &format!(r#"{{"a":{{"x":{}"#, "[".repeat(1 << 20)),
        0,
    ));
    assert!(message.contains("broken header"), "{message}");
}
