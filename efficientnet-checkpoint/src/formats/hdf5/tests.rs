//! Damage made by hand to files of h5py. What a reader must not believe, byte by byte.

use crate::Checkpoint;

const NUMBERS: &[u8] = include_bytes!("../../../tests/data/hdf5/numbers.h5");
const NUMBERS_V108: &[u8] = include_bytes!("../../../tests/data/hdf5/numbers.v108.h5");

fn refusal(bytes: Vec<u8>) -> String {
    crate::formats::testing::refusal(bytes)
}

fn edited(file: &[u8], position: usize, bytes: &[u8]) -> Vec<u8> {
    let mut edited = file.to_vec();
    edited[position..position + bytes.len()].copy_from_slice(bytes);
    edited
}

/// Where a signature first stands.
fn find(file: &[u8], signature: &[u8]) -> usize {
    let mut windows = file.windows(signature.len());
    windows.position(|window| window == signature).unwrap()
}

#[test]
fn superblocks_are_checked() {
    let corrupt = |reason: &str| format!("odd: not a valid Keras HDF5 file: {reason}");
    for (file, widths, end) in [(NUMBERS, 13, 40), (NUMBERS_V108, 9, 28)] {
        assert!(Checkpoint::from_bytes(file, "whole").is_ok());
        assert_eq!(
            refusal(edited(file, 8, &[9])),
            "odd: expected a checkpoint (.safetensors, .pth, .npz, .h5 or .keras), found HDF5 with a \
             superblock of version 9"
        );
        assert_eq!(
            refusal(edited(file, widths, &[3])),
            corrupt("its addresses are of no possible size")
        );
        assert_eq!(
            refusal(edited(file, end, &1_000_000u64.to_le_bytes())),
            corrupt(&format!(
                "truncated: it has {} of 1000000 bytes",
                file.len()
            ))
        );
        assert_eq!(
            refusal(file[..20].to_vec()),
            corrupt("truncated or damaged: a header ends inside a field")
        );
    }
}

#[test]
fn signatures_are_checked() {
    for signature in ["TREE", "HEAP", "SNOD"] {
        let position = find(NUMBERS, signature.as_bytes());
        let message = refusal(edited(NUMBERS, position, b"X"));
        let expected = format!("root group: the signature {signature} is missing");
        assert!(message.ends_with(&expected), "{message}");
    }
    let position = find(NUMBERS, b"GCOL");
    let message = refusal(edited(NUMBERS, position, b"X"));
    assert!(
        message.ends_with("the signature GCOL is missing"),
        "{message}"
    );
    let position = find(NUMBERS_V108, b"OHDR");
    let message = refusal(edited(NUMBERS_V108, position, b"X"));
    assert!(message.contains("there is no header at 48"), "{message}");
}

#[test]
fn counts_and_sizes_are_compared_with_the_file() {
    // Entries of the root's tree.
    let position = find(NUMBERS, b"TREE") + 6;
    let message = refusal(edited(NUMBERS, position, &[0xff; 2]));
    assert!(
        message.contains("root group: 1048560 bytes at"),
        "{message}"
    );
    // Bytes of the root's names.
    let position = find(NUMBERS, b"HEAP") + 8;
    let message = refusal(edited(NUMBERS, position, &[0x7f; 8]));
    assert!(message.contains("lie outside of the file"), "{message}");
}

/// A node that is its own child, at a level that it cannot have.
#[test]
fn trees_in_circles_end() {
    let tree = find(NUMBERS, b"TREE");
    let level = edited(NUMBERS, tree + 5, &[1]);
    let message = refusal(edited(&level, tree + 32, &(tree as u64).to_le_bytes()));
    assert!(message.contains("belongs elsewhere"), "{message}");
}

/// A block of messages whose only one says that it goes on where it begins.
#[test]
fn headers_in_circles_end() {
    // The root's first message: kind, size, flags, then address and length.
    const MESSAGE: usize = 112;
    assert_eq!(NUMBERS[MESSAGE..][..4], [0x10, 0, 16, 0]);
    let block = [MESSAGE as u64, 24].map(u64::to_le_bytes).concat();
    let message = refusal(edited(NUMBERS, MESSAGE + 8, &block));
    assert!(message.contains("run in circles"), "{message}");
}

#[test]
fn impossible_chunks_are_refused() {
    // A layout: version, class, dimensions, address, lengths; filters: version, count.
    let layout = find(NUMBERS, &[3, 2, 4, 0x98, 0x2e]);
    let filters = find(NUMBERS, &[1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 8, 0]);
    for (position, bytes, reason) in [
        (layout + 11, &[0; 4][..], "do not fit into its shape"),
        (layout + 11, &[0xff; 4], "do not make up its shape"),
        (layout + 2, &[3], "do not fit into its shape"),
        (
            filters + 1,
            &[33],
            "it went through 33 filters (the limit is 32)",
        ),
    ] {
        let message = refusal(edited(NUMBERS, position, bytes));
        assert!(message.contains(reason), "{message} does not say {reason}");
    }
}

#[test]
fn a_broken_chunk_is_an_error_of_its_tensor_alone() {
    // The first chunk of zlib's best compression.
    let position = find(NUMBERS, b"\x78\xda");
    let damaged = edited(NUMBERS, position + 2, &[0xff; 4]);
    let checkpoint = Checkpoint::from_bytes(damaged, "odd").unwrap();
    let error = checkpoint.read("chunked/one").unwrap_err().to_string();
    assert_eq!(
        error,
        "odd: cannot be read: damaged: a chunk of values is broken"
    );
    assert!(checkpoint.read("chunked/deflated").is_ok());
}

/// Every chunk may inflate to a multiple of what is stored, so that none may be stored but once.
#[test]
fn chunks_of_the_same_bytes_are_refused() {
    let file = include_bytes!("../../../tests/data/hdf5/many.h5");
    // A leaf of a tree of chunks of one dimension: header, then keys of 24 bytes and addresses.
    let addresses = find(file, b"TREE\x01\x00") + 24 + 24;
    let first: [u8; 8] = *file[addresses..].first_chunk().unwrap();
    let message = refusal(edited(file, addresses + 24 + 8, &first));
    assert!(
        message.ends_with("`chunks`: its chunks overlap in the file"),
        "{message}"
    );
}
