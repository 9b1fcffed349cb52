use rawzip::CompressionMethod;

use crate::formats::testing::{Entry, refusal, three_ones, zip};
use crate::{Checkpoint, Format};

/// Where a byte sequence begins, the `n`th time.
fn find(bytes: &[u8], sequence: &[u8], n: usize) -> usize {
    let mut places = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(sequence));
    places.nth(n).unwrap()
}

/// Offset of the local header in a record of the central directory (APPNOTE 4.3.12).
const LOCAL_OFFSET: usize = 42;
const RECORD: &[u8] = b"PK\x01\x02";

fn two() -> Vec<u8> {
    let array = three_ones();
    zip(&[
        Entry::stored("a.npy", &array),
        Entry::deflated("b.npy", &array),
    ])
}

#[test]
fn stored_entries_are_not_copied() {
    let bytes: &'static [u8] = two().leak();
    let checkpoint = Checkpoint::from_bytes(bytes, "two").unwrap();
    assert_eq!(checkpoint.format(), Format::Npz);
    let values = checkpoint.tensor("a").unwrap().bytes().unwrap();
    assert!(bytes.as_ptr_range().contains(&values.as_ptr()));
    assert_eq!(checkpoint.read("b").unwrap(), [1.0; 3]);
}

#[test]
fn files_are_read_as_memory_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("two.npz");
    std::fs::write(&path, two()).unwrap();
    let checkpoint = Checkpoint::open(&path).unwrap();
    assert_eq!(checkpoint.read("a").unwrap(), [1.0; 3]);
    assert_eq!(checkpoint.read("b").unwrap(), [1.0; 3]);
}

#[test]
fn other_archives_are_named() {
    let names = ["a.jpg", "b.npy", "c.txt", "d", "e"];
    let photos = zip(&names.map(|name| Entry::stored(name, b"x")));
    for (bytes, found) in [
        (zip(&[]), "found an empty zip archive"),
        (
            zip(&[Entry::stored("a.jpg", b"x")]),
            "found a zip archive of `a.jpg`",
        ),
        (
            photos,
            "found a zip archive of `a.jpg`, `b.npy`, `c.txt` and 2 more",
        ),
    ] {
        let message = refusal(bytes);
        assert!(message.ends_with(found), "{message}");
    }
}

#[test]
fn entries_that_cannot_be_read_are_explained() {
    let array = three_ones();
    let encrypted = Entry {
        encrypted: true,
        ..Entry::stored("a.npy", &array)
    };
    let lzma = Entry {
        method: CompressionMethod::LZMA,
        ..Entry::stored("a.npy", &array)
    };
    let longer = Entry {
        size: Some(141),
        ..Entry::stored("a.npy", &array)
    };
    let bomb = Entry {
        size: Some(1 << 40),
        ..Entry::deflated("a.npy", &array)
    };
    for (entry, reason) in [
        (encrypted, "entry `a.npy`: it is encrypted"),
        (lzma, "entry `a.npy`: it is compressed as 14 (LZMA)"),
        (longer, "it is 140 bytes long, but said to have 141"),
        (
            bomb,
            "said to inflate to 1099511627776 (the limit is 16777216)",
        ),
    ] {
        let message = refusal(zip(&[entry]));
        assert!(message.contains("not a valid NumPy archive"), "{message}");
        assert!(message.contains(reason), "{message} does not say {reason}");
    }
}

/// Sizes that an archive declares differ from what its entries inflate to.
#[test]
fn entries_of_another_size_are_refused() {
    let array = three_ones();
    // Two values more and less in the header, so that only the compressed bytes disagree.
    let text = |from: &str, to: &str| {
        let text = String::from_utf8_lossy(&array[10..128]).replace(from, to);
        [&array[..10], text.as_bytes(), &array[128..]].concat()
    };
    for (bytes, size, reason) in [
        (text("(3,)", "(5,)"), 148, "ends too early"),
        (text("(3,)", "(1,)"), 132, "is longer than declared"),
    ] {
        let entry = Entry {
            size: Some(size),
            ..Entry::deflated("a.npy", &bytes)
        };
        let checkpoint = Checkpoint::from_bytes(zip(&[entry]), "odd").unwrap();
        let message = checkpoint.read("a").unwrap_err().to_string();
        assert!(message.contains(reason), "{message} does not say {reason}");
    }
}

#[test]
fn damaged_compressed_bytes_are_refused() {
    let mut bytes = two();
    let data = find(&bytes, b"b.npy", 0) + "b.npy".len();
    for byte in &mut bytes[data + 40..data + 44] {
        *byte ^= 0xff;
    }
    let message = match Checkpoint::from_bytes(bytes, "odd") {
        Ok(checkpoint) => checkpoint.read("b").unwrap_err().to_string(),
        Err(error) => error.to_string(),
    };
    assert!(message.contains("damaged: a compressed entry"), "{message}");
}

#[test]
fn archives_that_lie_are_refused() {
    let array = three_ones();
    let twice = zip(&[
        Entry::stored("a.npy", &array),
        Entry::stored("a.npy", &array),
    ]);
    // Both records point to the first entry.
    let mut overlapping = two();
    let record = find(&overlapping, RECORD, 1);
    overlapping[record + LOCAL_OFFSET..][..4].fill(0);
    let mut outside = two();
    let record = find(&outside, RECORD, 1);
    outside[record + LOCAL_OFFSET..][..4].fill(0xfe);
    for (bytes, reason) in [
        (twice, "two entries are called `a.npy`"),
        (overlapping, "its entries overlap"),
        (outside, "an entry reaches beyond its end"),
    ] {
        let message = refusal(bytes);
        assert!(message.contains("a zip archive, damaged: "), "{message}");
        assert!(message.contains(reason), "{message} does not say {reason}");
    }
}

#[test]
fn an_archive_cut_anywhere_is_refused() {
    let whole = two();
    for length in 4..whole.len() {
        let message = refusal(whole[..length].to_vec());
        assert!(
            message.contains("found a zip archive, "),
            "{length} bytes: {message}"
        );
    }
}
